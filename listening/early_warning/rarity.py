"""How rare a surprise is, by all surprises of the same series before it."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate
from typing import Any

# Surprises are logarithms; this is how finely they are told apart, and where the lowest lies.
WIDTH = 0.05
LOWEST = -120
# The largest share of the past that shapes the tail, and how many surprises it has at least.
TAIL = 0.01
FEWEST = 10
# How far surprises in the tail go beyond its beginning on average, before any were seen; and how many that counts for.
USUAL_STEEPNESS = 0.5
USUAL_WEIGHT = 5.0


class Rarity:
    """A histogram of surprises; beyond its largest ones it goes on as a power law (Hill's estimate)."""

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        known = {int(place): count for place, count in (state or {}).items()}
        self._bins = [known.get(place, 0.0) for place in range(max(known, default=-1) + 1)]

    def state(self) -> dict[str, float]:
        """The histogram, as JSON can hold it."""
        return {str(place): count for place, count in enumerate(self._bins) if count}

    def judge(self, surprise: float) -> tuple[float, float, float]:
        """The logarithm of the chance of a surprise as large as this one, and between which two nine of ten lie."""
        below = list(accumulate(self._bins))
        total = below[-1] if below else 0.0
        if not total:
            return 0.0, 0.0, 0.0
        low, high = (_middle(bisect_left(below, share * total)) for share in (0.05, 0.95))
        place, least = _place(surprise), max(FEWEST, TAIL * total)
        above = total - below[min(place, len(below)) - 1] if place else total
        if above >= least or total < 2 * FEWEST:
            return math.log((above + 1) / (total + 1)), low, high
        edge = bisect_left(below, total - least)
        share = (total - (below[edge - 1] if edge else 0.0)) / (total + 1)
        return math.log(share) - (place - edge) * WIDTH / self._steepness(edge), low, high

    def learn(self, surprise: float) -> None:
        """Remember a surprise."""
        place = _place(surprise)
        if place >= len(self._bins):
            self._bins += [0.0] * (place + 1 - len(self._bins))
        self._bins[place] += 1.0

    def fade(self, factor: float) -> None:
        """Let the past weigh less, and forget what weighs nothing."""
        self._bins = [left if (left := count * factor) > 1e-3 else 0.0 for count in self._bins]
        while self._bins and not self._bins[-1]:
            self._bins.pop()

    def _steepness(self, edge: int) -> float:
        tail = self._bins[edge:]
        beyond = math.fsum(count * step for step, count in enumerate(tail)) * WIDTH
        return (beyond + USUAL_STEEPNESS * USUAL_WEIGHT) / (math.fsum(tail) + USUAL_WEIGHT)


def _place(surprise: float) -> int:
    return max(0, math.floor(surprise / WIDTH + 0.5) - LOWEST)


def _middle(place: int) -> float:
    return (place + LOWEST) * WIDTH
