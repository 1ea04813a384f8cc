"""Variants: adding, editing, taking away, putting in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from content.documents import VARIANT_FIELDS, fields_of
from content.models import Piece, Publication, Variant
from content.versions import to_write
from content.writing import hold, hold_variant, saved
from engagement.refusals import Refusal
from listening.models import Channel
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed


@allowed("content.write")
@transaction.atomic
def add_variant(
    piece: Piece, /, *, channel: Channel, version: int | None = None, by: Member, at: datetime, **said: Any
) -> Variant:
    """Say a piece on one more channel.

    Raises Refusal where it is said there already, Stale where somebody saved since `version`.
    """
    row = hold(piece, version=version)
    if Variant.objects.in_use().filter(piece=row, channel=channel).exists():
        raise Refusal(_("This piece has a variant for %(channel)s already.") % {"channel": channel})
    last = Variant.objects.filter(piece=row).aggregate(last=Max("position"))["last"]
    variant = Variant(piece=row, channel=channel, position=0 if last is None else last + 1, **_known(said))
    variant.full_clean(exclude=["piece", "channel"])
    variant.save()
    saved(row, by=by, at=at)
    record("add_variant", variant, by=by, at=at, after={"channel": str(channel), "version": row.version})
    return variant


@allowed("content.write")
@transaction.atomic
def edit_variant(variant: Variant, /, *, version: int | None = None, by: Member, at: datetime, **said: Any) -> Variant:
    """Change what goes out on one channel; what the writer left as it was in `version` stays as others made it since.

    Raises Opposed where somebody changed the same since, Refusal while it is being published.
    """
    row = hold_variant(variant)
    said = to_write(row.piece, row, _known(said), fields_of(row, VARIANT_FIELDS), version=version)
    if not said:
        return row
    if Publication.objects.filter(variant=row, state__in=["sending", "unknown"]).exists():
        raise Refusal(_("It is being published just now. Wait until that has ended."))
    for name, value in said.items():
        setattr(row, name, value)
    row.full_clean(exclude=["piece", "channel"])
    row.save(update_fields=list(said))
    saved(row.piece, by=by, at=at)
    record("edit_variant", row, by=by, at=at, after={"fields": list(said), "version": row.piece.version})
    return row


@allowed("content.write")
@transaction.atomic
def drop_variant(variant: Variant, *, version: int | None = None, by: Member, at: datetime) -> Variant:
    """Say the piece there no more. Raises Refusal while something of it is on its way out."""
    row = hold_variant(variant, version=version)
    if Publication.objects.under_way().filter(variant=row).exists():
        raise Refusal(_("It is planned. Take it off the plan first."))
    if not row.is_dropped:
        row.is_dropped = True
        row.save(update_fields=["is_dropped"])
        saved(row.piece, by=by, at=at)
        record("drop_variant", row, by=by, at=at, after={"channel": str(row.channel)})
    return row


@allowed("content.write")
@transaction.atomic
def order_variants(piece: Piece, *, keys: Sequence[int], by: Member, at: datetime) -> Piece:
    """Put the variants of a piece in the order of these keys; those that are not named come after."""
    row = hold(piece)
    places = {key: place for place, key in enumerate(keys)}
    variants = list(Variant.objects.filter(piece=row).in_order())
    for place, variant in enumerate(sorted(variants, key=lambda one: places.get(one.pk, len(places)))):
        variant.position = place
    Variant.objects.bulk_update(variants, ["position"])
    record("order_variants", row, by=by, at=at)
    return row


def _known(said: dict[str, Any]) -> dict[str, Any]:
    unknown = set(said) - set(VARIANT_FIELDS)
    if unknown:
        raise TypeError(f"A variant has no {', '.join(sorted(unknown))}.")
    return said
