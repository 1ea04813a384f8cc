"""All figures of a window beside those of the window before it, read from the roll-ups in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet, Subquery, Sum, Value

from listening.models import TrackingQuery
from listening.networks import label_of
from measurement.counts import ADDED, Counts
from measurement.models import DailyMentions, DailyResponses, DailyTopics, RollUp, StaleHour
from measurement.querysets import Backlog, backlog_by_network, rehearsals
from measurement.reading import add_packs
from measurement.selecting import Selection, Side
from measurement.steps import StepOfDay
from measurement.timeline import Mark
from measurement.windows import Window
from roles.statements import Statement

# What the page draws by day; what else there is stands in `measurement.measuring`.
DRAWN = ("first_response", "business_response")
SOUNDS = ("negative", "neutral", "positive")


@dataclass
class Figures:
    """Everything that the page, its tables and the API show."""

    selection: Selection
    both_sides: bool
    now: Counts
    before: Counts
    steps: list[Counts]
    backlog: int
    overdue: int
    apart: Counts
    computed_at: datetime | None
    pending_hours: int
    query_names: dict[int, str]
    # What happened then, each with its page where whoever looks may open it.
    marks: list[tuple[Mark, str]] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """Its days."""
        return self.selection.window

    @property
    def side(self) -> Side:
        """Outside, or the practice field."""
        return self.selection.side

    @property
    def networks(self) -> list[str]:
        """The networks that have figures, in the order of their names."""
        return sorted({*self.now.by_network, *self.before.by_network}, key=lambda name: label_of(name).lower())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to show."""
        nothing = not (self.now.captured or self.before.captured or self.now.assigned or self.before.assigned)
        return nothing and not self.backlog and not self.pending_hours


def figures(
    window: Window, *, at: datetime, side: Side | None = None, only: Mapping[str, Any] | None = None
) -> Figures:
    """Read every figure of the window; where no side is named, the outside if anything was heard there.

    Narrowed to a part (`only`, as a `Selection` names it), what cannot be told of it stays at nothing.
    """
    part = Selection(window, **(only or {}))
    before, steps = Counts(window.before()), [Counts(step) for step in window.steps()]
    periods = [before, *steps]
    starts = [period.window.first for period in periods]
    span = {"first": before.window.first, "last": window.last}
    about = {"query": part.query, "topic": part.topic}
    mentions = _HEARD.rows(**span, **about, starts=starts) if part.of_mentions else []
    responses = _WORKED.rows(*part.departments, **span, starts=starts) if part.of_work else []
    backlog = backlog_by_network(window, at, part.departments) if part.of_work else []
    practice = rehearsals()
    heard = {network for _step, network, *_counts in (*mentions, *responses)} | {row.network for row in backlog}
    side = side or ("practice" if heard and heard <= practice else "outside")
    ours = {name for name in heard if (name in practice) == (side == "practice")}
    if part.network:
        # As elsewhere: a network that is named is told whichever side it is on.
        ours = heard & {part.network}
    now, apart = Counts(window), Counts(window)
    _count(mentions, responses, periods, ours)
    # Where those are all that were heard, no row is asked for its own.
    only_of = () if ours == heard else tuple(sorted(ours))
    if responses and ours:
        waits = _WAITS.rows(only_of, *part.departments, **span, starts=starts)
        add_packs(waits, [(name, name) for name in DRAWN], dict(enumerate(periods, start=1)))
    now.add(steps)
    # What lies before the window is no part of it there either.
    _count(mentions, responses, [Counts(before.window), *([apart] * len(steps))], heard - ours)
    if part.of_mentions and not part.topic and ours:
        _count_queries(now, before, only_of, part.query)
    _count_overdue(backlog, now, before, ours)
    computed_at, pending = _state(before.window, window)
    return Figures(
        selection=replace(part, side=side),
        both_sides=bool(heard - ours) and bool(ours or side == "practice"),
        now=now,
        before=before,
        steps=steps,
        backlog=sum(row.unresolved for row in backlog if row.network in ours),
        overdue=sum(row.overdue for row in backlog if row.network in ours),
        apart=apart,
        computed_at=computed_at,
        pending_hours=pending,
        query_names=dict(_QUERIES.rows()),
    )


def _state(first: Window, last: Window) -> tuple[datetime | None, int]:
    """When the roll-ups were computed last, and how many hours from one window to another have changed since."""
    for computed_at, stale in _COMPUTED.rows(begins=first.start, ends=last.end):
        return computed_at, stale or 0
    return None, _changed(first.start, last.end).aggregate(hours=Count("hour", distinct=True))["hours"]


