"""What stands beside a piece, offered by apps above."""

from __future__ import annotations

from typing import Any

from django import template

from content.beside import sections_beside
from content.models import Piece
from engagement.beside import Section
from roles import clock

register = template.Library()


@register.simple_tag(takes_context=True)
def beside_this(context: Any, piece: Piece) -> list[Section]:
    """The sections that help whoever looks at a piece."""
    return sections_beside(piece, context["request"].member, at=clock.now())
