"""The mix of value, drawn wherever one plans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template

from content.models import Piece
from content.value_mix import mix, why_not_planned
from engagement.joining import policy
from roles import clock

register = template.Library()


@register.inclusion_tag("content/value_mix.html")
def value_mix(begins: datetime | None = None, ends: datetime | None = None) -> dict[str, Any]:
    """Which steps our pieces serve between two moments, or, with none named, within the policy's days on both sides."""
    if begins is not None and ends is not None:
        return {"mix": mix(begins, ends), "days": 0, "is_around_now": False}
    window = timedelta(days=policy().window_days)
    at = clock.now()
    found = mix(begins or at - window, ends or at + window)
    return {"mix": found, "days": window.days, "is_around_now": begins is None and ends is None}


@register.inclusion_tag("content/promotion_warning.html")
def promotion_warning(piece: Piece) -> dict[str, Any]:
    """That a piece, said now, would be too much about ourselves; nothing where it gives something."""
    return {"why_not": why_not_planned(piece, clock.now()) if piece.state == Piece.State.OPEN else ""}
