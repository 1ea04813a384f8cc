"""Reads of measurement that have a name: stretches of time as conditions, and what is counted as it lies there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Q, QuerySet
from django.db.models.functions import Cast, ExtractHour, ExtractIsoWeekDay, TruncDate
from django.db.models.lookups import Exact

from engagement.models import Assignment
from listening.networks import all_networks
from measurement import metrics
from measurement.windows import Window
from roles.models import Department
from roles.statements import Statement

HOUR = timedelta(hours=1)


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


@dataclass(frozen=True)
class Backlog:
    """Unresolved assignments of one network: all, those overdue, and those overdue of two windows."""

    network: str
    unresolved: int
    overdue: int
    overdue_now: int
    overdue_before: int


def backlog_by_network(window: Window, at: datetime, departments: Sequence[int] = ()) -> list[Backlog]:
    """Count what is not resolved, by network; the two windows are the given one and the one before it."""
    moments = {"before": window.before().start, "begins": window.start, "ends": window.end}
    return [Backlog(*row) for row in _BACKLOG.rows(*departments, at=at, **moments)]


def _backlog(*departments: int, at: datetime, before: datetime, begins: datetime, ends: datetime) -> QuerySet[Any, Any]:
    overdue = metrics.overdue(at)
    where = Q(department__in=departments) if departments else Q()
    rows = Assignment.objects.filter(metrics.UNRESOLVED, where).order_by().values_list("network")
    return rows.annotate(
        unresolved=Count("pk"),
        overdue=Count("pk", filter=overdue),
        overdue_now=Count("pk", filter=overdue & _made_between(begins, ends)),
        overdue_before=Count("pk", filter=overdue & _made_between(before, begins)),
    )


_BACKLOG = Statement(_backlog)


def made_in(window: Window) -> Q:
    """Assignments made on the window's days."""
    return _made_between(window.start, window.end)


def _made_between(begins: datetime, ends: datetime) -> Q:
    return Q(created_at__gte=begins, created_at__lt=ends)


def captured_in(window: Window) -> Q:
    """Mentions captured on the window's days."""
    return Q(captured_at__gte=window.start, captured_at__lt=window.end)


def at_hour_of_week(field: str, hour: int, zone: ZoneInfo) -> Q:
    """The condition that a moment lies in one of the 168 hours of the week, Monday first, by a zone's clock."""
    day, at = ExtractIsoWeekDay(field, tzinfo=zone), ExtractHour(field, tzinfo=zone)
    return Q(Exact(day, hour // 24 + 1)) & Q(Exact(at, hour % 24))


def with_below(department: int) -> list[int]:
    """The keys of a department and of those below it: whose work counts for it."""
    below = Department.objects.filter(pk=department).values_list("below", flat=True).first()
    return [department, *(below or ())]


def rehearsals() -> frozenset[str]:
    """The networks on which people only practise; their figures are shown apart from the others'."""
    return frozenset(network.name for network in all_networks() if getattr(network, "rehearsal", False))


def day_of(field: str, zone: ZoneInfo) -> Any:
    """The day of the organization's calendar on which a moment lies."""
    return Cast(TruncDate(field, tzinfo=zone), DateField())
