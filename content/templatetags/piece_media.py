"""What a piece's page shows of media."""

from __future__ import annotations

from django import template

from content.models import Piece, Variant

register = template.Library()


@register.simple_tag
def media_of(piece: Piece) -> list[Variant]:
    """The variants of a piece in their order, each with its media as `goes_with`."""
    rows = list(Variant.objects.of_piece(piece))
    for row in rows:
        row.piece = piece
        row.goes_with = list(row.media_rows.all())
    return rows
