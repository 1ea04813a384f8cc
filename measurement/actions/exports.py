"""What leaves the house as a file is written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed


@allowed("measurement.read")
def export_rows(
    organization: Organization, /, *, what: str, filters: dict[str, Any], by: Member | None, at: datetime
) -> None:
    """Write down that the rows behind a figure were taken out, and which."""
    record("export_rows", organization, by=by, at=at, after={"what": what, "filters": filters})
