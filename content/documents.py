"""A piece and its variants as one document: what a version keeps, and what two versions are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from content.models import Piece, Variant

PIECE_FIELDS = (
    "title", "body", "kind", "step", "language", "topic", "department", "campaign", "series", "series_number",
    "rests_days",
)  # fmt: skip
VARIANT_FIELDS = (
    "title", "text", "link", "first_comment", "warning", "visibility", "language", "slug", "categories", "tags",
)  # fmt: skip

Document = dict[str, Any]


def document_of(piece: Piece) -> Document:
    """Return what a piece and those of its variants say that are in use, by the variants' keys."""
    rows = Variant.objects.of_piece(piece)
    return {"piece": fields_of(piece, PIECE_FIELDS), "variants": {str(row.pk): variant_document(row) for row in rows}}


def variant_document(variant: Variant) -> Document:
    """Return what a variant says, where, and with which media."""
    media = [
        {"media": row.media_id, "name": row.media.name, "position": row.position, "alt": row.alt}
        for row in variant.media_rows.all()
    ]
    where = {"channel": variant.channel_id, "channel_name": str(variant.channel), "network": variant.channel.network}
    return {**where, **fields_of(variant, VARIANT_FIELDS), "media": media}


def fields_of(row: Model, names: tuple[str, ...]) -> Document:
    """Return fields of a row as JSON holds them: other rows by their keys."""
    return {name: plain(getattr(row, row._meta.get_field(name).attname)) for name in names}  # type: ignore[union-attr]


def plain(value: Any) -> Any:
    """Return a value as a document holds it."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return str(value) if isinstance(value, str) else value


def apart(
    now: Mapping[str, Any], base: Mapping[str, Any] | None, said: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what of a form is to be written, and what others say of the same fields meanwhile.

    `base` is what the writer had read: what they left as it was there is not theirs to write. Where nobody knows what
    they had read, everything that is otherwise now is opposed.
    """
    written: dict[str, Any] = {}
    opposed: dict[str, Any] = {}
    for name, value in said.items():
        mine, theirs = plain(value), now[name]
        if mine == theirs or (base is not None and mine == base.get(name)):
            continue
        if base is not None and theirs == base.get(name):
            written[name] = value
        else:
            opposed[name] = theirs
    return written, opposed
