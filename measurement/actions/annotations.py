"""Note on the time line what happened, and take it off again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from measurement.models import Annotation
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
LONGEST_NOTE = 1000


@allowed("measurement.annotate")
@transaction.atomic
def annotate(where: Organization | Department, /, *, by: Member | None, at: datetime, **fields: Any) -> Annotation:
    """Note what happened on a day, or on some days, for everybody or for a department."""
    row = Annotation(department=where if isinstance(where, Department) else None, noted_at=at, noted_by=by)
    _set(row, fields)
    row.save()
    record("annotate", row, by=by, at=at, after=_facts(row))
    return row


@allowed("measurement.annotate")
@transaction.atomic
def change_annotation(annotation: Annotation, /, *, by: Member | None, at: datetime, **fields: Any) -> Annotation:
    """Say it otherwise, or of other days."""
    row = Annotation.objects.select_for_update(of=("self",)).filter(pk=annotation.pk).first()
    if row is None:
        raise ValidationError(_("Somebody took this note off meanwhile; what you wrote is still in the form."))
    before = _facts(row)
    _set(row, fields)
    row.save()
    if (after := _facts(row)) != before:
        record("change_annotation", row, by=by, at=at, before=before, after=after)
    return row


@allowed("measurement.annotate")
@transaction.atomic
def remove_annotation(annotation: Annotation, *, by: Member | None, at: datetime) -> dict[str, Any]:
    """Take a note off the time line; returns what it said, so that it can be put back."""
    row = Annotation.objects.select_for_update(of=("self",)).filter(pk=annotation.pk).first()
    if row is None:
        return {}
    said = _facts(row)
    record("remove_annotation", row, by=by, at=at, before=said)
    row.delete()
    return said


def _set(row: Annotation, fields: dict[str, Any]) -> None:
    for name in ("title", "note", "first_day", "last_day"):
        if name in fields:
            value = fields[name]
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    if row.last_day == row.first_day:
        row.last_day = None
    if len(row.note) > LONGEST_NOTE:
        raise ValidationError({"note": _("At most %(n)s characters.") % {"n": LONGEST_NOTE}})
    row.full_clean(exclude=["organization", "department", "noted_by"])
    if not FIRST <= row.first_day < LAST or (row.last_day and row.last_day >= LAST):
        raise ValidationError({"first_day": _("A day between 2000 and 2099.")})


def _facts(row: Annotation) -> dict[str, Any]:
    return {
        "title": row.title,
        "note": row.note,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat() if row.last_day else "",
        "department": row.department_id,
    }
