"""Keys of rows as addresses and forms name them."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

LARGEST = 2**63 - 1
# Stands for a key while an address is taken apart; no row has it.
ANY_KEY = 9_007_199_254_740_991


def key_in(text: str) -> int | None:
    """Return the key that a text names, None where it names none; what no row can have is none."""
    # Only the ten digits: other letters count as digits too, and int() refuses some of them.
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    key = int(text)
    return key if key <= LARGEST else None


def addresses(name: str) -> Callable[[int], str]:
    """The addresses of rows by their keys: looked for once, however many lines there are."""
    before, _sign, after = reverse(name, args=[ANY_KEY]).rpartition(str(ANY_KEY))
    return lambda key: f"{before}{key}{after}"
