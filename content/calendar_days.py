"""The days that a month, a week or a list of the calendar shows, in a time zone; no rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from roles import clock

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# A list goes on for so long, unless one reads on.
LISTED = timedelta(days=365)


@dataclass(frozen=True)
class Span:
    """Days from one until and with another, as the clocks of a zone have them, and the days of the pages beside it."""

    first: date
    last: date
    zone: ZoneInfo
    # The month that is meant, of which the first and the last week may show others too.
    month: date | None
    earlier: date
    later: date

    @property
    def begins_at(self) -> datetime:
        """The first moment of the first day."""
        return clock.moment(self.first, 0, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the last day."""
        return clock.moment(self.last + DAY, 0, self.zone)

    @property
    def days(self) -> list[date]:
        """All of its days, in order."""
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]

    def is_outside(self, day: date) -> bool:
        """Whether a day belongs to the month before or after."""
        return self.month is not None and (day.year, day.month) != (self.month.year, self.month.month)


def span_of(view: str, day: date, zone: ZoneInfo) -> Span:
    """The days that a view shows of whatever day it is asked for: whole weeks from Monday on, or from this day on."""
    if view == "list":
        return Span(day, day + LISTED, zone, None, day - 4 * WEEK, day + 4 * WEEK)
    if view == "week":
        monday = monday_of(day)
        return Span(monday, monday + WEEK - DAY, zone, None, monday - WEEK, monday + WEEK)
    first = day.replace(day=1)
    later = (first + 31 * DAY).replace(day=1)
    earlier = (first - DAY).replace(day=1)
    return Span(monday_of(first), monday_of(later - DAY) + WEEK - DAY, zone, first, earlier, later)


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - day.weekday() * DAY


def day_in(at: datetime, zone: ZoneInfo) -> date:
    """The day that a moment is on, for the clocks of a zone."""
    return at.astimezone(zone).date()
