"""Who must act where something did not simply go out."""

from __future__ import annotations

from datetime import datetime

from roles.models import Member, Role


def who_decides(writer: Member, capability: str, department: int | None, *, at: datetime) -> Member:
    """Return the writer if they are here and still may in the department, else who is on call, else a coach."""
    if writer.is_available(at) and writer.holds(capability, department):
        return writer
    where = [department] if department else []
    called = Member.objects.available(at).on_call(at).who_may(capability, *where)
    coaches = Member.objects.active().with_role(Role.COACH, department).order_by("-is_on_call", "pk")
    found = (rows.first() for rows in (called.order_by("pk"), coaches.available(at), coaches))
    return next((coach for coach in found if coach is not None), writer)
