"""Where a search is wrong, for people to see."""

from __future__ import annotations


def at_the_place(text: str, position: int, length: int) -> tuple[str, str, str]:
    """Return the text before, at and after the place that is wrong."""
    end = position + max(length, 1)
    return text[:position], text[position:end] or "␣", text[end:]
