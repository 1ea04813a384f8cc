"""Who must act where a reply did not simply go out: its writer, or, where they are not here, who is on call."""

from __future__ import annotations

from datetime import datetime

from engagement.models import Reply
from listening.way_out.owners import who_decides
from roles.models import Member


def owner_of(row: Reply, *, at: datetime) -> Member:
    """Return the writer if they are here and still answer in the department, else who is on call, else a coach."""
    return who_decides(row.by, "engagement.settle_delivery", row.assignment.department_id, at=at)
