"""How waits are spread over steps from minutes to weeks: a figure and the rows behind it are cut at the same places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from measurement.histogram import GROWTH, LAST
from roles import wording

# Up to how many seconds each step goes; the last has no end.
EDGES = (300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 604_800)
STEPS = len(EDGES) + 1


def labels() -> list[str]:
    """The steps as people say them."""
    return [f"≤ {wording.span(edge)}" for edge in EDGES] + [f"> {wording.span(EDGES[-1])}"]


def stepped(histogram: Sequence[int]) -> list[int]:
    """How many waits of a histogram fall into each step; steps are true to 5 %."""
    steps = [0] * STEPS
    for bucket, count in enumerate(histogram):
        steps[_step_of(bucket)] += count
    return steps


def buckets_of(step: int) -> tuple[int, int]:
    """The first and the last bucket of a histogram that a step counts."""
    inside = [bucket for bucket in range(LAST + 1) if _step_of(bucket) == step]
    return inside[0], inside[-1]


def _step_of(bucket: int) -> int:
    """By the middle of the bucket, on the scale that it is cut on."""
    return bisect_left(EDGES, GROWTH ** (bucket + 0.5))
