"""How X weighs a text: links as 23, wide signs and emoji as two, and what it takes for a link."""

from __future__ import annotations

import unicodedata

import regex

MOST, LINK = 280, 23
# With or without https://: X makes a link of every name that may be one. Whatever may be, counts as one here.
ADDRESS = regex.compile(
    r"(?i)(?<![\w@.#$/-])(?:https?://[^\s<>\"“”]+|(?:[\p{L}\p{N}][\p{L}\p{N}-]*\.)+\p{L}{2,24}(?![\w@])(?:/[^\s<>\"“”]*)?)"
)
_SIGN = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")
# Of these letters each weighs one; of all others two.
_NARROW = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def weighed(text: str) -> int:
    """Count as X does."""
    text = unicodedata.normalize("NFC", text)
    links = len(ADDRESS.findall(text))
    return links * LINK + sum(map(_weight, _SIGN.findall(ADDRESS.sub("", text))))


def has_link(text: str) -> bool:
    """Whether there is something in it that X may take for a link."""
    return ADDRESS.search(text) is not None


def _weight(sign: str) -> int:
    if not sign.isascii() and _EMOJI.search(sign):
        return 2
    return sum(1 if any(first <= ord(letter) <= last for first, last in _NARROW) else 2 for letter in sign)