def _changed(begins: datetime, ends: datetime) -> QuerySet[StaleHour]:
    return StaleHour.objects.filter(hour__gte=begins, hour__lt=ends).order_by()


def _computed(*, begins: datetime, ends: datetime) -> QuerySet[Any, Any]:
    changed = _changed(begins, ends).values("organization")
    hours = changed.annotate(hours=Count("hour", distinct=True)).values("hours")
    return RollUp.objects.values_list("computed_at", Subquery(hours))


def _heard(*, query: int | None, topic: int | None, first: date, last: date, starts: list[date]) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = DailyMentions.objects.filter(query_id=query or 0)
    if topic:
        rows = DailyTopics.objects.filter(topic_id=topic)
    return _by_step(rows.filter(day__gte=first, day__lte=last), starts, "captured", *SOUNDS)


def _worked(*departments: int, first: date, last: date, starts: list[date]) -> QuerySet[Any, Any]:
    return _by_step(_of_work(departments, first, last), starts, *ADDED)


def _waits(
    networks: tuple[str, ...], *departments: int, first: date, last: date, starts: list[date]
) -> QuerySet[Any, Any]:  # fmt: skip
    rows: Any = _of_networks(_of_work(departments, first, last), networks).order_by()
    found: QuerySet[Any, Any] = rows.annotate(part=StepOfDay(starts)).values_list("part", *DRAWN)
    return found


def _of_work(departments: Sequence[int], first: date, last: date) -> QuerySet[Any, Any]:
    rows = DailyResponses.objects.filter(department_id__in=departments or [0])
    return rows.filter(day__gte=first, day__lte=last)


def _by_step(rows: QuerySet[Any, Any], starts: list[date], *columns: str) -> QuerySet[Any, Any]:
    """Columns added up by step and network."""
    sums = {f"all_{name}": Sum(name) for name in columns}
    parts: Any = rows.order_by().annotate(part=StepOfDay(starts)).values_list("part", "network")
    found: QuerySet[Any, Any] = parts.annotate(**sums)
    return found


def _matched(
    networks: tuple[str, ...], *, query: int | None, first: date, last: date, then: date
) -> QuerySet[Any, Any]:
    """Mentions of each query before some day, and from it on."""
    rows = _of_networks(DailyMentions.objects.order_by(), networks)
    wanted = rows.filter(query_id=query) if query else rows.filter(query_id__gt=0)
    # Each half by itself: asking of each of very many rows in which half it lies takes twice as long.
    before, now = wanted.filter(day__gte=first, day__lt=then), wanted.filter(day__gte=then, day__lte=last)
    halves = (
        half.annotate(is_now=Value(half is now)).values_list("is_now", "query_id").annotate(all=Sum("captured"))
        for half in (before, now)
    )
    found: QuerySet[Any, Any] = next(halves).union(next(halves), all=True)
    return found


def _of_networks(rows: QuerySet[Any, Any], networks: Sequence[str]) -> QuerySet[Any, Any]:
    return rows.filter(network__in=networks) if networks else rows


_COMPUTED, _HEARD, _WORKED, _WAITS = (Statement(build) for build in (_computed, _heard, _worked, _waits))
_MATCHED = Statement(_matched)
_QUERIES = Statement(lambda: TrackingQuery.objects.order_by("name").values_list("pk", "name"))


def _count(
    mentions: Iterable[Sequence[Any]], responses: Iterable[Sequence[Any]], periods: Sequence[Counts], networks: set[str]
) -> None:
    """Add what was counted of some networks to the periods in which it lies."""
    for step, network, captured, *sounds in mentions:
        if network in networks:
            periods[step - 1].by_network[network] += captured
            _add(periods[step - 1], SOUNDS, sounds)
    for step, network, *sums in responses:
        if network in networks:
            _add(periods[step - 1], ADDED, sums)


def _add(period: Counts, names: Sequence[str], sums: Sequence[int]) -> None:
    for name, count in zip(names, sums, strict=True):
        setattr(period, name, getattr(period, name) + count)


def _count_queries(now: Counts, before: Counts, networks: tuple[str, ...], query: int | None) -> None:
    days = {"first": before.window.first, "last": now.window.last, "then": now.window.first}
    for is_now, key, captured in _MATCHED.rows(networks, query=query, **days):
        (now if is_now else before).by_query[key] = captured


def _count_overdue(backlog: Iterable[Backlog], now: Counts, before: Counts, networks: set[str]) -> None:
    for row in backlog:
        if row.network in networks:
            now.overdue += row.overdue_now
            before.overdue += row.overdue_before
