"""Slots: adding and removing the times at which a channel usually says something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Slot
from content.planning import zone_of
from listening.models import Channel
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

MOST = 200


@allowed("content.manage_campaigns")
@transaction.atomic
def add_slots(
    channel: Channel, /, *, weekdays: Sequence[int], at_time: time, zone: str, by: Member | None, at: datetime
) -> list[Slot]:
    """Add a time on these days of the week; days that have it already stay as they are.

    Raises ValidationError for a zone that is not known, for no day at all, and where the channel has too many.
    """
    zone_of(zone)
    if not weekdays or not set(weekdays) <= set(range(7)):
        raise ValidationError({"weekdays": _("Choose at least one day of the week.")})
    Channel.objects.select_for_update(no_key=True, of=("self",)).get(pk=channel.pk)
    there = Slot.objects.filter(channel=channel)
    known = set(there.filter(at_time=at_time, zone=zone).values_list("weekday", flat=True))
    rows = [
        Slot(channel=channel, weekday=weekday, at_time=at_time, zone=zone, created_at=at, created_by=by)
        for weekday in sorted(set(weekdays) - known)
    ]
    if there.count() + len(rows) > MOST:
        raise ValidationError(_("A channel has at most %(n)s slots.") % {"n": MOST})
    made = Slot.objects.bulk_create(rows)
    for row in made:
        record("add_slots", row, by=by, at=at)
    return made


@allowed("content.manage_campaigns")
@transaction.atomic
def remove_slot(slot: Slot, /, *, by: Member | None, at: datetime) -> None:
    """Remove a slot; what is planned at it stays planned."""
    row = Slot.objects.select_for_update(of=("self",)).select_related("channel").get(pk=slot.pk)
    record("remove_slot", row, by=by, at=at, before={"slot": str(row)})
    row.delete()
