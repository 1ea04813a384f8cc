"""The family of a piece, drawn as a tree."""

from __future__ import annotations

from typing import Any

from django import template

from content.lineage import tree_of
from content.models import Piece

register = template.Library()


@register.inclusion_tag("content/lineage_tree.html")
def lineage_tree(piece: Piece) -> dict[str, Any]:
    """What was made of a piece, and what it was made of."""
    return {"tree": tree_of(piece)}
