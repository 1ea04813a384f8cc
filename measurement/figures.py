"""All figures of a window beside those of the window before it, read from the roll-ups in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Sum, Value

from listening.models import TrackingQuery
from listening.networks import label_of
from measurement.counts import ADDED, Counts
from measurement.models import DailyMentions, DailyResponses, DailyTopics, RollUp, StaleHour
from measurement.querysets import Backlog, backlog_by_network, rehearsals
from measurement.reading import add_histograms
from measurement.selecting import Selection, Side
from measurement.steps import StepOfDay
from measurement.timeline import Mark
from measurement.windows import Window

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
    span = Q(day__gte=before.window.first, day__lte=window.last)
    step = StepOfDay([period.window.first for period in periods])
    mentions = _by_step(_heard(part).filter(span), step, "captured", *SOUNDS) if part.of_mentions else []
    answered = DailyResponses.objects.filter(span, department_id__in=part.departments or [0])
    responses = _by_step(answered, step, *ADDED) if part.of_work else []
    backlog = backlog_by_network(window, at, part.departments) if part.of_work else []
    practice = rehearsals()
    heard = {row["network"] for row in (*mentions, *responses)} | {row.network for row in backlog}
    side = side or ("practice" if heard and heard <= practice else "outside")
    ours = {name for name in heard if (name in practice) == (side == "practice")}
    if part.network:
        # As elsewhere: a network that is named is told whichever side it is on.
        ours = heard & {part.network}
    now, apart = Counts(window), Counts(window)
    _count(mentions, responses, periods, ours)
    if responses:
        waits = _of_networks(answered, ours, heard).order_by().annotate(part=step)
        add_histograms(waits, [(name, name) for name in DRAWN], dict(enumerate(periods, start=1)), is_long=False)
    now.add(steps)
    # What lies before the window is no part of it there either.
    _count(mentions, responses, [Counts(before.window), *([apart] * len(steps))], heard - ours)
    if part.of_mentions and not part.topic:
        _count_queries(now, before, _of_networks(DailyMentions.objects.order_by(), ours, heard), part.query)
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
        query_names=dict(TrackingQuery.objects.order_by("name").values_list("pk", "name")),
    )


def _state(first: Window, last: Window) -> tuple[datetime | None, int]:
    """When the roll-ups were computed last, and how many hours from one window to another have changed since."""
    stale = StaleHour.objects.filter(hour__gte=first.start, hour__lt=last.end).order_by()
    hours = stale.values("organization").annotate(hours=Count("hour", distinct=True)).values("hours")
    if found := RollUp.objects.values_list("computed_at", Subquery(hours)).first():
        return found[0], found[1] or 0
    return None, stale.aggregate(hours=Count("hour", distinct=True))["hours"]


def _heard(part: Selection) -> QuerySet[Any, Any]:
    if part.topic:
        return DailyTopics.objects.filter(topic_id=part.topic)
    return DailyMentions.objects.filter(query_id=part.query or 0)


def _by_step(rows: QuerySet[Any, Any], step: StepOfDay, *columns: str) -> list[dict[str, Any]]:
    """Columns added up by step and network."""
    sums = {f"all_{name}": Sum(name) for name in columns}
    return list(rows.order_by().annotate(part=step).values("part", "network").annotate(**sums))


def _count(mentions: Iterable[Any], responses: Iterable[Any], periods: Sequence[Counts], networks: set[str]) -> None:
    """Add what was counted of some networks to the periods in which it lies."""
    for row in mentions:
        if row["network"] in networks:
            period = periods[row["part"] - 1]
            period.by_network[row["network"]] += row["all_captured"]
            for name in SOUNDS:
                setattr(period, name, getattr(period, name) + row[f"all_{name}"])
    for row in responses:
        if row["network"] in networks:
            period = periods[row["part"] - 1]
            for name in ADDED:
                setattr(period, name, getattr(period, name) + row[f"all_{name}"])


def _count_queries(now: Counts, before: Counts, rows: QuerySet[Any, Any], query: int | None) -> None:
    wanted = rows.filter(query_id=query) if query else rows.filter(query_id__gt=0)
    # Each half by itself: asking of each of very many rows in which half it lies takes twice as long.
    halves = (
        wanted.filter(day__gte=counts.window.first, day__lte=counts.window.last)
        .values("query_id")
        .annotate(is_now=Value(counts is now), all_captured=Sum("captured"))
        for counts in (before, now)
    )
    for row in next(halves).union(next(halves), all=True):
        (now if row["is_now"] else before).by_query[row["query_id"]] = row["all_captured"]


def _of_networks(rows: QuerySet[Any, Any], networks: set[str], heard: set[str]) -> QuerySet[Any, Any]:
    """Rows of some networks; where those are all that were heard, no row is asked for its own."""
    return rows if networks == heard else rows.filter(network__in=networks)


def _count_overdue(backlog: Iterable[Backlog], now: Counts, before: Counts, networks: set[str]) -> None:
    for row in backlog:
        if row.network in networks:
            now.overdue += row.overdue_now
            before.overdue += row.overdue_before
