"""Durations counted in buckets that grow by 5 %, so that medians and percentiles can be added up over any window.

Bucket `n` holds the durations from 1.05^n up to 1.05^(n+1) seconds; bucket 0 also holds what is shorter than a second.
Those of days are kept packed: a year of them is added up in the time in which a list of numbers for each day would
only be read. A pack that begins with 1 has one byte for each bucket, as nearly all have; any other has four for each,
as PostgreSQL sends a whole number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, zip_longest

GROWTH = 1.05
LAST = 420  # about 25 years; what is longer counts here
# What a bucket of a narrow pack holds at most, and what such a pack begins with: a wide one would begin so only after
# sixteen million waits of less than a second on one day.
NARROW, MARK = 255, b"\x01"
_FORMS = ((True, "u1", 1), (False, ">i4", 4))


def added(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Add histograms up, bucket by bucket."""
    return [sum(column) for column in zip_longest(*histograms, fillvalue=0)]


def added_packs(packs: Iterable[bytes]) -> list[int]:
    """Add packed histograms up, bucket by bucket."""
    import numpy as np

    held, counts = [bytes(pack) for pack in packs if pack], np.zeros(LAST + 1, dtype=np.int64)
    for is_narrow, form, width in _FORMS:
        length = width * (LAST + 1)
        rows = [pack[is_narrow:].ljust(length, b"\0") for pack in held if pack.startswith(MARK) == is_narrow]
        if rows:
            counts += np.frombuffer(b"".join(rows), dtype=form).reshape(-1, LAST + 1).sum(axis=0, dtype=np.int64)
    found: list[int] = counts.tolist()
    return found


def unpacked(pack: bytes) -> list[int]:
    """One packed histogram as numbers, as many as it has buckets."""
    held = bytes(pack)
    if held.startswith(MARK):
        return list(held[1:])
    return [int.from_bytes(held[start : start + 4], "big") for start in range(0, len(held), 4)]


def percentile(histogram: Sequence[int], share: float) -> float | None:
    """Return the duration in seconds that a share (0 to 1) of the counted durations does not exceed.

    The exact value lies in the bucket where the running count reaches the share. Inside it the counted durations are
    taken to lie evenly on the logarithmic scale. The answer is from the same bucket as the exact value, so it is at
    most 5 % off (for durations below 1.05 s: at most 1.05 s). None where nothing was counted.
    """
    total = sum(histogram)
    if not total:
        return None
    if not 0 <= share <= 1:
        raise AssertionError("A share is from 0 to 1.")
    rank = share * total
    reached = list(accumulate(histogram))
    bucket = bisect_left(reached, rank) if rank else bisect_right(reached, 0)
    count = histogram[bucket]
    inside = (rank - (reached[bucket] - count)) / count
    return float(GROWTH ** (bucket + inside)) if bucket else GROWTH * inside
