"""Act as another member, and stop."""

from __future__ import annotations

from datetime import datetime

from roles.acting import LASTS
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed


@allowed("roles.act_as")
def act_as(member: Member, *, by: Member, at: datetime) -> None:
    """Write down that one begins to act as another, and until when at most."""
    record("act_as", member, by=by, at=at, after={"until": (at + LASTS).isoformat()})


@allowed("roles.read")
def end_acting(member: Member, *, by: Member, at: datetime) -> None:
    """Write down that one acts as oneself again."""
    record("end_acting", member, by=by, at=at)
