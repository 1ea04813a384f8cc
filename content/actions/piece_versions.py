"""Bringing back what a piece said before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
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

    Variants that were taken away since come back, those that were added since stay; their media stay as they are.
    Raises Refusal where there is no such version, what it says is not taken any more, or a variant is being published.
    """
    row = hold(piece)
    version = PieceVersion.objects.filter(piece=row, number=number).first()
    if version is None:
        raise Refusal(_("There is no such version."))
    document: Document = version.document
    assert set(WORDS) <= set(PIECE_FIELDS)
    for name in WORDS:
        # A version that was kept before there was a field says nothing of it.
        setattr(row, name, document["piece"].get(name, getattr(row, name)))
    _require_valid(row, "author", "saved_by")
    found = [_bring_back(row, int(key), said) for key, said in document["variants"].items()]
    saved(row, by=by, at=at, fields=WORDS)
    for variant in found:
        if variant is not None:
            # Whoever brings words back made them what they are, and says no yes to them.
            record("edit_variant", variant, by=by, at=at, after={"number": number, "version": row.version})
    record("restore_version", row, by=by, at=at, after={"number": number, "version": row.version})
    return row


def _bring_back(piece: Piece, key: int, said: dict[str, Any]) -> Variant | None:
    """Return the variant where it is otherwise now."""
    rows = Variant.objects.select_for_update(of=("self",), no_key=True).filter(pk=key, piece=piece)
    variant: Variant | None = rows.first()
    if variant is None:
        return None
    others = Variant.objects.in_use().filter(piece=piece, channel=variant.channel_id).exclude(pk=key)
    if variant.is_dropped and others.exists():
        return None  # another says it there by now
    words = {name: said.get(name, getattr(variant, name)) for name in VARIANT_FIELDS}
    if all(getattr(variant, name) == value for name, value in words.items()) and not variant.is_dropped:
        return None
    if Publication.objects.filter(variant=variant, state__in=["sending", "unknown"]).exists():
        raise Refusal(_("It is being published just now. Wait until that has ended."))
    for name, value in words.items():
        setattr(variant, name, value)
    variant.is_dropped = False
    _require_valid(variant, "piece", "channel")
    variant.save(update_fields=[*VARIANT_FIELDS, "is_dropped"])
    return variant


def _require_valid(row: Piece | Variant, *known: str) -> None:
    try:
        row.full_clean(exclude=known)
    except ValidationError as problem:
        raise Refusal(" ".join(problem.messages)) from problem
