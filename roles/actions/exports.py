"""What leaves the house as a file is written down."""

from __future__ import annotations

from datetime import datetime

from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed


@allowed("roles.read_audit")
def export_audit(organization: Organization, *, filters: dict[str, str], by: Member, at: datetime) -> None:
    """Write down that the audit log was taken out, and what of it."""
    record("export_audit", organization, by=by, at=at, after={"filters": filters})
