"""Fill a variant from the body of its piece: as it is where Markdown is drawn, else plain, cut and with its link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from content.models import Variant
from content.plain import cut, first_link, plain_text
from content.shaping import form_of, length_of, outgoing_of, words_of_piece


def filled_from_body(variant: Variant) -> dict[str, Any]:
    """Return what a variant would say by the body of its piece; nothing is written."""
    piece, form = variant.piece, form_of(variant.channel)
    values: dict[str, Any] = {"language": variant.language or piece.language}
    if form.is_markdown:
        return values | {"title": variant.title or piece.title, "text": piece.body.strip()}
    body = plain_text(piece.body) or piece.title
    link = variant.link or first_link(piece.body)
    if link:
        # It stands in a field of its own; said twice it would take twice the room.
        body = body.replace(f" ({link})", "").strip()
    outgoing = replace(outgoing_of(variant), link=link)

    def fits(text: str) -> bool:
        words, limits = words_of_piece(variant, replace(outgoing, text=text)), form.limits
        return (limits.text is None or length_of(variant, words) <= limits.text) and not limits.bytes_over(words)

    return values | {"text": cut(body, fits), "link": link}
