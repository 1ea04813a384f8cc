"""What the demo shows of roles in depth: a role composed here, terms and absences to come, a department in another."""

from __future__ import annotations

from datetime import datetime, timedelta

from roles.actions.absences import plan_absence
from roles.actions.custom_roles import compose_role
from roles.actions.organization import add_department, move_department
from roles.actions.terms import plan_position
from roles.models import Department, Member, Organization

WATCHES = (
    "listening.read",
    "listening.triage",
    "listening.save_filter",
    "listening.read_warnings",
    "listening.acknowledge",
)


def compose(organization: Organization, *, responder: Member, second: Member, owner: Member, at: datetime) -> None:
    """Compose a role for those who only look after hours, and plan it for somebody; somebody else will be away."""
    role = compose_role(
        organization, name="Weekend watch", description="Looks after hours, and wakes a coach", capabilities=WATCHES,
        by=owner, at=at,
    )  # fmt: skip
    begins_at = (at + timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    ends_at = begins_at + timedelta(days=90)
    away = {"begins_at": begins_at + timedelta(days=3), "ends_at": begins_at + timedelta(days=10)}
    plan_absence(second, **away, stand_in=responder, by=second, at=at)
    workshop = add_department(organization, name="Workshop", by=owner, at=at)
    move_department(workshop, parent=Department.objects.get(slug="care"), by=owner, at=at)
    plan_position(responder, custom_role=role, department=None, begins_at=begins_at, ends_at=ends_at, by=owner, at=at)
