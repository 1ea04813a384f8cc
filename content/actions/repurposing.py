"""Make another piece of one: for other channels, or the same again when it has rested; say a variant elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.actions.pieces import begin_piece
from content.actions.publications import MOVABLE, plan, unplan
from content.actions.variants import add_variant, drop_variant
from content.documents import VARIANT_FIELDS
from content.evergreen import is_rested
from content.fitting import what_fits
from content.models import Campaign, Piece, Publication, Variant, VariantMedia
from content.renditions import ask_for, bounds_of
from content.writing import hold, hold_variant, saved
from engagement.refusals import Refusal
from engagement.stop_querysets import go_through
from listening.models import Channel
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

# What another piece takes along; a series goes on by its own numbers, an idea is used once.
TAKEN_ALONG = ("body", "kind", "step", "language", "topic", "department")


@allowed("content.write")
@transaction.atomic
def repurpose(piece: Piece, *, channels: Sequence[Channel] = (), title: str = "", by: Member, at: datetime) -> Piece:
    """Begin another piece from one, with a variant for each channel that takes along what fits there."""
    row = _source(piece)
    if len({channel.pk for channel in channels}) != len(channels):
        raise ValidationError({"channels": _("Choose each channel once.")})
    made = _begin(row, title=title.strip() or row.title, by=by, at=at)
    for channel in channels:
        _vary(made, channel, source=row, by=by, at=at)
    record("repurpose", made, by=by, at=at, after={"from_piece": row.pk, "channels": [str(one) for one in channels]})
    return made


@allowed("content.write")
@transaction.atomic
def say_again(piece: Piece, *, by: Member, at: datetime) -> Piece:
    """Begin an evergreen piece anew on the channels that it was said on; it is planned by a person, never by itself.

    Raises Refusal while it rests, and where it was begun anew already.
    """
    row = _source(piece)
    if not is_rested(row, at=at):
        raise Refusal(_("It still rests, is planned, or was begun anew already."))
    made = _begin(row, title=row.title, rests_days=row.rests_days, by=by, at=at)
    for variant in _variants(row):
        if variant.channel.is_active:
            _vary(made, variant.channel, source=row, by=by, at=at)
    record("say_again", made, by=by, at=at, after={"from_piece": row.pk})
    return made


@allowed("content.write")
@transaction.atomic
def move_variant(
    variant: Variant, *, channel: Channel, version: int | None = None, by: Member, at: datetime
) -> Variant:
    """Say a piece on another channel instead: what fits there, its media, and its time.

    What came to nothing is taken off the plan; what went out stays in the records. Raises Refusal while it is being
    published, where the other channel is off or has a variant already, and where what is planned does not fit there.
    """
    go_through()
    row = hold_variant(variant, version=version)
    if row.is_dropped:
        raise Refusal(_("This is not said there any more."))
    if not channel.is_active:
        raise Refusal(_("The channel “%(name)s” is switched off.") % {"name": channel.name[:120]})
    newest = Publication.objects.filter(variant=row).order_by("-pk").first()
    if newest is not None and newest.is_under_way and newest.state not in MOVABLE:
        raise Refusal(_("It is being published just now. Wait until that has ended."))
    planned = newest if newest is not None and newest.state in MOVABLE else None
    if planned is not None:
        unplan(planned, by=by, at=at)
    said = {name: getattr(row, name) for name in VARIANT_FIELDS}
    if channel.network != row.channel.network:
        said = what_fits(row.piece, [row], channel)
    made = add_variant(row.piece, channel=channel, by=by, at=at, **said)
    _take_along(made, row, at=at)
    drop_variant(row, by=by, at=at)
    if planned is not None and planned.due_at >= at:
        plan(
            made, on_day=planned.on_day, at_time=planned.at_time, zone=planned.zone,
            grace_minutes=planned.grace_minutes, by=by, at=at,
        )  # fmt: skip
    record("move_variant", made, by=by, at=at, before={"channel": str(row.channel)}, after={"channel": str(channel)})
    return made


def _source(piece: Piece) -> Piece:
    """The piece as it is now, held so that nobody else begins it anew meanwhile."""
    row: Piece = Piece.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    if row.state == Piece.State.DROPPED:
        raise Refusal(_("This piece was dropped. Pick it up again first."))
    return row


def _begin(row: Piece, *, title: str, by: Member, at: datetime, **more: Any) -> Piece:
    said = {name: getattr(row, name) for name in TAKEN_ALONG}
    if row.campaign is not None and row.campaign.state == Campaign.State.OPEN:
        said["campaign"] = row.campaign
    return begin_piece(title[:200], from_piece=row, **said, **more, by=by, at=at)


def _variants(row: Piece) -> list[Variant]:
    return list(Variant.objects.of_piece(row))


def _vary(made: Piece, channel: Channel, *, source: Piece, by: Member, at: datetime) -> None:
    """Add the variant for a channel: as the source says it there, else with what of it fits."""
    variants = _variants(source)
    same = next((one for one in variants if one.channel_id == channel.pk), None)
    said = {name: getattr(same, name) for name in VARIANT_FIELDS} if same else what_fits(source, variants, channel)
    # The end of an address is taken where the first one stands.
    said.pop("slug", None)
    variant = add_variant(made, channel=channel, by=by, at=at, **said)
    lent = same or next(iter(variants), None)
    if lent is not None and _take_along(variant, lent, at=at):
        # The version that is kept has them, so that whoever takes one away is seen to.
        saved(hold(made), by=by, at=at)


def _take_along(variant: Variant, lent: Variant, *, at: datetime) -> bool:
    """Have the media of one variant go out with another, too; whether there are any."""
    if uses := list(lent.media_rows.all()):
        VariantMedia.objects.bulk_create(
            VariantMedia(variant=variant, media=use.media, position=use.position, alt=use.alt) for use in uses
        )
        for use in uses:
            ask_for(use.media, bounds_of(variant.channel), at=at)
    return bool(uses)
