"""The first steps of an organization: put the list away, and hold every role oneself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roles.actions.people import give_position
from roles.audit import record
from roles.models import Member, Organization, Position, Role
from roles.permissions import allowed


@allowed("roles.set_up")
@transaction.atomic
def put_set_up_away(organization: Organization, *, by: Member, at: datetime) -> None:
    """Show the list of first steps no more by itself."""
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if row.set_up_ended_at is None:
        Organization.objects.filter(pk=row.pk).update(set_up_ended_at=at)
        record("put_set_up_away", row, by=by, at=at)


@allowed("roles.set_up")
@transaction.atomic
def take_set_up_out(organization: Organization, *, by: Member, at: datetime) -> None:
    """Show the list of first steps again."""
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if row.set_up_ended_at is not None:
        Organization.objects.filter(pk=row.pk).update(set_up_ended_at=None)
        record("take_set_up_out", row, by=by, at=at)


@allowed("roles.manage_members")
@transaction.atomic
def hold_every_role(member: Member, *, by: Member, at: datetime) -> int:
    """Give a member every role for the whole organization that they do not hold for it; returns how many."""
    held = set(Position.objects.in_force().filter(member=member, department=None).values_list("role", flat=True))
    missing = [role for role in Role if role not in held]
    for role in missing:
        give_position(member, role=role, department=None, by=by, at=at)
    return len(missing)
