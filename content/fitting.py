"""What of a piece fits on a channel on which it was not said yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.filling import filled_from_body
from content.models import Piece, Variant
from content.shaping import form_of
from listening.models import Channel

# What two accounts on one network say alike.
ALIKE = (
    "text", "title", "link", "first_comment", "warning", "visibility", "language", "categories", "tags",
)  # fmt: skip


def what_fits(piece: Piece, variants: Sequence[Variant], channel: Channel) -> dict[str, Any]:
    """What a new variant begins with: the words of one on the same network, else those of the piece.

    They are cut where they are too long. Link, language, warning and tags of the first variant come along where the
    network has them.
    """
    nearest = next((one for one in variants if one.channel.network == channel.network), None)
    if nearest is not None:
        return {name: getattr(nearest, name) for name in ALIKE}
    form, first = form_of(channel), next(iter(variants), None)
    said: dict[str, Any] = {"title": piece.title[: form.longest_title] if form.title == "required" else ""}
    if first is not None:
        said |= {"link": first.link, "language": first.language, "tags": first.tags[: form.most_tags]}
        said |= {"warning": first.warning} if form.warning != "none" else {}
    if not piece.body.strip() and first is not None:
        return said | {"text": first.text}
    return said | filled_from_body(Variant(piece=piece, channel=channel, **said))
