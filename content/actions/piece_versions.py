"""Bringing back what a piece said before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from content.documents import PIECE_FIELDS, VARIANT_FIELDS, Document
from content.models import Piece, PieceVersion, Publication, Variant
from content.writing import hold, saved
from engagement.refusals import Refusal
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

# What one says in words; where a piece belongs is not taken back with them.
WORDS = ("title", "body", "kind", "step", "language")


@allowed("content.write")
@transaction.atomic
def restore_version(piece: Piece, *, number: int, by: Member, at: datetime) -> Piece:
    """Bring back the words that a piece and its variants had in a version, as a new version.

    Variants that were taken away since come back, those that were added since stay. Raises Refusal where there is no
    such version, or a variant is being published.
    """
    row = hold(piece)
    version = PieceVersion.objects.filter(piece=row, number=number).first()
    if version is None:
        raise Refusal(_("There is no such version."))
    document: Document = version.document
    assert set(WORDS) <= set(PIECE_FIELDS)
    for name in WORDS:
        setattr(row, name, document["piece"][name])
    for key, said in document["variants"].items():
        _bring_back(row, int(key), said)
    saved(row, by=by, at=at, fields=WORDS)
    record("restore_version", row, by=by, at=at, after={"number": number, "version": row.version})
    return row


def _bring_back(piece: Piece, key: int, said: dict[str, Any]) -> None:
    variant = Variant.objects.select_for_update(of=("self",), no_key=True).filter(pk=key, piece=piece).first()
    if variant is None:
        return
    others = Variant.objects.in_use().filter(piece=piece, channel=variant.channel_id).exclude(pk=key)
    if variant.is_dropped and others.exists():
        return  # another says it there by now
    words = {name: said[name] for name in VARIANT_FIELDS}
    if all(getattr(variant, name) == value for name, value in words.items()) and not variant.is_dropped:
        return
    if Publication.objects.filter(variant=variant, state__in=["sending", "unknown"]).exists():
        raise Refusal(_("It is being published just now. Wait until that has ended."))
    for name, value in words.items():
        setattr(variant, name, value)
    variant.is_dropped = False
    variant.save(update_fields=[*VARIANT_FIELDS, "is_dropped"])
