"""All figures of a window beside those of the window before it, read from the roll-ups in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from listening.models import TrackingQuery
from listening.networks import label_of
from measurement.counts import ADDED, Counts
from measurement.histogram import added_packs
from measurement.models import DailyMentions, DailyResponses, DailyTopics, RollUp, StaleHour
from measurement.querysets import Backlog, backlog_by_network, rehearsals
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
    responses: list[Any] = []
    if part.of_work:
        answered = DailyResponses.objects.filter(span, department_id__in=part.departments or [0]).order_by()
        responses = list(answered.annotate(part=step).values("part", "network", *ADDED, *DRAWN))
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
    _count_waits(responses, periods, ours)
    now.add(steps)
    # What lies before the window is no part of it there either.
    _count(mentions, responses, [Counts(before.window), *([apart] * len(steps))], heard - ours)
    if part.of_mentions and not part.topic:
        _count_queries(window, now, before, ours, part.query)
    _count_overdue(backlog, now, before, ours)
    rolled_up = RollUp.objects.first()
    stale = StaleHour.objects.filter(hour__gte=before.window.start, hour__lt=window.end)
    return Figures(
        selection=replace(part, side=side),
        both_sides=bool(heard - ours) and bool(ours or side == "practice"),
        now=now,
        before=before,
        steps=steps,
        backlog=sum(row.unresolved for row in backlog if row.network in ours),
        overdue=sum(row.overdue for row in backlog if row.network in ours),
        apart=apart,
        computed_at=rolled_up.computed_at if rolled_up else None,
        pending_hours=stale.aggregate(hours=Count("hour", distinct=True))["hours"],
        query_names=dict(TrackingQuery.objects.order_by("name").values_list("pk", "name")),
    )


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
                setattr(period, name, getattr(period, name) + row[name])


def _count_waits(responses: Iterable[Any], periods: Sequence[Counts], networks: set[str]) -> None:
    """Add the histograms that the page draws up."""
    held: defaultdict[int, list[Any]] = defaultdict(list)
    for row in responses:
        if row["network"] in networks:
            held[row["part"]].append(row)
    for part, rows in held.items():
        for name in DRAWN:
            periods[part - 1].histograms[name] = added_packs(row[name] for row in rows)


def _count_queries(window: Window, now: Counts, before: Counts, networks: set[str], query: int | None) -> None:
    in_now, in_before = (Q(day__gte=each.first, day__lte=each.last) for each in (window, window.before()))
    wanted = Q(query_id=query) if query else Q(query_id__gt=0)
    rows = DailyMentions.objects.filter(in_now | in_before, wanted, network__in=networks).order_by()
    sums = rows.values("query_id").annotate(
        now=Sum("captured", filter=in_now, default=0), before=Sum("captured", filter=in_before, default=0)
    )
    for row in sums:
        now.by_query[row["query_id"]] = row["now"]
        before.by_query[row["query_id"]] = row["before"]


def _count_overdue(backlog: Iterable[Backlog], now: Counts, before: Counts, networks: set[str]) -> None:
    for row in backlog:
        if row.network in networks:
            now.overdue += row.overdue_now
            before.overdue += row.overdue_before
