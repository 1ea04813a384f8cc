"""What leaves the house as a file, or into a program, is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

from roles.audit import record
from roles.models import AuditEntry, Member, Organization
from roles.permissions import allowed


@allowed("roles.read_audit")
def export_audit(organization: Organization, *, filters: dict[str, str], by: Member, at: datetime) -> None:
    """Write down that the audit log was taken out, and what of it."""
    record("export_audit", organization, by=by, at=at, after={"filters": filters})


@allowed("roles.read_audit")
def read_audit(organization: Organization, *, filters: dict[str, str], by: Member, at: datetime) -> None:
    """Write down that a program reads the audit log, and what of it; the same once a day, however often it asks."""
    said = {"filters": filters}
    lately = AuditEntry.objects.chosen(by=str(by.pk), verb="read_audit").filter(at__gt=at - timedelta(days=1))
    if not lately.filter(after=said).exists():
        record("read_audit", organization, by=by, at=at, after=said)
