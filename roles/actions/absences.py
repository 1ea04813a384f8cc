"""Absences that are planned: they begin and end by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.actions.people import come_back, go_away
from roles.audit import record
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
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if begins_at <= at:
        raise ValidationError({"begins_on": _("This day has begun already.")})
    if ends_at <= begins_at:
        raise ValidationError({"until": _("It ends before it begins.")})
    if not member.is_active:
        raise ValidationError(_("%(name)s has left.") % {"name": member})
    if stand_in is not None and (stand_in.pk == member.pk or not stand_in.is_active):
        raise ValidationError({"stand_in": _("Choose somebody else who is here.")})
    planned = Absence.objects.filter(member=member).planned()
    if planned.between(begins_at, ends_at).exists():
        raise ValidationError({"begins_on": _("Another planned absence lies in these days. Drop that first.")})
    if planned.count() >= MOST_PLANNED:
        raise ValidationError(_("At most %(most)s planned absences.") % {"most": MOST_PLANNED})
    row = Absence.objects.create(member=member, begins_at=begins_at, ends_at=ends_at, stand_in=stand_in)
    record("plan_absence", member, by=by, at=at, after=_facts(row))
    return row


@allowed("roles.set_availability")
@transaction.atomic
def drop_absence(absence: Absence, *, by: Member | None, at: datetime) -> None:
    """Take back an absence that has not begun."""
    row = Absence.objects.select_for_update(of=("self",)).select_related("member__user").get(pk=absence.pk)
    if row.is_begun:
        raise ValidationError(_("It has begun already. Say that they are here again."))
    record("drop_absence", row.member, by=by, at=at, before=_facts(row))
    row.delete()


@transaction.atomic
def keep_absences(*, at: datetime) -> int:
    """Begin and end the active organization's absences whose moment has come; returns how many.

    Workers that look at once share the rows; what one does not finish, the next beat finds.
    """
    return _end(at=at) + _begin(at=at)


def _end(*, at: datetime) -> int:
    due = Member.objects.filter(is_away=True, away_until__lte=at, is_active=True).select_related("user")
    rows = list(due.order_by("pk").select_for_update(no_key=True, skip_locked=True, of=("self",))[:AT_ONCE])
    for member in rows:
        come_back(member, by=None, at=at)
    return len(rows)


def _begin(*, at: datetime) -> int:
    due = Absence.objects.planned().filter(begins_at__lte=at).with_people()
    rows = list(due.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
    for row in rows:
        member = (
            Member.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=row.member_id)
        )
        if not member.is_active or _is_away_longer(member, row, at):
            record("drop_absence", member, by=None, at=at, before=_facts(row))
            row.delete()
            continue
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
    return len(rows)


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
