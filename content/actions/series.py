"""Series: beginning, changing, ending, taking up again, and going on with the next number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from content.actions.pieces import begin_piece
from content.models import Piece, Series
from content.serial import next_number
from engagement.refusals import Refusal
from roles.audit import record, record_change
from roles.models import Department, Member, Organization
from roles.permissions import allowed

State = Series.State


@allowed("content.manage_campaigns")
@transaction.atomic
def begin_series(where: Organization | Department, *, name: str, promise: str = "", by: Member, at: datetime) -> Series:
    """Begin a series, in a department or in the whole organization."""
    department = where if isinstance(where, Department) else None
    row = Series(name=name.strip(), promise=promise.strip(), department=department, created_at=at, created_by=by)
    row.full_clean(exclude=["created_by"])
    row.save()
    record("begin_series", row, by=by, at=at, after=_facts(row))
    return row


@allowed("content.manage_campaigns")
@transaction.atomic
def change_series(series: Series, *, name: str, promise: str = "", by: Member, at: datetime) -> Series:
    """Say what a series is called, and what its readers may expect."""
    row = _held(series)
    before = _facts(row)
    row.name, row.promise = name.strip(), promise.strip()
    row.full_clean(exclude=["created_by"])
    if (after := _facts(row)) != before:
        row.save(update_fields=["name", "promise"])
        record_change("change_series", row, by=by, at=at, before=before, after=after)
    return row


@allowed("content.manage_campaigns")
@transaction.atomic
def end_series(series: Series, *, by: Member, at: datetime) -> Series:
    """End a series; what belongs to it stays."""
    return _set(series, State.ENDED, "end_series", by=by, at=at)


@allowed("content.manage_campaigns")
@transaction.atomic
def take_up_series(series: Series, *, by: Member, at: datetime) -> Series:
    """Go on with a series that had ended."""
    return _set(series, State.OPEN, "take_up_series", by=by, at=at)


@allowed("content.write")
@transaction.atomic
def continue_series(series: Series, *, title: str = "", number: int | None = None, by: Member, at: datetime) -> Piece:
    """Begin the next piece of a series, or one whose number is missing."""
    row = _held(series)
    if row.state == State.ENDED:
        raise Refusal(_("This series has ended. Take it up again first."))
    number = number or next_number(row)
    last = Piece.objects.open().filter(series=row).order_by("-series_number", "-pk").first()
    # It looks like the one before it: of one kind, for the same purpose.
    alike = {name: getattr(last, name) for name in ("kind", "step", "language", "topic")} if last else {}
    name = title.strip() or f"{row.name} {number}"
    piece = begin_piece(name[:200], series=row, series_number=number, department=row.department, **alike, by=by, at=at)
    record("continue_series", row, by=by, at=at, after={"piece": piece.pk, "number": number})
    return piece


def _held(series: Series) -> Series:
    return Series.objects.select_for_update(of=("self",), no_key=True).select_related("department").get(pk=series.pk)


def _set(series: Series, state: State, verb: str, *, by: Member, at: datetime) -> Series:
    row = _held(series)
    if row.state != state:
        row.state = state
        row.save(update_fields=["state"])
        record(verb, row, by=by, at=at)
    return row


def _facts(row: Series) -> dict[str, Any]:
    return {"name": row.name, "promise": row.promise, "department": str(row.department or "")}
