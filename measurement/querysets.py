"""Reads of measurement that have a name: what the roll-ups are made from, and the figures that are read from them.

The rows behind the roll-ups are described once, by querysets; the actions write what these querysets select.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, TruncDate

from engagement.models import Assignment
from listening.models import Mention
from listening.networks import all_networks
from measurement import metrics
from measurement.histogram import GROWTH, LAST
from measurement.windows import Window

HOUR = timedelta(hours=1)


class HourIn(Func):
    """The beginning of the hour in a time zone, as a moment."""

    template = "date_trunc('hour', %(expressions)s)"
    output_field = DateTimeField()

    def __init__(self, field: str, zone: ZoneInfo) -> None:
        super().__init__(F(field), Value(zone.key, output_field=CharField()))


class Bucket(Func):
    """The bucket of the first-response histogram that the time between two moments falls into."""

    _seconds = "GREATEST(1.0, EXTRACT(EPOCH FROM (%(expressions)s))::float8)"
    template = f"LEAST({LAST}, FLOOR(LN({_seconds}) / LN({GROWTH}::float8)))::int"
    arg_joiner = " - "
    output_field = IntegerField()

    def __init__(self, end: str, start: str) -> None:
        super().__init__(F(end), F(start))


class BucketOf(Func):
    """The bucket of a histogram that a number of seconds falls into; none where there is no number."""

    template = f"LEAST({LAST}, FLOOR(LN(GREATEST(1.0, (%(expressions)s)::float8)) / LN({GROWTH}::float8)))::int"
    output_field = IntegerField()


@dataclass(frozen=True)
class Spans:
    """Stretches of whole hours, each from a moment until before another; there is at least one."""

    parts: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def of_hours(cls, hours: Sequence[datetime]) -> Spans:
        """Join single hours to as few stretches as possible."""
        parts: list[tuple[datetime, datetime]] = []
        for hour in sorted(set(hours)):
            if parts and hour <= parts[-1][1]:
                parts[-1] = (parts[-1][0], hour + HOUR)
            else:
                parts.append((hour, hour + HOUR))
        return cls(tuple(parts))

    def holds(self, field: str) -> Q:
        """The condition that a moment lies in one of the stretches."""
        return reduce(or_, (Q(**{f"{field}__gte": start, f"{field}__lt": end}) for start, end in self.parts))


# What a new source brought along from long before its first poll is not counted as said today.
NEWS = Q(is_old=False)


def captured_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Count mentions by hour and network: (organization, hour, network, captured)."""
    rows = Mention.objects.filter(spans.holds("captured_at"), NEWS).annotate(hour=HourIn("captured_at", zone))
    rows = rows.filter(spans.holds("hour")).order_by()
    return rows.values("organization_id", "hour", "network").annotate(captured=Count("pk"))


def matched_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Count mentions once for each query that matched: (organization, hour, network, query, captured)."""
    rows: Any = Mention.objects.filter(spans.holds("captured_at"), NEWS, matches__isnull=False)
    rows = rows.annotate(hour=HourIn("captured_at", zone), query_id=F("matches__query_id"))
    rows = rows.filter(spans.holds("hour")).order_by()
    counted: QuerySet[Any, Any] = rows.values("organization_id", "hour", "network", "query_id")
    return counted.annotate(captured=Count("pk"))  # type: ignore[no-any-return]


def answers_by_hour(spans: Spans, zone: ZoneInfo) -> QuerySet[Any, Any]:
    """Judge each assignment: (organization, hour, department, network, each that is counted, two buckets)."""
    rows = Assignment.objects.filter(spans.holds("created_at")).annotate(hour=HourIn("created_at", zone))
    rows = rows.filter(spans.holds("hour")).order_by()
    judged: QuerySet[Any, Any] = rows.annotate(
        **{f"is_{name}": Case(When(condition, then=1), default=0) for name, condition in metrics.COUNTED.items()},
        bucket=Case(
            When(metrics.ANSWERED, then=Bucket("first_answered_at", "mention__captured_at")),
            default=Value(None, output_field=IntegerField()),
        ),
        business_bucket=Case(
            When(metrics.ANSWERED & metrics.TIMED, then=BucketOf(F("answered_in_seconds"))),
            default=Value(None, output_field=IntegerField()),
        ),
    )
    return judged.values(
        "organization_id", "hour", "department_id", "network", *(f"is_{name}" for name in metrics.COUNTED), "bucket",
        "business_bucket",
    )  # fmt: skip


@dataclass(frozen=True)
class Backlog:
    """Unresolved assignments of one network: all, those overdue, and those overdue of two windows."""

    network: str
    unresolved: int
    overdue: int
    overdue_now: int
    overdue_before: int


def backlog_by_network(window: Window, at: datetime) -> list[Backlog]:
    """Count what is not resolved, by network; the two windows are the given one and the one before it."""
    overdue = metrics.overdue(at)
    rows = Assignment.objects.filter(metrics.UNRESOLVED).order_by().values("network")
    counts = rows.annotate(
        unresolved=Count("pk"),
        overdue=Count("pk", filter=overdue),
        overdue_now=Count("pk", filter=overdue & made_in(window)),
        overdue_before=Count("pk", filter=overdue & made_in(window.before())),
    )
    return [Backlog(**row) for row in counts]


def made_in(window: Window) -> Q:
    """Assignments made on the window's days."""
    return Q(created_at__gte=window.start, created_at__lt=window.end)


def captured_in(window: Window) -> Q:
    """Mentions captured on the window's days."""
    return Q(captured_at__gte=window.start, captured_at__lt=window.end)


def rehearsals() -> frozenset[str]:
    """The networks on which people only practise; their figures are shown apart from the others'."""
    return frozenset(network.name for network in all_networks() if getattr(network, "rehearsal", False))


def day_of(field: str, zone: ZoneInfo) -> Any:
    """The day of the organization's calendar on which a moment lies."""
    return Cast(TruncDate(field, tzinfo=zone), DateField())
