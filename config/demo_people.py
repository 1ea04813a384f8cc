"""What the demo shows of roles in depth: a role composed here, and a position that begins next week."""

from __future__ import annotations

from datetime import datetime, timedelta

from roles.actions.custom_roles import compose_role
from roles.actions.terms import plan_position
from roles.models import Member, Organization

WATCHES = (
    "listening.read",
    "listening.triage",
    "listening.save_filter",
    "listening.read_warnings",
    "listening.acknowledge",
)


def compose(organization: Organization, *, responder: Member, owner: Member, at: datetime) -> None:
    """Compose a role for those who only look after hours, and plan it for somebody."""
    role = compose_role(
        organization, name="Weekend watch", description="Looks after hours, and wakes a coach", capabilities=WATCHES,
        by=owner, at=at,
    )  # fmt: skip
    begins_at = (at + timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    ends_at = begins_at + timedelta(days=90)
    plan_position(responder, custom_role=role, department=None, begins_at=begins_at, ends_at=ends_at, by=owner, at=at)
