"""One time scale of a series: the last count alone, or the mean of the last hours."""

from __future__ import annotations

import math
from typing import Any

from listening.early_warning.rarity import Rarity

# Counts scatter more than chance alone: their variance is the mean and this share of its square.
SCATTER = 0.3


class Scale:
    """The recent mean of counts beside the mean of what was expected, and how rare such a distance is."""

    def __init__(self, seconds: float, state: dict[str, Any] | None = None) -> None:
        state = state or {}
        self.seconds = seconds
        self._count: float = state.get("count", 0.0)
        self._usual: float = state.get("usual", 0.0)
        self._seen: int = state.get("seen", 0)
        self._rarity = Rarity(state.get("rarity"))

    def state(self) -> dict[str, Any]:
        """What has been learned, as JSON can hold it."""
        return {"count": self._count, "usual": self._usual, "seen": self._seen, "rarity": self._rarity.state()}

    def take(self, value: float, expected: float, *, gap: float, every: float) -> float:
        """Judge the mean with this count in it, then learn from it; returns the wait for it, as a logarithm."""
        self._seen += 1
        weight = min(1.0, max(gap / self.seconds if self.seconds else 1.0, 1 / self._seen))
        self._count += (value - self._count) * weight
        self._usual += (expected - self._usual) * weight
        distance = (self._count - self._usual) / _spread(self._usual, max(1.0, min(self.seconds / every, self._seen)))
        surprise = math.copysign(math.log1p(abs(distance)), distance)
        chance = self._rarity.chance(surprise)
        self._rarity.learn(surprise)
        return math.log(max(self.seconds, every)) - chance

    def range(self, expected: float) -> tuple[float, float]:
        """Between which single counts nine of ten lie where so much is expected."""
        low, high = (expected + _spread(expected, 1.0) * _distance(end) for end in self._rarity.range(0.9))
        return max(0.0, low), max(0.0, high)

    def fade(self, factor: float) -> None:
        """Let what was learned weigh less."""
        self._rarity.fade(factor)


def _spread(usual: float, size: float) -> float:
    """How far the mean of so many counts usually strays."""
    return math.sqrt((usual + 1) / size + SCATTER * usual * usual)


def _distance(surprise: float) -> float:
    return math.copysign(math.expm1(abs(surprise)), surprise)
