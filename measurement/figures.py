"""All figures of a window beside those of the window before it, read from the roll-ups in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Q, QuerySet, Sum

from listening.models import TrackingQuery
from listening.networks import label_of
from measurement.counts import ADDED, Counts
from measurement.histogram import added_packs
from measurement.models import DailyMentions, DailyResponses, RollUp, StaleHour
from measurement.querysets import Backlog, backlog_by_network, rehearsals
from measurement.steps import StepOfDay
from measurement.timeline import Mark
from measurement.windows import Window

Side = Literal["outside", "practice"]
# What the page draws by day; what else there is stands in `measurement.measuring`.
DRAWN = ("first_response", "business_response")
SOUNDS = ("negative", "neutral", "positive")


@dataclass
class Figures:
    """Everything that the page, its tables and the API show."""

    window: Window
    side: Side
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
    def networks(self) -> list[str]:
        """The networks that have figures, in the order of their names."""
        return sorted({*self.now.by_network, *self.before.by_network}, key=lambda name: label_of(name).lower())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to show."""
        nothing = not (self.now.captured or self.before.captured or self.now.assigned or self.before.assigned)
        return nothing and not self.backlog and not self.pending_hours


def figures(window: Window, *, at: datetime, side: Side | None = None) -> Figures:
    """Read every figure of the window; where no side is named, the outside if anything was heard there."""
    before, steps = Counts(window.before()), [Counts(step) for step in window.steps()]
    periods = [before, *steps]
    span = Q(day__gte=before.window.first, day__lte=window.last)
    step = StepOfDay([period.window.first for period in periods])
    mentions = _by_step(DailyMentions.objects.filter(span, query_id=0), step, "captured", *SOUNDS)
    answered = DailyResponses.objects.filter(span, department_id=0).order_by().annotate(part=step)
    responses = list(answered.values("part", "network", *ADDED, *DRAWN))
    backlog = backlog_by_network(window, at)
    practice = rehearsals()
    heard = {row["network"] for row in (*mentions, *responses)} | {row.network for row in backlog}
    side = side or ("practice" if heard and heard <= practice else "outside")
    ours = {name for name in heard if (name in practice) == (side == "practice")}
    now, apart = Counts(window), Counts(window)
    _count(mentions, responses, periods, ours)
    _count_waits(responses, periods, ours)
    now.add(steps)
    # What lies before the window is no part of it there either.
    _count(mentions, responses, [Counts(before.window), *([apart] * len(steps))], heard - ours)
    _count_queries(window, now, before, ours)
    _count_overdue(backlog, now, before, ours)
    rolled_up = RollUp.objects.first()
    stale = StaleHour.objects.filter(hour__gte=before.window.start, hour__lt=window.end)
    return Figures(
        window=window,
        side=side,
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


def _count_queries(window: Window, now: Counts, before: Counts, networks: set[str]) -> None:
    in_now, in_before = (Q(day__gte=each.first, day__lte=each.last) for each in (window, window.before()))
    rows = DailyMentions.objects.filter(in_now | in_before, query_id__gt=0, network__in=networks).order_by()
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
