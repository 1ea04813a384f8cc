"""How long a post is: in what readers see as characters, and in bytes besides."""

from __future__ import annotations

import regex

from listening.networks.words import _

MOST_GRAPHEMES, MOST_BYTES = 300, 3000
_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> int:
    """Count what a reader sees as characters."""
    return len(text) if text.isascii() and "\r" not in text else sum(1 for _found in _GRAPHEME.finditer(text))


def why_too_long(text: str) -> str:
    """Return why a text does not fit into a post; empty where it does."""
    if (length := graphemes(text)) > MOST_GRAPHEMES:
        return _(
            "The text has %(length)s characters; a Bluesky post takes %(most)s.", length=length, most=MOST_GRAPHEMES
        )
    if (size := len(text.encode())) > MOST_BYTES:
        return _(
            "The text needs %(size)s bytes, because of its many signs that need several; a Bluesky post takes 3,000.",
            size=format(size, ","),
        )
    return ""
