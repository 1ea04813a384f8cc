"""The mix of value, drawn wherever one plans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template

from content.models import Piece
from content.value_mix import by_week, mix, why_not_planned
from engagement.joining import policy
from roles import clock
from roles.tenancy import active_organization

register = template.Library()
BACK, AHEAD = timedelta(weeks=8), timedelta(weeks=4)


@register.inclusion_tag("content/value_mix.html")
def value_mix(begins: datetime | None = None, ends: datetime | None = None) -> dict[str, Any]:
    """Which steps our pieces serve between two moments; with none, in the policy's days around now, and by week."""
    if begins is not None and ends is not None:
        return {"mix": mix(begins, ends), "weeks": [], "is_around_now": False}
    days, at = policy().window_days, clock.now()
    found = mix(at - timedelta(days=days), at + timedelta(days=days))
    weeks = by_week(at - BACK, at + AHEAD, active_organization().zone, most=found.most_percent)
    return {"mix": found, "weeks": weeks, "days": days, "is_around_now": True}


@register.inclusion_tag("content/promotion_warning.html")
def promotion_warning(piece: Piece) -> dict[str, Any]:
    """That a piece, said now, would be too much about ourselves; nothing where it gives something."""
    return {"why_not": why_not_planned(piece, clock.now()) if piece.state == Piece.State.OPEN else ""}
