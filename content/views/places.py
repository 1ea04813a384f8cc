"""Where the pages of a piece are."""

from __future__ import annotations

from django.urls import reverse

from content.models import Piece


def piece_url(piece: Piece, region: str = "") -> str:
    """The page of a piece, and the region of it that is meant."""
    return reverse("content:piece", args=[piece.pk]) + (f"#{region}" if region else "")
