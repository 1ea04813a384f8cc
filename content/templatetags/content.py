"""What pages of content say again and again."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from content.standing import Standing, standing_of
from listening.networks.markup import html_of_markdown

register = template.Library()
_TONES = {
    Standing.TROUBLE: "late",
    Standing.SENT_BACK: "soon",
    Standing.REVIEW: "info",
    Standing.PLANNED: "info",
    Standing.PARTLY: "soon",
    Standing.PUBLISHED: "ok",
}


@register.filter
def drawn(text: str) -> SafeString:
    """Markdown as a reader sees it, below a heading of the page."""
    return SafeString(html_of_markdown(text, top=3))  # nothing of the writer's own gets through


@register.inclusion_tag("content/standing.html")
def standing(piece: Any) -> dict[str, Any]:
    """How far a piece has come, in a word and a tone."""
    found = standing_of(piece)
    return {"standing": found, "tone": _TONES.get(found, "plain")}
