"""The numbers of a series: which are there, which are missing, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from content.models import Piece, Series

# So many missing numbers are named; a series that jumps to a far number is not filled up by a list.
MOST_MISSING = 20


def next_number(series: Series) -> int:
    """The number after the highest; that of a dropped piece stays its own."""
    return (Piece.objects.filter(series=series).aggregate(last=Max("series_number"))["last"] or 0) + 1


def missing_numbers(numbers: Iterable[int]) -> list[int]:
    """The numbers below the highest that no piece has, as far as they are worth naming."""
    there = set(numbers)
    found = []
    for number in range(1, max(there, default=0)):
        if number not in there:
            found.append(number)
            if len(found) == MOST_MISSING:
                break
    return found
