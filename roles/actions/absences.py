"""Absences that are planned: they begin and end by themselves."""

from __future__ import annotations

from datetime import datetime
from types import EllipsisType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.actions.people import come_back, go_away
from roles.audit import record
from roles.holding import may_hold_team
from roles.models import Absence, Member
from roles.permissions import allowed

AT_ONCE = 100
MOST_PLANNED = 50


@allowed("roles.set_availability")
@transaction.atomic
def plan_absence(
    member: Member,
    *,
    begins_at: datetime,
    ends_at: datetime,
    stand_in: Member | None = None,
    by: Member | None,
    at: datetime,
) -> Absence:
    """Say that the member will be away from a moment to come until another, and who stands in then."""
    # Whoever says something of a person's absences holds the person first: two say it one after the other.
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    row = Absence(member=member, begins_at=begins_at, ends_at=ends_at, stand_in=stand_in)
    _check(row, at=at)
    if Absence.objects.filter(member=member).planned().count() >= MOST_PLANNED:
        raise ValidationError(_("At most %(most)s planned absences.") % {"most": MOST_PLANNED})
    row.save()
    record("plan_absence", member, by=by, at=at, after=_facts(row))
    return row


@allowed("roles.set_availability")
@transaction.atomic
def change_absence(
    absence: Absence,
    *,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    stand_in: Member | EllipsisType | None = ...,
    by: Member | None,
    at: datetime,
) -> Absence:
    """Move an absence that has not begun to other days, or have somebody else stand in; what is not said stays."""
    row = _held(absence)
    before = _facts(row)
    row.begins_at, row.ends_at = begins_at or row.begins_at, ends_at or row.ends_at
    if not isinstance(stand_in, EllipsisType):
        row.stand_in = stand_in
    _check(row, at=at)
    if (after := _facts(row)) != before:
        row.save(update_fields=["begins_at", "ends_at", "stand_in"])
        record("change_absence", row.member, by=by, at=at, before=before, after=after)
    return row


@allowed("roles.set_availability")
@transaction.atomic
def drop_absence(absence: Absence, *, by: Member | None, at: datetime) -> None:
    """Take back an absence that has not begun."""
    row = _held(absence)
    record("drop_absence", row.member, by=by, at=at, before=_facts(row))
    row.delete()


def _held(absence: Absence) -> Absence:
    Member.objects.select_for_update(no_key=True).get(pk=absence.member_id)
    row = Absence.objects.with_people().select_for_update(of=("self",)).filter(pk=absence.pk).first()
    if row is None:
        raise ValidationError(_("Somebody has dropped this absence."))
    if row.is_begun:
        raise ValidationError(_("It has begun already. Say that they are here again."))
    return row


def _check(row: Absence, *, at: datetime) -> None:
    """Raise ValidationError unless it lies ahead, ends, overlaps no other, and somebody else stands in, or nobody."""
    if row.begins_at <= at:
        raise ValidationError({"begins_on": _("This day has begun already.")})
    if row.ends_at is None or row.ends_at <= row.begins_at:
        raise ValidationError({"until": _("It ends before it begins.")})
    if not row.member.is_active:
        raise ValidationError(_("%(name)s has left.") % {"name": row.member})
    if row.stand_in is not None and (row.stand_in.pk == row.member_id or not row.stand_in.is_active):
        raise ValidationError({"stand_in": _("Choose somebody else who is here.")})
    others = Absence.objects.filter(member=row.member_id).planned().exclude(pk=row.pk)
    if others.between(row.begins_at, row.ends_at).exists():
        raise ValidationError(
            {"begins_on": _("Another planned absence lies in these days. Change or drop that first.")}
        )


@transaction.atomic
def keep_absences(*, at: datetime) -> int:
    """Begin and end the active organization's absences whose moment has come; returns how many.

    Where somebody changes the team at this moment, or a worker dies, the next beat finds them.
    """
    if not may_hold_team():
        return 0
    return _end(at=at) + _begin(at=at)


def _end(*, at: datetime) -> int:
    due = Member.objects.filter(is_away=True, away_until__lte=at, is_active=True).select_related("user")
    rows = list(due.order_by("pk").select_for_update(no_key=True, skip_locked=True, of=("self",))[:AT_ONCE])
    for member in rows:
        come_back(member, by=None, at=at)
    return len(rows)


def _begin(*, at: datetime) -> int:
    due = Absence.objects.planned().filter(begins_at__lte=at)
    return sum(_begin_one(*found, at=at) for found in list(due.values_list("pk", "member_id")[:AT_ONCE]))


def _begin_one(key: int, member_id: int, *, at: datetime) -> bool:
    """Begin one; False where somebody says something of the person at this moment, and the next look does it."""
    people = Member.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("user")
    member = people.filter(pk=member_id).first()
    still = Absence.objects.planned().filter(pk=key, begins_at__lte=at).with_people()
    row = still.select_for_update(of=("self",)).first() if member is not None else None
    if member is None or row is None:
        return False
    if not member.is_active or _is_away_longer(member, row, at):
        record("drop_absence", member, by=None, at=at, before=_facts(row))
        row.delete()
        return True
    # What goes on ends where this one begins, and is no reason to be away for longer.
    going_on = Absence.objects.filter(member=member, begins_at__lt=row.begins_at).going_on(row.begins_at)
    going_on.update(ends_at=row.begins_at)
    # Who went away in the moments since then is away by this one.
    Absence.objects.filter(member=member, begins_at__gte=row.begins_at).going_on(at).delete()
    row.is_begun = True
    row.save(update_fields=["is_begun"])
    if row.ends_at is not None and row.ends_at > at:
        stand_in = row.stand_in if row.stand_in is not None and row.stand_in.is_active else None
        go_away(member, until=row.ends_at, stand_in=stand_in, by=None, at=at)
    return True


def _is_away_longer(member: Member, row: Absence, at: datetime) -> bool:
    if member.is_available(at):
        return False
    return member.away_until is None or (row.ends_at is not None and member.away_until >= row.ends_at)


def _facts(row: Absence) -> dict[str, Any]:
    return {
        "begins_at": row.begins_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else "",
        "stand_in": str(row.stand_in or ""),
    }
