"""Series of counts for tests: a rhythm by day and week, scatter, chatter, and bursts where they are wanted."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


def made(
    *, days: float, level: float, every: timedelta = timedelta(minutes=5), seed: int = 1,
    bursts: Mapping[datetime, float] | None = None, begin: datetime = BEGIN,
) -> Iterator[tuple[datetime, float]]:  # fmt: skip
    """Counts around the level, twice as many at noon as at midnight, half as many on Sundays; bursts replace it."""
    chance = random.Random(seed)
    for step in range(int(timedelta(days=days) / every)):
        at = begin + step * every
        if bursts and at in bursts:
            yield at, bursts[at]
            continue
        mean = level * (1.35 - 0.65 * math.cos((at.hour - 1) * math.pi / 12)) * (0.5 if at.weekday() == 6 else 1.0)
        chatter = chance.paretovariate(1.5) if chance.random() < 0.01 else 1.0
        yield at, float(_poisson(chance, mean * chatter * chance.gammavariate(6, 1 / 6)))


def _poisson(chance: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, least = 0, chance.random(), math.exp(-mean)
    while product > least:
        count += 1
        product *= chance.random()
    return count
