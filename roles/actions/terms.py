"""Positions that begin and end by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.actions.people import give_position, take_position
from roles.audit import record
from roles.granting import require_to_give
from roles.holding import may_hold_team
from roles.models import CustomRole, Department, Member, PlannedPosition, Position, Role
from roles.permissions import allowed

AT_ONCE = 100


@allowed("roles.manage_members")
@transaction.atomic
def plan_position(
    member: Member,
    *,
    begins_at: datetime,
    ends_at: datetime | None = None,
    role: str = "",
    custom_role: CustomRole | None = None,
    department: Department | None,
    capacity: int = 20,
    languages: Sequence[str] = (),
    skills: Sequence[str] = (),
    by: Member | None,
    at: datetime,
) -> PlannedPosition:
    """Say that the member is given a position at a moment to come, for good or until another."""
    if begins_at <= at:
        raise ValidationError({"begins_on": _("This day has begun already.")})
    if ends_at is not None and ends_at <= begins_at:
        raise ValidationError({"ends_on": _("It ends before it begins.")})
    if role == Role.OWNER and department:
        raise ValidationError({"role": _("An owner is owner of the whole organization.")})
    if bool(role) == bool(custom_role):
        raise ValidationError({"role": _("Choose a role.")})
    if not member.is_active:
        raise ValidationError(_("%(name)s has left; let them return first.") % {"name": member})
    require_to_give(by, role=role, custom_role=custom_role, department=department)
    row = PlannedPosition.objects.create(
        member=member, department=department, role=role, custom_role=custom_role, capacity=capacity,
        languages=list(languages), skills=list(skills), begins_at=begins_at, ends_at=ends_at,
    )  # fmt: skip
    record("plan_position", member, by=by, at=at, after=_facts(row))
    return row


@allowed("roles.manage_members")
@transaction.atomic
def drop_plan(planned: PlannedPosition, *, by: Member | None, at: datetime) -> None:
    """Take back a position that has not begun."""
    row = PlannedPosition.objects.select_for_update(of=("self",)).get(pk=planned.pk)
    record("drop_plan", row.member, by=by, at=at, before=_facts(row))
    row.delete()


@transaction.atomic
def keep_terms(*, at: datetime) -> int:
    """Begin and end the active organization's positions whose moment has come; returns how many.

    Where somebody changes the team at this moment, or a worker dies, the next beat finds them.
    """
    if not may_hold_team():
        return 0
    return _end(at=at) + _begin(at=at)


def _begin(*, at: datetime) -> int:
    due = PlannedPosition.objects.filter(begins_at__lte=at).order_by("begins_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
    for row in rows:
        given: dict[str, Any] = {
            "role": row.role, "custom_role": row.custom_role, "department": row.department, "capacity": row.capacity,
            "languages": row.languages, "skills": row.skills, "ends_at": row.ends_at,
        }  # fmt: skip
        try:
            give_position(row.member, **given, by=None, at=at)
        except ValidationError as problem:  # held already, left, or at its end before anybody looked
            record("drop_plan", row.member, by=None, at=at, before=_facts(row), after={"why": problem.messages})
        row.delete()
    return len(rows)


def _end(*, at: datetime) -> int:
    due = Position.objects.filter(ends_at__lte=at).order_by("ends_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
    for row in rows:
        take_position(row, by=None, at=at)
    return len(rows)


def _facts(row: PlannedPosition) -> dict[str, Any]:
    return {
        "role": str(row.custom_role or row.role),
        "department": str(row.department or ""),
        "begins_at": row.begins_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else "",
    }
