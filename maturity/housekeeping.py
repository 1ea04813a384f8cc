"""The reads of maturity that look across organizations: whose guidelines or cadence an address names, who drills."""

from __future__ import annotations

from datetime import datetime

from maturity.models import CadenceSetting, Drill, GuidelineAddress
from roles.models import Member, Organization
from roles.models.access import digest


def open_address(token: str) -> GuidelineAddress | None:
    """Return the address of this token with its organization, where it has not been revoked."""
    rows = GuidelineAddress.everywhere.select_related("organization")
    return rows.filter(token=token, revoked_at=None).first()


def organizations_drilling(*, at: datetime) -> list[Organization]:
    """Return those in which the next line of a drill is due."""
    due = Drill.everywhere.filter(state=Drill.State.PLAYING, next_at__lte=at)
    return list(Organization.objects.filter(pk__in=due.values("organization")).order_by("pk"))


def cadence_of(key: str) -> Member | None:
    """Return the active member whose cadence this key opens."""
    rows = CadenceSetting.everywhere.filter(
        feed_digest=digest(key), member__is_active=True, member__user__is_active=True
    )
    member = rows.values_list("member", flat=True).first()
    return Member.everywhere.select_related("organization", "user").get(pk=member) if member else None
