"""What the staffing calculator measures: when work comes, how long it takes, who is committed, what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db.models import Min, Q, Sum
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from engagement.models import Assignment, ResponseTarget
from maturity.evidence.asked import Asked
from maturity.models import MeasuredTime
from maturity.spent import spent_on
from maturity.staffing import WEEK
from maturity.teams import FEWEST_PEOPLE, is_nobodys_own
from measurement.handling import Handling
from measurement.handling import handling as handling_of
from measurement.models import HourlyResponses
from measurement.windows import Window
from roles.activities import Activity
from roles.business_hours import Calendars
from roles.clock import BusinessHours
from roles.models import Department, Member, TimeBlock
from roles.tenancy import active_organization

WEEKS = 8
FEWEST = 5
LEAST_SECONDS = 2 * 3600


@dataclass(frozen=True)
class Arrivals:
    """Assignments made in each hour of the week, on average, over so many weeks."""

    by_hour: Sequence[float]
    weeks: int
    total: int


@dataclass(frozen=True)
class HandsOn:
    """How much work of people was in one piece, in minutes: time spent on responding over what it ended."""

    minutes: float
    hours: float
    pieces: int


@dataclass(frozen=True)
class Committed:
    """Who is there in each hour of the week, and whose hours nobody knows."""

    by_hour: Sequence[float]
    people: int
    without_hours: int


def arrivals(asked: Asked, department: Department | None) -> Arrivals:
    """Read the last eight weeks of whole days from the roll-ups; where there were fewer, those that there were."""
    today = asked.today
    window = Window(today - timedelta(days=7 * WEEKS), today - timedelta(days=1), asked.zone)
    rows = HourlyResponses.objects.filter(
        asked.answered("network"), hour__gte=window.start, hour__lt=window.end
    ).order_by()
    first = rows.aggregate(first=Min("hour"))["first"]
    weeks = WEEKS if first is None else min(WEEKS, ceil((window.end - first) / timedelta(days=7)))
    if department is not None:
        rows = rows.filter(department__in=department.with_below)
    day, hour = ExtractIsoWeekDay("hour", tzinfo=asked.zone), ExtractHour("hour", tzinfo=asked.zone)
    by_hour, total = [0.0] * WEEK, 0
    for weekday, at, count in rows.values_list(day, hour).annotate(count=Sum("assigned")):
        by_hour[24 * (weekday - 1) + at] = count / weeks
        total += count
    return Arrivals(by_hour, weeks, total)


def handling(asked: Asked, department: Department | None) -> Handling:
    """How long one piece took in the last eight weeks, as measurement measures it."""
    wanted = asked.answered("network") & Q(created_at__gte=asked.since(7 * WEEKS))
    if department is not None:
        wanted &= Q(department__in=department.with_below)
    return handling_of(wanted, at=asked.at)


def hands_on(asked: Asked, department: Department | None) -> HandsOn | None:
    """Lay the time that people spent on responding beside what they answered or resolved on the same days.

    None where it is too little to say, or the work of so few that it would be somebody's own.
    """
    yesterday = asked.today - timedelta(days=1)
    first = yesterday - timedelta(days=7 * WEEKS - 1)
    seconds = spent_on(Activity.RESPONDING, first, yesterday, department)
    begun = MeasuredTime.objects.between(first, yesterday).aggregate(day=Min("day"))["day"]
    if begun is None or not is_nobodys_own(department) or len(seconds) < FEWEST_PEOPLE:
        return None
    if sum(seconds.values()) < LEAST_SECONDS:
        return None
    window = Window(begun, yesterday, asked.zone)
    ended = Q(first_answered_at__gte=window.start, first_answered_at__lt=window.end) | Q(
        first_answered_at=None, resolved_at__gte=window.start, resolved_at__lt=window.end
    )
    pieces = Assignment.objects.filter(ended, member__in=list(seconds)).count()
    if pieces < FEWEST:
        return None
    hours = sum(seconds.values()) / 3600
    return HandsOn(60 * hours / pieces, hours, pieces)


def opened(asked: Asked, department: Department | None) -> list[bool]:
    """In which hours of the week the department answers, by its business hours without holidays; else always."""
    return [covered > 0 for covered in _open_week(asked, department) or [1.0] * WEEK]


def committed(asked: Asked, department: Department | None) -> Committed:
    """Add up the time blocks for answering of those whose position it is; without any the business hours count.

    Whoever answers in several of the departments below is one person.
    """
    people = Member.objects.active().responding(*(department.with_below if department else ()))
    keys = set(people.values_list("pk", flat=True))
    by_hour = [0.0] * WEEK
    named = set()
    for block in TimeBlock.objects.for_answering().filter(member__in=keys):
        named.add(block.member_id)
        start = 1440 * block.weekday + 60 * block.begins.hour + block.begins.minute
        end = 1440 * block.weekday + 60 * block.ends.hour + block.ends.minute
        _cover(by_hour, start, end if end > start else end + 1440)
    others = len(keys - named)
    week = _open_week(asked, department)
    if week is not None:
        by_hour = [count + others * covered for count, covered in zip(by_hour, week, strict=True)]
    return Committed([round(count, 2) for count in by_hour], len(keys), others)


def promised_minutes(department: Department | None) -> int:
    """Within how many minutes a first answer is promised where no rule says otherwise."""
    rows = ResponseTarget.objects.applying_by_themselves().filter(first_response_minutes__isnull=False, priority=None)
    found = {row.department_id: row.first_response_minutes for row in rows}
    own = found.get(department.pk) if department else None
    return own or found.get(None) or active_organization().response_minutes


def _open_week(asked: Asked, department: Department | None) -> list[float] | None:
    """How much of each hour of the week is open, from 0 to 1, by the organization's clock; None without a calendar."""
    calendars = Calendars()
    hours = calendars.hours(calendars.of_department(department.pk if department else None))
    if not isinstance(hours, BusinessHours) or not any(hours.week):
        return None
    usual = BusinessHours(hours.zone, hours.week)
    today = asked.today
    monday = today - timedelta(days=today.weekday())
    window = Window(monday, monday + timedelta(days=6), asked.zone)
    week = [0.0] * WEEK
    for begin, end in usual.open_from(window.start):
        if begin >= window.end:
            break
        local, stop = begin.astimezone(asked.zone), min(end, window.end)
        start = 1440 * local.weekday() + 60 * local.hour + local.minute
        _cover(week, start, start + round((stop - begin) / timedelta(minutes=1)))
    return [min(1.0, covered) for covered in week]


def _cover(week: list[float], start: int, end: int) -> None:
    """Add a stretch of minutes of the week to its hours; what lies beyond Sunday is Monday's again."""
    minute = start
    while minute < end:
        step = min(60 - minute % 60, end - minute)
        week[minute // 60 % WEEK] += step / 60
        minute += step
