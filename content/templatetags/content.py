"""What pages of content say again and again."""

from __future__ import annotations

from typing import Any

from django import template

from content.standing import Standing, standing_of

register = template.Library()
_TONES = {
    Standing.TROUBLE: "late",
    Standing.PLANNED: "info",
    Standing.PARTLY: "soon",
    Standing.PUBLISHED: "ok",
}


@register.inclusion_tag("content/standing.html")
def standing(piece: Any) -> dict[str, Any]:
    """How far a piece has come, in a word and a tone."""
    found = standing_of(piece)
    return {"standing": found, "tone": _TONES.get(found, "plain")}
