"""Versions of pieces: kept whenever something was saved, and read by whoever writes on what they had read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from content.documents import Document, apart, document_of
from content.models import Piece, PieceVersion, Variant
from content.refusals import Opposed
from content.writing import after_save
from roles.live import look_again
from roles.models import Member


@after_save
def keep_version(piece: Piece, by: Member | None, at: datetime) -> None:
    """Keep what a piece says now, unless it says what it said before; open pages hear of it."""
    document = document_of(piece)
    newest = PieceVersion.objects.filter(piece=piece).order_by("-number").first()
    if newest is None or newest.document != document:
        PieceVersion.objects.update_or_create(
            piece=piece, number=piece.version, defaults={"document": document, "by": by, "saved_at": at}
        )
    look_again(f"piece:{piece.pk}")


def read_at(piece: Piece, version: int) -> Document | None:
    """Return the document that somebody had read in a version; None where it is not known."""
    row = PieceVersion.objects.filter(piece=piece, number__lte=version).order_by("-number").first()
    return row.document if row is not None else None


def to_write(
    piece: Piece, variant: Variant | None, said: dict[str, Any], now: Document, *, version: int | None
) -> dict[str, Any]:
    """Return which of the fields said for a held piece, or for one of its variants, are to be written.

    What the writer did not touch is left as others made it since `version`. Raises Opposed where they changed the same.
    """
    base: Document | None = now
    if version is not None and version != piece.version:
        document = read_at(piece, version)
        base = document and (document["variants"].get(str(variant.pk)) if variant else document["piece"])
    written, opposed = apart(now, base, said)
    if opposed:
        message = _("%(name)s has changed the same since you opened it. Your words are kept; look at both.")
        raise Opposed(message % {"name": piece.saved_by or _("Somebody")}, now=opposed, version=piece.version)
    return written
