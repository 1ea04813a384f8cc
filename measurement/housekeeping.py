"""The reads of measurement that look across organizations: a report by its address, and whose reports are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from measurement.models import Report, ReportAddress, ReportPicture, ReportSetting
from roles.models import Organization

# Long after a mail was given up pictures are still there, for one that a person has sent again.
PICTURES_KEPT = timedelta(days=30)


def open_report(token: str, *, at: datetime) -> ReportAddress | None:
    """Return the address of this token with its report, where it is open still and the organization allows it."""
    rows = ReportAddress.everywhere.select_related("organization", "report__organization")
    address = rows.filter(token=token, revoked_at=None, expires_at__gt=at, report__dropped_at=None).first()
    if address is None:
        return None
    allowed = ReportSetting.everywhere.filter(organization=address.organization_id, allows_addresses=True)
    return address if allowed.exists() else None


def organizations_with_due_reports(*, at: datetime) -> list[Organization]:
    """Return those in which a report is to be mailed."""
    due = Report.everywhere.filter(next_at__lte=at, dropped_at=None)
    return list(Organization.objects.filter(pk__in=due.values("organization")).order_by("pk"))


def pictures_of(organization_id: int, keys: Collection[int]) -> Mapping[int, bytes]:
    """Return pictures of mailed reports, as far as they are kept, for a mail of their organization."""
    rows = ReportPicture.everywhere.filter(organization=organization_id, pk__in=keys)
    return {key: bytes(png) for key, png in rows.values_list("pk", "png")}


def forget_pictures(*, at: datetime) -> int:
    """Remove pictures that no mail needs any more; returns how many."""
    return ReportPicture.everywhere.filter(drawn_at__lt=at - PICTURES_KEPT).delete()[0]
