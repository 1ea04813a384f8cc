"""Media of variants: attaching, describing, putting in order, taking away."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from content.actions.media import described
from content.models import Media, Publication, Variant, VariantMedia
from content.renditions import ask_for, bounds_of
from content.writing import hold_variant, saved
from engagement.refusals import Refusal
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

MOST = 20


@allowed("content.write")
@transaction.atomic
def attach_media(
    variant: Variant, *, media: Media, alt: str = "", version: int | None = None, by: Member, at: datetime
) -> VariantMedia:
    """Let media go out with a variant, after those that it has.

    Raises ValidationError where nobody has said what is to be seen, Refusal where it has it already or has too many.
    """
    row, alt = _held(variant, version=version), alt.strip()
    if not (alt or media.alt):
        raise ValidationError({"alt": _("Describe it for people who cannot see or hear it.")})
    rows = VariantMedia.objects.filter(variant=row)
    if rows.filter(media=media).exists():
        raise Refusal(_("It goes out with this variant already."))
    if rows.count() >= MOST:
        raise Refusal(_("A variant takes %(most)s pictures, films and sounds at most.") % {"most": MOST})
    media = described(media, alt, by=by, at=at)
    last = rows.aggregate(last=Max("position"))["last"]
    new = VariantMedia(
        variant=row, media=media, alt="" if alt == media.alt else alt, position=0 if last is None else last + 1
    )
    new.full_clean(exclude=["variant", "media"])
    new.save()
    ask_for(media, bounds_of(row.channel), at=at)
    _saved(new, "attach_media", by=by, at=at)
    return new


@allowed("content.write")
@transaction.atomic
def describe_there(
    row: VariantMedia, *, alt: str, version: int | None = None, by: Member, at: datetime
) -> VariantMedia:
    """Say what is to be seen otherwise than elsewhere; without words as it is said elsewhere."""
    row = _row(row, version=version)
    alt = "" if alt.strip() == row.media.alt else alt.strip()
    if alt == row.alt:
        return row
    row.alt = alt
    row.full_clean(exclude=["variant", "media"])
    if not row.words:
        raise ValidationError({"alt": _("Describe it for people who cannot see or hear it.")})
    row.save(update_fields=["alt"])
    _saved(row, "describe_there", by=by, at=at)
    return row


@allowed("content.write")
@transaction.atomic
def move_media(row: VariantMedia, *, to: Literal["earlier", "later"], by: Member, at: datetime) -> VariantMedia:
    """Let it change places with the one before or after it."""
    row = _row(row)
    rows = list(VariantMedia.objects.filter(variant=row.variant).order_by("position", "pk"))
    here = next(place for place, one in enumerate(rows) if one.pk == row.pk)
    there = here + (1 if to == "later" else -1)
    if not 0 <= there < len(rows):
        return row
    rows[here], rows[there] = rows[there], rows[here]
    for place, one in enumerate(rows):
        one.position = place
    VariantMedia.objects.bulk_update(rows, ["position"])
    _saved(row, "move_media", by=by, at=at)
    return row


@allowed("content.write")
@transaction.atomic
def detach_media(row: VariantMedia, *, version: int | None = None, by: Member, at: datetime) -> None:
    """Let it go out with this variant no more; it stays in the library."""
    row = _row(row, version=version)
    # Whoever is told of it looks at what goes out from now on.
    row.delete()
    _saved(row, "detach_media", by=by, at=at)


def _held(variant: Variant, *, version: int | None = None) -> Variant:
    row = hold_variant(variant, version=version)
    if Publication.objects.filter(variant=row, state__in=["sending", "unknown"]).exists():
        raise Refusal(_("It is being published just now. Wait until that has ended."))
    return row


def _row(row: VariantMedia, *, version: int | None = None) -> VariantMedia:
    variant = _held(row.variant, version=version)
    row = VariantMedia.objects.select_related("media").get(pk=row.pk)
    row.variant = variant
    return row


def _saved(row: VariantMedia, verb: str, *, by: Member, at: datetime) -> None:
    piece = row.variant.piece
    saved(piece, by=by, at=at)
    record(verb, row.variant, by=by, at=at, after={"media": row.media_id, "version": piece.version})
