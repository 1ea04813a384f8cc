"""How rare a surprise is, by all surprises of the same series before it."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate
from typing import Any

# Surprises are logarithms; this is how finely they are told apart, and where the lowest lies.
WIDTH = 0.05
LOWEST = -24
# The largest share of the past that shapes the tail, and how many surprises it has at least.
TAIL = 0.01
FEWEST = 10
# How far surprises in the tail go beyond its beginning on average, before any were seen; and how many that counts for.
USUAL_STEEPNESS = 0.5
USUAL_WEIGHT = 5.0


class Rarity:
    """A histogram of surprises; beyond its largest ones it goes on as a power law (Hill's estimate)."""

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        state = state or {"bins": {}, "total": 0.0}
        known = {int(place): count for place, count in state["bins"].items()}
        self._bins = [known.get(place, 0.0) for place in range(max(known, default=-1) + 1)]
        self._total: float = state["total"]

    def state(self) -> dict[str, Any]:
        """The histogram, as JSON can hold it."""
        bins = {str(place): count for place, count in enumerate(self._bins) if count}
        return {"bins": bins, "total": self._total}

    def chance(self, surprise: float) -> float:
        """The logarithm of the chance of a surprise as large as this one."""
        if not self._total:
            return 0.0
        place, least = _place(surprise), max(FEWEST, TAIL * self._total)
        above = sum(self._bins[place:])
        if above >= least or self._total < 2 * FEWEST:
            return math.log((above + 1) / (self._total + 1))
        edge, share, steepness = self._tail(least)
        return math.log(share) - max(0, place - edge) * WIDTH / steepness

    def range(self, share: float) -> tuple[float, float]:
        """Between which two surprises this share of the past lies."""
        below = list(accumulate(self._bins))
        if not below:
            return 0.0, 0.0
        rest = (1 - share) / 2 * below[-1]
        return _middle(bisect_left(below, rest)), _middle(bisect_left(below, below[-1] - rest))

    def learn(self, surprise: float) -> None:
        """Remember a surprise."""
        place = _place(surprise)
        if place >= len(self._bins):
            self._bins += [0.0] * (place + 1 - len(self._bins))
        self._bins[place] += 1.0
        self._total += 1.0

    def fade(self, factor: float) -> None:
        """Let the past weigh less, and forget what weighs nothing."""
        self._bins = [round(count * factor, 3) for count in self._bins]
        while self._bins and not self._bins[-1]:
            self._bins.pop()
        self._total = math.fsum(self._bins)

    def _tail(self, least: float) -> tuple[int, float, float]:
        """Where the tail begins, its share of the past, and how far a surprise in it goes beyond on average."""
        count, edge = 0.0, len(self._bins)
        while count < least and edge:
            edge -= 1
            count += self._bins[edge]
        beyond = sum(held * step for step, held in enumerate(self._bins[edge:])) * WIDTH
        steepness = (beyond + USUAL_STEEPNESS * USUAL_WEIGHT) / (count + USUAL_WEIGHT)
        return edge, count / (self._total + 1), steepness


def _place(surprise: float) -> int:
    return max(0, math.floor(surprise / WIDTH + 0.5) - LOWEST)


def _middle(place: int) -> float:
    return (place + LOWEST) * WIDTH
