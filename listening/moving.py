"""Places that moved for good."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from listening.models import Source
from listening.networks import get
from listening.networks.protocols import ChecksPlaces
from roles.audit import record


def follow_move(source: Source, place: str, *, at: datetime) -> None:
    """Poll the new place from now on; a source whose new place is a source already is closed."""
    network = get(source.network)
    if isinstance(network, ChecksPlaces):
        try:
            place = network.check_place(place)
        except ValueError:
            return  # it leads nowhere that can be read: the old place goes on being asked
    before = source.place
    if place == before or len(place) > 2000:
        return
    row = Source.objects.get(pk=source.pk)
    try:
        with transaction.atomic():
            row.place, row.moved_to, row.moved_in_row = place, "", 0
            row.save(update_fields=["place", "moved_to", "moved_in_row"])
    except IntegrityError:
        row.refresh_from_db()
        row.state = Source.State.CLOSED
        reason = gettext_noop("This place moved to %(place)s, which is a source already.") % {"place": place}
        row.state_reason = reason[:300]
        row.save(update_fields=["state", "state_reason"])
        record("close_source", row, by=None, at=at, after={"reason": row.state_reason})
        return
    record("move_source", row, by=None, at=at, before={"place": before}, after={"place": place})
