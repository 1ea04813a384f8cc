"""Spans of whole days on the organization's calendar, and the moments at which they begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LENGTHS = (7, 30, 90, 180)
LONGEST = 731


@dataclass(frozen=True)
class Window:
    """The days from `first` to `last`, both included, in a time zone."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("A window ends before it begins.")

    @classmethod
    def up_to(cls, at: datetime, *, days: int, zone: ZoneInfo) -> Window:
        """Return the last `days` days, today included."""
        today = at.astimezone(zone).date()
        return cls(today - timedelta(days=days - 1), today, zone)

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The moment at which the first day begins."""
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment at which the day after the last begins."""
        return self._midnight(self.last + timedelta(days=1))

    def before(self) -> Window:
        """Return the window of the same length that ends where this one begins."""
        return Window(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)

    def steps(self) -> Iterator[Window]:
        """Cut into days, or into weeks where days would be too many to tell apart; the newest week is a full one."""
        length = 1 if self.days <= 45 else 7
        first = self.first
        last = first + timedelta(days=(self.days - 1) % length)
        while first <= self.last:
            yield Window(first, last, self.zone)
            first, last = last + timedelta(days=1), last + timedelta(days=length)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)
