"""What leaves the house as a file, or into a program, is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

from roles.audit import record
from roles.models import AuditEntry, Member, Organization
from roles.permissions import allowed
from roles.sentences import is_kind, is_verb


@allowed("roles.read_audit")
def export_audit(organization: Organization, *, filters: dict[str, str], by: Member, at: datetime) -> None:
    """Write down that the audit log was taken out, and what of it."""
    record("export_audit", organization, by=by, at=at, after={"filters": filters})


@allowed("roles.read_audit")
def read_audit(organization: Organization, *, filters: dict[str, str], by: Member, at: datetime) -> None:
    """Write down that a program reads the audit log, and what of it; the same once a day, however often it asks."""
    # Of what there is only: the log forgets nothing, and would grow by whatever a program thinks of.
    said = {"filters": {name: value for name, value in filters.items() if _is_there(name, value)}}
    lately = AuditEntry.objects.chosen(by=str(by.pk), verb="read_audit").filter(at__gt=at - timedelta(days=1))
    if not lately.filter(after=said).exists():
        record("read_audit", organization, by=by, at=at, after=said)


def _is_there(name: str, value: str) -> bool:
    if name == "by":
        return Member.objects.filter(pk=value).exists()
    if name == "verb":
        return is_verb(value)
    return is_kind(value) or AuditEntry.objects.chosen(kind=value).exists()
