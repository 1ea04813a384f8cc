"""The health of one source over the last weeks: a row for each day, and where its columns stand in a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum

from listening.models import Poll, Source, SourceDay
from roles.tenancy import active_organization

DAYS = 30
STEP, HEIGHT = 20, 56
_FAILED = (Poll.Outcome.UNREACHABLE, Poll.Outcome.REFUSED, Poll.Outcome.GONE, Poll.Outcome.DIED)


@dataclass(frozen=True, slots=True)
class Day:
    """How one day went: polls that went well, those that failed by kind, and how many posts were new."""

    day: date
    well: int = 0
    rate_limited: int = 0
    unreachable: int = 0
    unreadable: int = 0
    new: int = 0

    @property
    def failed(self) -> int:
        """Polls that did not go well, for whatever reason."""
        return self.rate_limited + self.unreachable + self.unreadable

    @property
    def polls(self) -> int:
        """All polls of the day."""
        return self.well + self.failed


@dataclass(frozen=True, slots=True)
class Column:
    """One day of the picture, from the top: what failed, and below it what went well."""

    day: Day
    x: int
    failed_y: float
    failed_height: float
    well_y: float
    well_height: float


def days_of(source: Source, *, at: datetime, count: int = DAYS) -> list[Day]:
    """The last days of a source in the organization's time zone, the oldest first; days without polls are there too."""
    zone = active_organization().zone
    today = at.astimezone(zone).date()
    stored = SourceDay.objects.filter(source=source, day__gt=today - timedelta(days=count), day__lt=today)
    names = ("well", "rate_limited", "unreachable", "unreadable", "new")
    known = {row["day"]: Day(**row) for row in stored.values("day", *names)}
    known[today] = _today(source, today, zone)
    days = [today - timedelta(days=back) for back in reversed(range(count))]
    return [known.get(day) or Day(day) for day in days]


def _today(source: Source, today: date, zone: ZoneInfo) -> Day:
    midnight = datetime.combine(today, time(), tzinfo=zone)
    polls = Poll.objects.filter(source=source, finished_at__gte=midnight)
    found = polls.aggregate(
        well=Count("pk", filter=Q(outcome__in=[Poll.Outcome.TAKEN, Poll.Outcome.UNCHANGED])),
        rate_limited=Count("pk", filter=Q(outcome=Poll.Outcome.RATE_LIMITED)),
        unreachable=Count("pk", filter=Q(outcome__in=_FAILED)),
        unreadable=Count("pk", filter=Q(outcome=Poll.Outcome.UNREADABLE)),
        new=Sum("new", default=0),
    )
    return replace(Day(today), **found)


def columns(days: Sequence[Day]) -> list[Column]:
    """Where the columns of a picture stand, all days to one scale."""
    most = max((day.polls for day in days), default=0) or 1
    found = []
    for index, day in enumerate(days):
        well, failed = (round(count / most * HEIGHT, 1) for count in (day.well, day.failed))
        top = round(HEIGHT - well - failed, 1)
        found.append(Column(day, index * STEP, max(top, 0), failed, round(HEIGHT - well, 1), well))
    return found
