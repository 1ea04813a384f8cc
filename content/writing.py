"""A piece and its variants are one document: whatever changes it counts a version, and whoever has to know is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from content.models import Piece, Variant
from engagement.refusals import Refusal, Stale
from roles.models import Member

Told = Callable[[Piece, Member | None, datetime], None]
_told: list[Told] = []


def after_save(tell: Told) -> Told:
    """Have a function called in the transaction of every change of a piece or of one of its variants."""
    _told.append(tell)
    return tell


def hold(piece: Piece, *, version: int | None = None) -> Piece:
    """Lock a piece until the transaction ends, and return it as it is now.

    Raises Stale where somebody has saved it since the `version` that the form was drawn from, and Refusal where it was
    dropped.
    """
    row: Piece = (
        Piece.objects.select_for_update(of=("self",), no_key=True).select_related("department").get(pk=piece.pk)
    )
    if version is not None and version != row.version:
        raise Stale(_("Somebody has changed this piece since you opened it. Your words are kept; look at both."))
    if row.state == Piece.State.DROPPED:
        raise Refusal(_("This piece was dropped. Pick it up again first."))
    return row


def hold_variant(variant: Variant, *, version: int | None = None) -> Variant:
    """Lock the piece of a variant and return the variant as it is now; raises as `hold` does."""
    piece = hold(variant.piece, version=version)
    row: Variant = Variant.objects.select_related("channel").with_media().get(pk=variant.pk)
    row.piece = piece
    return row


def saved(piece: Piece, *, by: Member | None, at: datetime, fields: tuple[str, ...] = ()) -> None:
    """Count a version of a piece that is held, and tell whoever asked to know."""
    piece.version += 1
    piece.saved_at, piece.saved_by = at, by
    piece.save(update_fields=[*fields, "version", "saved_at", "saved_by"])
    for tell in _told:
        tell(piece, by, at)
