"""What of a piece fits on a channel on which it was not said yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.models import Piece, Variant
from listening.models import Channel

# What every network knows; warnings, titles and categories belong to those that have them.
EVERYWHERE = ("link", "language", "tags")


def what_fits(piece: Piece, variants: Sequence[Variant], channel: Channel) -> dict[str, Any]:
    """What a new variant begins with: the words of one on the same network, else of the first, else of the piece."""
    nearest = next((one for one in variants if one.channel.network == channel.network), None)
    if nearest is not None:
        names = (*EVERYWHERE, "text", "title", "first_comment", "warning", "visibility", "categories")
        return {name: getattr(nearest, name) for name in names}
    first = next(iter(variants), None)
    if first is None:
        return {"text": piece.body or piece.title, "language": piece.language}
    return {name: getattr(first, name) for name in EVERYWHERE} | {"text": first.text or piece.body or piece.title}
