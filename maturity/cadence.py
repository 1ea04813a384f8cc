"""A week of time blocks laid on the calendar: blocks in, moments out, no rows.

A block is wall time: it begins at nine on both sides of a change of the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from roles.clock import moment
from roles.models import TimeBlock

WEEK_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class Occurrence:
    """One block on one day."""

    block: TimeBlock
    day: date
    begins_at: datetime
    ends_at: datetime

    @property
    def seconds(self) -> float:
        """How long it lasts, which on two nights of the year is not what its hours say."""
        return (self.ends_at - self.begins_at) / timedelta(seconds=1)


def occurrences(blocks: Iterable[TimeBlock], first: date, last: date, zone: ZoneInfo) -> list[Occurrence]:
    """Lay blocks on the days from the first to the last, in the order in which they begin."""
    found = []
    known = list(blocks)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for block in known:
            if block.weekday != day.weekday() or (block.since is not None and day < block.since):
                continue
            begins, ends = (moment(day, minutes, zone) for minutes in _minutes(block))
            # Where the clock jumps over all of it, there is none.
            if begins < ends:
                found.append(Occurrence(block, day, begins, ends))
    return sorted(found, key=lambda one: (one.begins_at, one.ends_at))


def overlapping(blocks: Sequence[TimeBlock]) -> list[tuple[TimeBlock, TimeBlock]]:
    """Pairs of blocks that lie upon each other somewhere in the week."""
    spans = []
    for block in blocks:
        begins, ends = (1440 * block.weekday + minutes for minutes in _minutes(block))
        spans.append((begins, ends, block))
    found = []
    for number, (begins, ends, block) in enumerate(spans):
        for other_begins, other_ends, other in spans[number + 1 :]:
            # The week is a ring: what lasts past Sunday's midnight lies on Monday.
            shifts = (-WEEK_MINUTES, 0, WEEK_MINUTES)
            if any(begins < other_ends + shift and other_begins + shift < ends for shift in shifts):
                found.append((block, other))
    return found


def _minutes(block: TimeBlock) -> tuple[int, int]:
    begins, ends = _of(block.begins), _of(block.ends)
    return begins, ends if ends > begins else ends + 1440


def _of(wall: time) -> int:
    return 60 * wall.hour + wall.minute
