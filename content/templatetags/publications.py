"""When what of a piece is said, beside the piece."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from content.models import Piece, Variant
from content.standing import standing_of_variant
from roles.permissions import decide

register = template.Library()


@register.inclusion_tag("content/_piece_publications.html", takes_context=True)
def publications_of(context: Context, piece: Piece) -> dict[str, Any]:
    """Each variant with its newest publication, and the way to plan it."""
    rows = Variant.objects.in_use().filter(piece=piece).with_newest_publication().select_related("channel").in_order()
    member = context.get("member")
    lines = [
        {
            "variant": row,
            "publication": row.publications_newest[0] if row.publications_newest else None,
            "standing": standing_of_variant(row),
        }
        for row in rows
    ]
    may_plan = member is not None and decide(member, "content.plan", piece)
    return {"lines": lines, "piece": piece, "may_plan": may_plan, "is_dropped": piece.state == Piece.State.DROPPED}
