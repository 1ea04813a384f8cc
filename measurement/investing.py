"""What the work cost and what it was worth: hours at their price, and payback from stated assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q

from engagement.models import Reply
from measurement.counts import Counts
from measurement.metrics import ratio
from measurement.models import Assumption
from measurement.reading import by_step, counts_of
from measurement.selecting import Selection
from measurement.windows import Window
from roles.models import Member
from roles.statements import Statement

# Hours by day; None where whoever looks may not see them.
Hours = Callable[[Selection, Member | None], Mapping[date, float] | None]
_hours: list[Hours] = []
About = Assumption.About
# What is read of hours and their prices alone.
SPENT = ("hours_spent", "cost", "cost_per_answer")


@dataclass(frozen=True)
class Line:
    """One assumption, how often it applied in these days, and what that makes."""

    assumption: Assumption
    times: float
    amount: float


@dataclass(frozen=True)
class Invested:
    """Hours, at which price each, and how many nobody has put a price on; None: whoever looks may not see them."""

    hours: float | None
    lines: Sequence[Line]
    unpriced: float

    @property
    def amount(self) -> float | None:
        """What they cost; None where there are none, or not all have a price."""
        return sum(line.amount for line in self.lines) if self.hours and not self.unpriced else None


@dataclass(frozen=True)
class Return:
    """Payback beside investment."""

    put_in: Invested
    lines: Sequence[Line]
    currency: str
    # Answers on the practice field: they pay nothing back, but the hours spent on them are among those put in.
    practised: int = 0

    @property
    def payback(self) -> float | None:
        """What came back; None where nobody stated what anything brings in."""
        return sum(line.amount for line in self.lines) if self.lines else None

    @property
    def value(self) -> float | None:
        """(payback - investment) ÷ investment; None where one of them is not stated."""
        investment, payback = self.put_in.amount, self.payback
        return ratio(payback - investment, investment) if investment and payback is not None else None


def spend_hours(hours: Hours) -> None:
    """Name the app that knows how many hours were spent; it is one above."""
    _hours[:] = [hours]


def currency() -> str:
    """In what amounts are stated; empty where none is."""
    return next((said for (said,) in _CURRENCY.rows()), "")


_CURRENCY = Statement(lambda: Assumption.objects.filter(withdrawn_at=None).order_by("pk").values_list("currency")[:1])


def invested(selection: Selection, viewer: Member | None = None) -> Invested:
    """What was put in: hours at what an hour cost on their day."""
    [put_in] = invested_each(selection, [selection.window], viewer)
    return put_in


def invested_each(selection: Selection, windows: Sequence[Window], viewer: Member | None = None) -> list[Invested]:
    """The same of each of some windows, whatever days the selection has; hours and prices are read once."""
    first, last = min(window.first for window in windows), max(window.last for window in windows)
    all_days = selection.on(Window(first, last, selection.window.zone))
    hours, prices = _hours[0](all_days, viewer) if _hours else None, _prices(selection)
    return [
        _at_prices(hours and {day: count for day, count in hours.items() if one.first <= day <= one.last}, prices)
        for one in windows
    ]


def _prices(selection: Selection) -> list[Assumption]:
    """A department's own price before that of the whole; of each the newest that had begun."""
    prices = [row for row in _stated() if row.about == About.HOUR and row.department_id in {None, selection.department}]
    return sorted(prices, key=lambda row: row.department_id is None)


def _at_prices(hours: Mapping[date, float] | None, prices: Sequence[Assumption]) -> Invested:
    priced: dict[int, float] = {}
    unpriced = 0.0
    for day, count in (hours or {}).items():
        price = next((row for row in prices if _holds(row, day)), None)
        if price is None:
            unpriced += count
        else:
            priced[price.pk] = priced.get(price.pk, 0.0) + count
    lines = [Line(row, priced[row.pk], priced[row.pk] * float(row.amount)) for row in prices if row.pk in priced]
    return Invested(None if hours is None else sum(hours.values()), lines, unpriced)


