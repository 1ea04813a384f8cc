"""All figures of a window beside those of the window before it, read from the roll-ups in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, Literal

from django.db.models import Q, Sum

from listening.models import TrackingQuery
from listening.networks import label_of
from measurement.histogram import added, percentile
from measurement.metrics import COUNTED
from measurement.models import DailyMentions, DailyResponses, RollUp, StaleHour
from measurement.querysets import Backlog, backlog_by_network, rehearsals
from measurement.windows import Window

Side = Literal["outside", "practice"]
# What is added up from the roll-ups, as columns there and as fields of `Counts`.
ADDED = ("assigned", *COUNTED)


@dataclass
class Counts:
    """What happened on some days; shares and percentiles are None where there is nothing to divide by."""

    window: Window
    by_network: Counter[str] = field(default_factory=Counter)
    by_query: Counter[int] = field(default_factory=Counter)
    assigned: int = 0
    answered: int = 0
    in_time: int = 0
    resolved: int = 0
    overdue: int = 0
    histogram: list[int] = field(default_factory=list)
    business_histogram: list[int] = field(default_factory=list)

    @property
    def captured(self) -> int:
        """Mentions captured, each once."""
        return self.by_network.total()

    @property
    def share_answered(self) -> float | None:
        """Answered of all assignments made, from 0 to 1."""
        return self.answered / self.assigned if self.assigned else None

    @property
    def targeted(self) -> int:
        """Assignments whose response target was met or missed: answered, or overdue now."""
        return self.answered + self.overdue

    @property
    def targets_missed(self) -> int:
        """Answered too late, or overdue now."""
        return self.targeted - self.in_time

    @property
    def share_in_time(self) -> float | None:
        """Response targets met, of those that were met or missed, from 0 to 1."""
        return self.in_time / self.targeted if self.targeted else None

    @cached_property
    def median(self) -> float | None:
        """Median of the first response, in seconds."""
        return percentile(self.histogram, 0.5)

    @cached_property
    def p90(self) -> float | None:
        """90th percentile of the first response, in seconds."""
        return percentile(self.histogram, 0.9)

    @cached_property
    def business_median(self) -> float | None:
        """Median of the first response in business hours, in seconds."""
        return percentile(self.business_histogram, 0.5)

    @cached_property
    def business_p90(self) -> float | None:
        """90th percentile of the first response in business hours, in seconds."""
        return percentile(self.business_histogram, 0.9)


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
    mentions = list(DailyMentions.objects.filter(span, query_id=0).values_list("day", "network", "captured"))
    responses = list(
        DailyResponses.objects.filter(span).values_list("day", "network", "first_response", "business_response", *ADDED)
    )
    backlog = backlog_by_network(window, at)
    practice = rehearsals()
    heard = {row[1] for row in mentions} | {row[1] for row in responses} | {row.network for row in backlog}
    side = side or ("practice" if heard and heard <= practice else "outside")
    ours = {name for name in heard if (name in practice) == (side == "practice")}
    now, before, apart = Counts(window), Counts(window.before()), Counts(window)
    steps = [Counts(step) for step in window.steps()]
    _count(mentions, responses, [before, *steps], ours)
    _count(mentions, responses, [apart], heard - ours)
    _add(now, steps)
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


def _count(
    mentions: Iterable[tuple[date, str, int]], responses: Iterable[Any], periods: list[Counts], networks: set[str]
) -> None:
    """Add each day's rows to the periods that it lies in."""
    places = list(enumerate(periods))
    histograms: list[list[list[int]]] = [[] for _ in periods]
    business: list[list[list[int]]] = [[] for _ in periods]

    @cache
    def holding(day: date) -> list[tuple[int, Counts]]:
        return [(index, period) for index, period in places if period.window.first <= day <= period.window.last]

    for day, network, captured in mentions:
        if network in networks:
            for _index, period in holding(day):
                period.by_network[network] += captured
    for day, network, first_response, business_response, *counts in responses:
        if network in networks:
            for index, period in holding(day):
                for name, count in zip(ADDED, counts, strict=True):
                    setattr(period, name, getattr(period, name) + count)
                histograms[index].append(first_response)
                business[index].append(business_response)
    for index, period in places:
        period.histogram = added(histograms[index])
        period.business_histogram = added(business[index])


def _add(total: Counts, parts: Sequence[Counts]) -> None:
    """Add the parts of a window up to the whole."""
    for part in parts:
        total.by_network.update(part.by_network)
    for name in ADDED:
        setattr(total, name, sum(getattr(part, name) for part in parts))
    total.histogram = added(part.histogram for part in parts)
    total.business_histogram = added(part.business_histogram for part in parts)


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
