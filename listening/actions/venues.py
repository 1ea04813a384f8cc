"""Maps of where the community talks: asked for by people, drawn by a worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import VenueMap
from listening.venues import inventory
from roles.audit import record
from roles.background import hint
from roles.live import look_again
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.tenancy import active_organization_id

SHORTEST, LONGEST = 7, 366
USUAL = timedelta(days=90)
EVERY = timedelta(days=7)


@allowed("listening.map_venues")
@transaction.atomic
def map_venues(organization: Organization, *, days: int, by: Member | None, at: datetime) -> VenueMap:
    """Ask for a map of the last days; a worker draws it within seconds."""
    if not SHORTEST <= days <= LONGEST:
        message = _("Choose from %(least)d to %(most)d days.") % {"least": SHORTEST, "most": LONGEST}
        raise ValidationError({"days": message})
    row = VenueMap.objects.create(since=at - timedelta(days=days), until=at, asked_by=by)
    record("map_venues", row, by=by, at=at, after={"days": days})
    hint("listening.tasks.draw_venue_maps")
    return row


def draw_wanted(*, at: datetime) -> int:
    """Draw the maps of the active organization that wait, and once a week one of the last 90 days; returns how many."""
    newest = VenueMap.objects.order_by("-pk").first()
    if newest is None or newest.until < at - EVERY:
        with transaction.atomic():
            # Two workers that find the same old map: the second sees the first one's new map and makes none.
            Organization.objects.select_for_update(no_key=True).get(pk=active_organization_id())
            if not VenueMap.objects.filter(until__gt=at - EVERY).exists():
                VenueMap.objects.create(since=at - USUAL, until=at)
    drawn = 0
    for key in list(VenueMap.objects.filter(drawn_at=None).order_by("pk").values_list("pk", flat=True)[:10]):
        with transaction.atomic():
            row = VenueMap.objects.select_for_update(skip_locked=True).filter(pk=key, drawn_at=None).first()
            if row is None:
                continue
            row.content, row.drawn_at = inventory(since=row.since, until=row.until), at
            row.save(update_fields=["content", "drawn_at"])
            look_again("venues")
            drawn += 1
    return drawn
