"""What a piece's page shows of results."""

from __future__ import annotations

from django import template

from content.models import Piece, Publication
from content.results import Came, came_of

register = template.Library()
MOST = 20


@register.simple_tag
def came_of_piece(piece: Piece) -> list[Came]:
    """What came of the newest publications of a piece."""
    rows = Publication.objects.filter(variant__piece=piece, state="accepted", accepted_at__isnull=False)
    return came_of(list(rows.select_related("channel").order_by("-accepted_at", "-pk")[:MOST]))
