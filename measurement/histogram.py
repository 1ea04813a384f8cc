"""Durations counted in buckets that grow by 5 %, so that medians and percentiles can be added up over any window.

Bucket `n` holds the durations from 1.05^n up to 1.05^(n+1) seconds; bucket 0 also holds what is shorter than a second.
Those of days are kept packed, four bytes for each bucket: a year of them is added up in the time in which a list of
numbers for each day would only be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, zip_longest

GROWTH = 1.05
LAST = 420  # about 25 years; what is longer counts here
# As PostgreSQL sends a whole number.
_FORM = ">i4"
_WIDTH = 4 * (LAST + 1)


def added(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Add histograms up, bucket by bucket."""
    return [sum(column) for column in zip_longest(*histograms, fillvalue=0)]


def added_packs(packs: Iterable[bytes]) -> list[int]:
    """Add packed histograms up, bucket by bucket."""
    import numpy as np

    rows = b"".join(bytes(pack).ljust(_WIDTH, b"\0") for pack in packs)
    held = np.frombuffer(rows, dtype=_FORM).reshape(-1, LAST + 1)
    counts: list[int] = held.sum(axis=0, dtype=np.int64).tolist()
    return counts


def unpacked(pack: bytes) -> list[int]:
    """One packed histogram as numbers, as many as it has buckets."""
    return [int.from_bytes(bytes(pack)[start : start + 4], "big") for start in range(0, len(pack), 4)]


def percentile(histogram: Sequence[int], share: float) -> float | None:
    """Return the duration in seconds that a share (0 to 1) of the counted durations does not exceed.

    The exact value lies in the bucket where the running count reaches the share. Inside it the counted durations are
    taken to lie evenly on the logarithmic scale. The answer is from the same bucket as the exact value, so it is at
    most 5 % off (for durations below 1.05 s: at most 1.05 s). None where nothing was counted.
    """
    total = sum(histogram)
    if not total:
        return None
    rank = share * total
    for bucket, (count, reached) in enumerate(zip(histogram, accumulate(histogram), strict=True)):
        if count and reached >= rank:
            inside = max(0.0, rank - (reached - count)) / count
            return float(GROWTH ** (bucket + inside)) if bucket else GROWTH * inside
    raise AssertionError("A share above 1 was asked for.")
