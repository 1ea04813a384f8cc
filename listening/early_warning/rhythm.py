"""What this hour of this weekday usually brings."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

HOURS = 24
# One loud day must not become what is usual: a count teaches at most this much more (as a logarithm) than was expected.
STEP = 1.5
# Days of an hour that are remembered, and weeks of an hour of a weekday.
DAYS = 7.0
WEEKS = 6.0
# Days of an hour that weigh as much as the level of all hours; weeks of an hour of a weekday against the hour itself.
TRUST_DAY = 0.2
TRUST_WEEK = 2.0


class Rhythm:
    """The usual count by hour and by hour of the weekday, learned as it comes; logarithms, so that bursts weigh little.

    An hour of a weekday that was seen seldom leans on the same hour of all days, and that one on the level of all.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        state = state or {}
        self._level: list[float] = list(state.get("level", [0.0, 0.0]))
        self._day: list[list[float]] = _pairs(state.get("day", {}), HOURS)
        self._week: list[list[float]] = _pairs(state.get("week", {}), 7 * HOURS)

    def state(self) -> dict[str, Any]:
        """What has been learned, as JSON can hold it."""
        return {"level": self._level, "day": _seen(self._day), "week": _seen(self._week)}

    def expected(self, at: datetime) -> float:
        """The count that is usual at this time, 0 before anything is known."""
        return math.expm1(self._expected(at))

    def learn(self, at: datetime, value: float, *, hours: float) -> None:
        """Remember a count over so many hours."""
        usual = self._expected(at)
        seen = math.log1p(value)
        if self._level[1] >= 1:
            seen = min(seen, usual + STEP)
        for pair, memory in (
            (self._level, DAYS * HOURS),
            (self._day[at.hour], DAYS),
            (self._week[at.weekday() * HOURS + at.hour], WEEKS),
        ):
            # Rounded, so that what is kept is short and is all there is.
            pair[1] = round(min(pair[1] + hours, memory), 6)
            pair[0] = round(pair[0] + (seen - pair[0]) * min(1.0, hours / pair[1]), 6)

    def _expected(self, at: datetime) -> float:
        level = self._level[0]
        day, days = self._day[at.hour]
        week, weeks = self._week[at.weekday() * HOURS + at.hour]
        usual = (level * TRUST_DAY + day * days) / (TRUST_DAY + days)
        return (usual * TRUST_WEEK + week * weeks) / (TRUST_WEEK + weeks)


def _pairs(known: dict[str, list[float]], count: int) -> list[list[float]]:
    return [list(known.get(str(place), (0.0, 0.0))) for place in range(count)]


def _seen(pairs: list[list[float]]) -> dict[str, list[float]]:
    return {str(place): pair for place, pair in enumerate(pairs) if pair[1]}
