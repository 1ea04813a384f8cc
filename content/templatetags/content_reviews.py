"""What pages say of reviews."""

from __future__ import annotations

from typing import Any

from django import template

from content.models import Piece, Review, Variant
from content.review_pages import Entry, entries
from content.reviewing import ASKABLE, ReviewState, review_state
from content.views.review_media import PICTURES
from roles.permissions import decide

register = template.Library()
TONES = {
    ReviewState.NEEDED: "soon",
    ReviewState.WAITING: "info",
    ReviewState.APPROVED: "ok",
    ReviewState.SENT_BACK: "late",
    ReviewState.CHANGED: "soon",
    ReviewState.ASKS_MORE: "soon",
}
MOST_SHOWN = 4


@register.simple_tag
def picture_address(address: str, row: Any) -> str:
    """The address of a picture that goes out with a variant, from that of picture 0; empty where it is no picture."""
    if not address or not row or row.media.content_type not in PICTURES:
        return ""
    return f"{address.removesuffix('0/')}{row.media_id}/"


@register.simple_tag(takes_context=True)
def reviews_of(context: Any, piece: Piece) -> dict[str, Any]:
    """How the variants of a piece stand with review, what waits or was said last, and whether one may ask."""
    member = context["request"].member
    variants = list(Variant.objects.of_piece(piece))
    for variant in variants:
        variant.piece = piece
    states = review_state(variants)
    shown = [{"variant": one, "state": states[one.pk], "tone": TONES.get(states[one.pk], "plain")} for one in variants]
    rows = Review.objects.filter(piece=piece).exclude(state=Review.State.WITHDRAWN).with_everything().order_by("-pk")
    found: list[Entry] = entries(list(rows[:MOST_SHOWN]), member)
    return {
        "variants": shown,
        "entries": found,
        "may_ask": decide(member, "content.write", piece),
        "may_read": decide(member, "content.review"),
        "is_askable": bool(ASKABLE & set(states.values())),
    }
