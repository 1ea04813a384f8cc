"""Where a passage stands in a text that people go on writing: by its words, and by what stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

AROUND = 40
MOST_PLACES = 200


@dataclass(frozen=True)
class Anchor:
    """A passage: its words, what stood before and after it, and where it began."""

    quote: str
    before: str = ""
    after: str = ""
    start: int = 0


def anchored(text: str, quote: str, *, near: int = 0) -> Anchor | None:
    """Return the anchor of a passage, of several alike the nearest to a place; None where its words do not stand."""
    places = _places(text, quote)
    if not places:
        return None
    return _anchor(text, *min(places, key=lambda place: abs(place[0] - near)))


def anchored_again(text: str, anchor: Anchor) -> Anchor | None:
    """Return where a passage stands by now; None where its words were changed.

    Of several alike it is the one around which most is as it was, then the nearest.
    """
    places = _places(text, anchor.quote)
    if not places:
        return None

    def fit(place: tuple[int, int]) -> tuple[int, int]:
        start, end = place
        around = _same_end(text[max(0, start - AROUND) : start], anchor.before) + _same_begin(
            text[end : end + AROUND], anchor.after
        )
        return around, -abs(start - anchor.start)

    return _anchor(text, *max(places, key=fit))


def _anchor(text: str, start: int, end: int) -> Anchor:
    return Anchor(text[start:end], text[max(0, start - AROUND) : start], text[end : end + AROUND], start)


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    """Where the words of a passage stand, however the lines are broken."""
    words = quote.split()
    if not words:
        return []
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found: list[tuple[int, int]] = []
    for match in pattern.finditer(text):
        found.append(match.span())
        if len(found) == MOST_PLACES:
            break
    return found


def _same_end(one: str, other: str) -> int:
    return _same_begin(one[::-1], other[::-1])


def _same_begin(one: str, other: str) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
