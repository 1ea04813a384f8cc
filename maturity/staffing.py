"""How many responders each hour of the week needs, beside who is there: numbers in, numbers out, no rows.

A week is 168 numbers, one for each hour from Monday, midnight, on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from maturity import erlang

WEEK = 168
NONE, ENOUGH, TIGHT, SHORT = "none", "enough", "tight", "short"


@dataclass(frozen=True)
class Assumptions:
    """What is asked: how long one piece takes, by when it is answered, in which share, and what is lost on the way."""

    handling_minutes: float
    target_minutes: float
    share: float
    shrinkage: float
    factor: float = 1.0


@dataclass(frozen=True)
class Hour:
    """One hour of the week."""

    number: int
    arriving: float
    # With what came while it was closed.
    to_do: float
    needed: int
    there: float
    there_really: float

    @property
    def state(self) -> str:
        """None needed; enough; tight: enough if nothing else takes their time; short."""
        if self.needed == 0:
            return NONE
        if self.there < self.needed:
            return SHORT
        return ENOUGH if self.there_really >= self.needed else TIGHT

    @property
    def missing(self) -> float:
        """How many more it takes."""
        return max(0.0, self.needed - self.there)


@dataclass(frozen=True)
class Gap:
    """Hours one after the other that are short; `end` is the first hour after them and may lie in the next week."""

    start: int
    end: int
    most: float


@dataclass(frozen=True)
class Week:
    """All hours, and what they add up to."""

    hours: Sequence[Hour]
    assumptions: Assumptions

    @property
    def arriving(self) -> float:
        """Pieces of work a week."""
        return sum(hour.arriving for hour in self.hours)

    @property
    def needed(self) -> float:
        """Hours of people a week, if every hour that is needed is there, with what is lost on the way."""
        return sum(hour.needed for hour in self.hours) / (1 - self.assumptions.shrinkage)

    @property
    def there(self) -> float:
        """Hours of people a week that are committed."""
        return sum(hour.there for hour in self.hours)

    @property
    def well_placed(self) -> float:
        """Of those, the ones in hours in which they are needed."""
        return sum(min(hour.there, hour.needed) for hour in self.hours)

    @property
    def gaps(self) -> list[Gap]:
        """The hours that are short, joined, the worst first."""
        found: list[Gap] = []
        for hour in self.hours:
            if hour.state != SHORT:
                continue
            if found and found[-1].end == hour.number:
                found[-1] = Gap(found[-1].start, hour.number + 1, max(found[-1].most, hour.missing))
            else:
                found.append(Gap(hour.number, hour.number + 1, hour.missing))
        return sorted(found, key=lambda gap: (-gap.most, gap.start))


def plan(arriving: Sequence[float], opened: Sequence[bool], there: Sequence[float], said: Assumptions) -> Week:
    """Lay what is needed beside who is there, hour by hour."""
    arriving = [count * said.factor for count in arriving]
    to_do = spread(arriving, opened, over=max(1, floor(said.target_minutes / 60)))
    hours = []
    for number in range(WEEK):
        needed = erlang.needed(
            to_do[number] * said.handling_minutes / 60,
            handling=said.handling_minutes,
            target=said.target_minutes,
            share=said.share,
        )
        committed = there[number]
        hours.append(Hour(number, arriving[number], to_do[number], needed, committed, committed * (1 - said.shrinkage)))
    return Week(hours, said)


def spread(arriving: Sequence[float], opened: Sequence[bool], *, over: int) -> list[float]:
    """Carry what comes while it is closed to the first `over` open hours after that, in equal parts."""
    if not any(opened) or all(opened):
        return list(arriving)
    found = [count if opened[number] else 0.0 for number, count in enumerate(arriving)]
    for number in range(WEEK):
        # A run of closed hours ends where an open one follows; the week is a ring.
        if opened[number] or not opened[(number + 1) % WEEK]:
            continue
        carried, back = 0.0, number
        while not opened[back]:
            carried += arriving[back]
            back = (back - 1) % WEEK
        first = (number + 1) % WEEK
        length = 1
        while length < over and opened[(first + length) % WEEK]:
            length += 1
        for place in range(length):
            found[(first + place) % WEEK] += carried / length
    return found
