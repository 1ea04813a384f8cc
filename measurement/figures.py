"""All figures of a window beside those of the window before it, read from the roll-ups in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from django.db.models import Q, Sum

from listening.models import TrackingQuery
from listening.networks import label_of
from measurement.counts import ADDED, Counts
from measurement.histogram import added
from measurement.models import DailyMentions, DailyResponses, RollUp, StaleHour
from measurement.querysets import Backlog, backlog_by_network, rehearsals
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
    span = Q(day__gte=window.before().first, day__lte=window.last)
    mentions = list(DailyMentions.objects.filter(span, query_id=0).values_list("day", "network", "captured", *SOUNDS))
    responses = list(DailyResponses.objects.filter(span, department_id=0).values_list("day", "network", *DRAWN, *ADDED))
    backlog = backlog_by_network(window, at)
    practice = rehearsals()
    heard = {row[1] for row in mentions} | {row[1] for row in responses} | {row.network for row in backlog}
    side = side or ("practice" if heard and heard <= practice else "outside")
    ours = {name for name in heard if (name in practice) == (side == "practice")}
    now, before, apart = Counts(window), Counts(window.before()), Counts(window)
    steps = [Counts(step) for step in window.steps()]
    _count(mentions, responses, [before, *steps], ours)
    _count(mentions, responses, [apart], heard - ours)
    now.add(steps)
    _count_queries(window, now, before, ours)
    _count_overdue(backlog, now, before, ours)
    rolled_up = RollUp.objects.first()
    stale = StaleHour.objects.filter(hour__gte=window.before().start, hour__lt=window.end)
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
        pending_hours=stale.values("hour").distinct().count(),
        query_names=dict(TrackingQuery.objects.order_by("name").values_list("pk", "name")),
    )


def _count(mentions: Iterable[Any], responses: Iterable[Any], periods: list[Counts], networks: set[str]) -> None:
    """Add each day's rows to the periods that it lies in."""
    places = list(enumerate(periods))
    histograms: list[dict[str, list[list[int]]]] = [{name: [] for name in DRAWN} for _period in periods]

    @cache
    def holding(day: date) -> list[tuple[int, Counts]]:
        return [(index, period) for index, period in places if period.window.first <= day <= period.window.last]

    for day, network, captured, negative, neutral, positive in mentions:
        if network in networks:
            for _index, period in holding(day):
                period.by_network[network] += captured
                period.negative += negative
                period.neutral += neutral
                period.positive += positive
    for day, network, first_response, business_response, *counts in responses:
        if network in networks:
            for index, period in holding(day):
                for name, count in zip(ADDED, counts, strict=True):
                    setattr(period, name, getattr(period, name) + count)
                histograms[index]["first_response"].append(first_response)
                histograms[index]["business_response"].append(business_response)
    for index, period in places:
        period.histograms = {name: added(held) for name, held in histograms[index].items()}


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