def return_of(selection: Selection, *, at: datetime, viewer: Member | None = None) -> Return:
    """Lay what came back beside what was put in."""
    rows = _of_payback(selection)
    lines = [line for row in rows for line in [_line(row, selection, at)] if line is not None]
    return Return(invested(selection, viewer), lines, currency(), _practised(selection, at))


def _of_payback(selection: Selection) -> list[Assumption]:
    """What is stated of payback and applies to a selection.

    Sums of departments are among those of the whole, but not the other way round. What each is worth says a department
    for itself before the whole says it for all; what only departments have said of something counts for the whole too.
    """
    rows = [row for row in _stated() if row.about != About.HOUR]
    said = {(row.metric, row.department_id) for row in rows if row.about == About.EACH}

    def applies(row: Assumption) -> bool:
        own, whole = row.department_id, selection.department is None
        if row.about == About.SUM:
            return whole or own in selection.departments
        if own is None:
            return whole or (row.metric, selection.department) not in said
        return own == selection.department or (whole and (row.metric, None) not in said)

    return [row for row in rows if applies(row)]


def _practised(selection: Selection, at: datetime) -> int:
    if selection.network or selection.side == "practice":
        return 0
    return counts_of(replace(selection, side="practice"), at=at, parts=["worked"]).answered


def spending(selection: Selection, at: datetime, viewer: Member | None) -> Mapping[str, float | None]:
    """The metrics of `measurement.spending_metrics`."""
    if selection.network or selection.member or not selection.of_work:
        return {}
    [found] = spending_by_step(selection, [selection.window], at=at, viewer=viewer)
    return found


def spending_by_step(
    selection: Selection, windows: Sequence[Window], *, at: datetime, viewer: Member | None
) -> list[Mapping[str, float | None]]:
    """The metrics of `SPENT` for each of the windows that make up some days; hours and prices are read once."""
    counted = by_step(selection, windows, at=at, parts=["worked"])
    found: list[Mapping[str, float | None]] = []
    for put_in, counts in zip(invested_each(selection, windows, viewer), counted, strict=True):
        cost = put_in.amount
        per_answer = None if cost is None else ratio(cost, counts.answered)
        found.append({"hours_spent": put_in.hours, "cost": cost, "cost_per_answer": per_answer})
    return found


def _stated() -> list[Assumption]:
    return list(Assumption.objects.filter(withdrawn_at=None).order_by("-first_day", "-pk"))


def _line(row: Assumption, selection: Selection, at: datetime) -> Line | None:
    """What one assumption of payback makes of these days; nothing where it holds on none of them."""
    window = selection.window
    first = max(row.first_day, window.first)
    last = min(row.last_day or window.last, window.last)
    if last < first:
        return None
    if row.about == About.SUM and row.last_day is not None:
        # What came in over some days is spread over them evenly.
        times = ((last - first).days + 1) / ((row.last_day - row.first_day).days + 1)
        return Line(row, times, times * float(row.amount))
    part = replace(
        selection, window=Window(first, last, window.zone), department=selection.department or row.department_id
    )
    times = _times(row.metric, part, at)
    return Line(row, times, times * float(row.amount))


def _times(metric: str, selection: Selection, at: datetime) -> float:
    if metric == "replies":
        written = Q(written_at__gte=selection.window.start, written_at__lt=selection.window.end)
        return Reply.objects.filter(written, selection.work("assignment__")).count()
    counts: Counts = counts_of(selection, at=at, parts=["heard", "worked"])
    return {
        "captured": counts.captured,
        "assigned": counts.assigned,
        "answers": counts.answered,
        "resolutions": counts.resolved,
    }.get(metric, 0)


def _holds(row: Assumption, day: date) -> bool:
    return row.first_day <= day and (row.last_day is None or day <= row.last_day)
