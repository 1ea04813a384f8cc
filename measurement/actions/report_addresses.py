"""Open a report to others at an address that nobody can guess, as far as the organization allows it, and revoke it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from measurement.models import Report, ReportAddress, ReportSetting
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed

# For how many days an address may be open.
TERMS = (7, 30, 90, 365)
USUAL_TERM = 90
# When somebody opened an address last is known to within this.
READ_AGAIN = timedelta(minutes=5)


@allowed("measurement.allow_report_addresses")
@transaction.atomic
def allow_report_addresses(organization: Organization, *, allows: bool, by: Member | None, at: datetime) -> None:
    """Say whether reports may be opened to others at all; where no more, all addresses that are open are revoked."""
    fresh = ReportSetting(changed_at=at, changed_by=by)
    ReportSetting.objects.bulk_create([fresh], ignore_conflicts=True)
    row = ReportSetting.objects.select_for_update(of=("self",)).get()
    if row.allows_addresses == allows:
        return
    row.allows_addresses, row.changed_at, row.changed_by = allows, at, by
    row.save(update_fields=["allows_addresses", "changed_at", "changed_by"])
    record("allow_report_addresses", row, by=by, at=at, after={"allows": allows})
    if not allows:
        for address in ReportAddress.objects.filter(revoked_at=None).select_related("report"):
            unpublish_report(address.report, by=None, at=at)


def are_allowed() -> bool:
    """Whether reports of the active organization may be opened to others."""
    return ReportSetting.objects.filter(allows_addresses=True).exists()


@allowed("measurement.publish_reports")
@transaction.atomic
def publish_report(report: Report, *, days: int | None = None, by: Member | None, at: datetime) -> ReportAddress:
    """Open an address at which anybody may read it for so many days; one that is open already is open so long now.

    Where nobody says how long, a new one is open for 90 days, and one that is open already stays as it is.
    """
    if days is not None and days not in TERMS:
        raise ValidationError({"days": _("Choose for how long.")})
    # Held until the end, so that what is allowed now is still allowed when the address is there.
    setting = ReportSetting.objects.select_for_update(of=("self",)).filter(allows_addresses=True).first()
    row = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if setting is None:
        raise ValidationError(_("The owner of this organization has not allowed that reports are opened to others."))
    if row.dropped_at is not None:
        raise ValidationError(_("It was dropped meanwhile."))
    open_now: ReportAddress | None = ReportAddress.objects.filter(report=row, revoked_at=None).first()
    until = at + timedelta(days=days or USUAL_TERM)
    if open_now is not None and open_now.expires_at > at:
        if days is not None and open_now.expires_at != until:
            open_now.expires_at = until
            open_now.save(update_fields=["expires_at"])
            record("publish_report", row, by=by, at=at, after={"days": days})
        return open_now
    if open_now is not None:
        # It opens nothing any more; the next one is another.
        open_now.revoked_at = open_now.expires_at
        open_now.save(update_fields=["revoked_at"])
    address: ReportAddress = ReportAddress.objects.create(
        report=row, token=secrets.token_urlsafe(24), opened_at=at, opened_by=by, expires_at=until
    )
    record("publish_report", row, by=by, at=at, after={"days": days or USUAL_TERM})
    return address


@allowed("measurement.publish_reports")
@transaction.atomic
def unpublish_report(report: Report, *, by: Member | None, at: datetime) -> None:
    """Revoke its address: it opens nothing any more, and the next one is another."""
    if ReportAddress.objects.filter(report=report, revoked_at=None).update(revoked_at=at, revoked_by=by):
        record("unpublish_report", report, by=by, at=at)


def note_reading(address: ReportAddress, *, at: datetime) -> None:
    """Write down that somebody opened an address; not each time, but to within some minutes."""
    if address.read_at is None or at - address.read_at >= READ_AGAIN:
        ReportAddress.objects.filter(pk=address.pk).update(read_at=at)
