"""The one clock: what time it is, when something is due, and how long things took.

Wall time runs always; business hours run while a calendar is open. Both are `Hours`: whatever counts time takes them,
and nothing else in the house computes how long something took. An opening hour is local time: it is 9 o'clock on both
sides of a change of the clock. Where the clock jumps over the hour that is named, the moment of the jump is meant;
where an hour comes twice, its first coming.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

Stretch = tuple[datetime, datetime]
# A stretch of time that does not count, from a moment until another, or until further notice.
Pause = tuple[datetime, datetime | None]
# On a day: opened and closed at these minutes after its midnight; closed may lie on the next day.
Spans = tuple[tuple[int, int], ...]

DAY = timedelta(days=1)
EVER = datetime.max.replace(tzinfo=UTC)
# A calendar that is closed for so long is never open.
LONGEST_CLOSED = 12 * 366


class NeverOpen(ValueError):
    """Raised where time is counted in business hours and there are none."""


def now() -> datetime:
    """Return the present moment in UTC; views, tasks and commands call it and pass it on as `at`."""
    return timezone.now()


class Hours(Protocol):
    """When time counts."""

    def open_from(self, start: datetime) -> Iterator[Stretch]:
        """Yield the stretches that count, from `start` on, in order and apart; raises NeverOpen where none comes."""


class AroundTheClock:
    """Wall time: it always counts."""

    def open_from(self, start: datetime) -> Iterator[Stretch]:
        """Yield the one stretch that never ends."""
        yield start, EVER


ALWAYS = AroundTheClock()


@dataclass(frozen=True)
class BusinessHours:
    """The opening hours of a week, Monday first, in a time zone, and the days on which it is otherwise.

    A span belongs to the day on which it begins: hours that last over midnight into a holiday are worked to their end.
    `yearly` is by month and day, with the first year in which it is so; a date in `days` comes before it.
    """

    zone: ZoneInfo
    week: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    days: Mapping[date, Spans] = field(default_factory=dict)
    yearly: Mapping[tuple[int, int], tuple[int, Spans]] = field(default_factory=dict)
    _kept: dict[date, list[Stretch]] = field(default_factory=dict, repr=False, compare=False)

    def spans_on(self, day: date) -> Spans:
        """The opening hours of a day, in minutes after midnight; empty where it is closed."""
        special = self._special(day)
        return self.week[day.weekday()] if special is None else special

    def is_holiday(self, day: date) -> bool:
        """Whether it is closed on a day of its own accord, and not because of its weekday."""
        return self._special(day) == ()

    def _special(self, day: date) -> Spans | None:
        if (special := self.days.get(day)) is not None:
            return special
        if (each_year := self.yearly.get((day.month, day.day))) is not None and day.year >= each_year[0]:
            return each_year[1]
        return None

    def opens_at(self, at: datetime) -> datetime:
        """Return this moment where somebody is there, else when somebody comes next; raises NeverOpen."""
        return next(self.open_from(at))[0]

    def open_from(self, start: datetime) -> Iterator[Stretch]:
        """Yield the stretches in which somebody is there, from `start` on; spans that overlap count once."""
        reached = start
        # The day before may last into this one.
        day, closed_days = start.astimezone(self.zone).date() - DAY, 0
        while closed_days <= LONGEST_CLOSED:
            found = self._stretches(day)
            for begin, end in found:
                if end > reached:
                    yield max(begin, reached), end
                    reached = end
            closed_days = 0 if found else closed_days + 1
            day += DAY
        raise NeverOpen(_("These business hours are never open: give the calendar at least one opening hour."))

    def _stretches(self, day: date) -> list[Stretch]:
        kept = self._kept.get(day)
        if kept is None:
            spans = (
                (moment(day, opens, self.zone), moment(day, closes, self.zone)) for opens, closes in self.spans_on(day)
            )
            kept = [(begin, end) for begin, end in sorted(spans) if begin < end]
            if len(self._kept) > LONGEST_CLOSED:
                self._kept.clear()
            self._kept[day] = kept
        return kept


def moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clock of a zone shows so many minutes after a day's midnight."""
    days, minutes = divmod(minutes, 24 * 60)
    wall = datetime.combine(day + days * DAY, time(minutes // 60, minutes % 60))
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # Where the hour comes twice, the one before the change comes first; where it is jumped over, they stand around the
    # jump, and in the wrong order.
    return early if early <= late else _jump(late, early, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the local clock jumps."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def due(start: datetime, minutes: float, *, hours: Hours = ALWAYS, pauses: Sequence[Pause] = ()) -> datetime:
    """Return when something that begins at `start` and may take so many minutes is due: pauses do not count.

    Raises NeverOpen where the hours never come, and ValueError where a pause has not ended.
    """
    left = timedelta(minutes=minutes)
    # In UTC: sums with local times are sums of what the wall shows, an hour off where the clock changes.
    for begin, end in _running(hours.open_from(start.astimezone(UTC)), pauses):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise ValueError("Nothing is due while the clock stands still.")


def seconds_between(start: datetime, end: datetime, *, hours: Hours = ALWAYS, pauses: Sequence[Pause] = ()) -> float:
    """Return the seconds from start to end that count, never below zero."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return 0.0
    counted = timedelta()
    try:
        for begin, stop in _running(hours.open_from(start), pauses):
            if begin >= end:
                break
            counted += min(stop, end) - begin
    except NeverOpen:
        pass  # from here on nothing counts
    return counted.total_seconds()


def _running(stretches: Iterable[Stretch], pauses: Sequence[Pause]) -> Iterator[Stretch]:
    """Yield what is left of the stretches outside the pauses; ends where a pause has no end."""
    stopped = _joined(pauses)
    for begin, end in stretches:
        counted = begin
        for pause_begin, pause_end in stopped:
            if pause_end <= counted or pause_begin >= end:
                continue
            if pause_begin > counted:
                yield counted, pause_begin
            counted = pause_end
        if counted < end:
            yield counted, end
        if counted >= EVER:
            return


def _joined(pauses: Sequence[Pause]) -> list[Stretch]:
    """The pauses in order, those that touch or overlap as one."""
    joined: list[Stretch] = []
    for begin, end in sorted((begin.astimezone(UTC), end.astimezone(UTC) if end else EVER) for begin, end in pauses):
        if end <= begin:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined
