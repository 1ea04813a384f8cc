"""Who must act where a reply did not simply go out: its writer, or, where they are not here, who is on call."""

from __future__ import annotations

from datetime import datetime

from engagement.models import Reply
from roles.models import Member, Role


def owner_of(row: Reply, *, at: datetime) -> Member:
    """Return the writer if they are here and still answer in the department, else who is on call, else a coach."""
    department = row.assignment.department_id
    if row.by.is_available(at) and row.by.holds("engagement.settle_delivery", department):
        return row.by
    called = Member.objects.available(at).on_call(at).who_may("engagement.settle_delivery", department)
    coaches = Member.objects.active().with_role(Role.COACH, department).order_by("-is_on_call", "pk")
    found = (rows.first() for rows in (called.order_by("pk"), coaches.available(at), coaches))
    return next((coach for coach in found if coach is not None), row.by)
