"""What helps to write or review a piece, beside it: each section is offered by the app above that knows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from content.models import Piece
from engagement.beside import Section
from roles.models import Member

Offer = Callable[[Piece, Member, datetime], Section | None]
_offers: list[Offer] = []


def beside_piece(read: Offer) -> Offer:
    """Offer a section for each piece that is opened or reviewed, or None where there is nothing to show."""
    _offers.append(read)
    return read


def sections_beside(piece: Piece, member: Member, *, at: datetime) -> list[Section]:
    """All sections that have something to say about a piece to this member."""
    found = (read(piece, member, at) for read in _offers)
    return [section for section in found if section is not None]
