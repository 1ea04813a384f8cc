"""Keep the inventory of presences: note, change, drop, take up again, look it over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.models import Presence
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed

FIELDS = ("kind", "name", "address", "network", "source", "department", "member", "note")
LONGEST_NAME, LONGEST_NOTE = 120, 300


@allowed("maturity.manage_presences")
@transaction.atomic
def note_presence(organization: Organization, /, *, by: Member | None, at: datetime, **fields: Any) -> Presence:
    """Note where we are, should be, or where one of us speaks."""
    row = Presence(noted_at=at, noted_by=by, checked_at=at)
    _fill(row, fields)
    row.save()
    record("note_presence", row, by=by, at=at, after=_facts(row))
    return row


@allowed("maturity.manage_presences")
@transaction.atomic
def change_presence(presence: Presence, /, *, by: Member | None, at: datetime, **fields: Any) -> Presence:
    """Say it otherwise; whoever changes it has looked at it."""
    row = _held(presence)
    before = _facts(row)
    _fill(row, fields)
    row.checked_at = at
    row.save()
    if (after := _facts(row)) != before:
        record("change_presence", row, by=by, at=at, before=before, after=after)
    return row


@allowed("maturity.manage_presences")
@transaction.atomic
def drop_presence(presence: Presence, /, *, by: Member | None, at: datetime) -> Presence:
    """Take it off the inventory."""
    row = _held(presence)
    if row.dropped_at is None:
        row.dropped_at = at
        row.save(update_fields=["dropped_at"])
        record("drop_presence", row, by=by, at=at)
    return row


@allowed("maturity.manage_presences")
@transaction.atomic
def take_up_presence(presence: Presence, /, *, by: Member | None, at: datetime) -> Presence:
    """Put it on the inventory again."""
    row = _held(presence)
    if row.dropped_at is not None:
        row.dropped_at, row.checked_at = None, at
        row.save(update_fields=["dropped_at", "checked_at"])
        record("take_up_presence", row, by=by, at=at)
    return row


@allowed("maturity.manage_presences")
@transaction.atomic
def look_over_presences(organization: Organization, /, *, by: Member | None, at: datetime) -> int:
    """Say that the inventory, as it stands, is right; returns of how many places."""
    count = Presence.objects.standing().update(checked_at=at)
    record("look_over_presences", organization, by=by, at=at, after={"places": count})
    return count


def _held(presence: Presence) -> Presence:
    return Presence.objects.select_for_update(of=("self",)).get(pk=presence.pk)


def _fill(row: Presence, fields: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in fields:
            setattr(row, name, fields[name])
    row.name, row.address, row.note = row.name.strip(), row.address.strip(), row.note.strip()
    if row.kind not in Presence.Kind.values:
        raise ValidationError({"kind": _("Say whether we are there, should be, or one of us speaks there.")})
    if not row.name or len(row.name) > LONGEST_NAME:
        raise ValidationError({"name": _("Give it a name of at most %(n)s characters.") % {"n": LONGEST_NAME}})
    if len(row.note) > LONGEST_NOTE:
        raise ValidationError({"note": _("At most %(n)s characters.") % {"n": LONGEST_NOTE}})
    if row.address:
        try:
            URLValidator(schemes=["http", "https"])(row.address)
        except ValidationError as problem:
            raise ValidationError({"address": _("An address begins with https:// or http://.")}) from problem
        if len(row.address) > 500:
            raise ValidationError({"address": _("At most %(n)s characters.") % {"n": 500}})
    if row.kind == Presence.Kind.EMPLOYEE and row.member is None:
        raise ValidationError({"member": _("Say who of us speaks there.")})


def _facts(row: Presence) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name,
        "address": row.address,
        "place": row.network or str(row.source or ""),
        "department": str(row.department or ""),
        "who": str(row.member or ""),
        "note": row.note,
    }
