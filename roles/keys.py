"""Keys of rows as addresses and forms name them."""

from __future__ import annotations

LARGEST = 2**63 - 1


def key_in(text: str) -> int | None:
    """Return the key that a text names, None where it names none; what no row can have is none."""
    # Only the ten digits: other letters count as digits too, and int() refuses some of them.
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    key = int(text)
    return key if key <= LARGEST else None
