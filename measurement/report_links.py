"""The link in a mail by which a reader ends the mails of a report without signing in."""

from __future__ import annotations

from django.core import signing

from measurement.models import Report
from roles.models import Member
from roles.tenancy import active_organization_id

SALT = "measurement.report-mails"


def stop_key(report: Report, member: Member) -> str:
    """Return the key of the link for one reader of one report."""
    return signing.dumps([active_organization_id(), report.pk, member.pk], salt=SALT)


def read_stop_key(key: str) -> tuple[int, int, int] | None:
    """Return the organization, report and member that a key names, or None where it is not one of ours."""
    try:
        organization, report, member = signing.loads(key, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return organization, report, member
