"""Saved filters and the board of columns: keeping, sharing, changing, ordering, removing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.filtering import StreamFilter
from listening.models import Column, SavedFilter
from roles.audit import record
from roles.models import Department, Member
from roles.permissions import allowed, require

AT_MOST = 100
COLUMNS_AT_MOST = 12


def save_filter(
    name: str,
    *,
    wanted: StreamFilter,
    shared: bool = False,
    department: Department | None = None,
    by: Member,
    at: datetime,
) -> SavedFilter:
    """Keep a filter under a name: for oneself, or shared with a department or everyone."""
    row = SavedFilter(name=name.strip(), query=str(wanted), created_at=at, created_by=by)
    row.owner, row.department = (None, department) if shared else (by, None)
    return _save(row, by=by, at=at)


@allowed("listening.save_filter")
@transaction.atomic
def _save(row: SavedFilter, *, by: Member, at: datetime) -> SavedFilter:
    others = SavedFilter.objects.filter(owner=row.owner)
    if others.count() >= AT_MOST:
        raise ValidationError(_("There are %(most)s filters already. Remove one first.") % {"most": AT_MOST})
    last = others.order_by("-position").first()
    row.position = last.position + 1 if last else 0
    _check(row)
    row.save()
    record("save_filter", row, by=by, at=at, after=_facts(row))
    return row


@allowed("listening.save_filter")
@transaction.atomic
def change_filter(
    row: SavedFilter,
    *,
    name: str,
    wanted: StreamFilter,
    shared: bool,
    department: Department | None = None,
    by: Member,
    at: datetime,
) -> SavedFilter:
    """Change what a saved filter is called, what it says, and who sees it."""
    row = _held(row)
    before = _facts(row)
    row.name, row.query = name.strip(), str(wanted)
    row.owner, row.department = (None, department) if shared else (row.owner or by, None)
    require(by, "listening.save_filter", row)
    _check(row)
    row.save()
    if _facts(row) != before:
        record("change_filter", row, by=by, at=at, before=before, after=_facts(row))
    return row


@allowed("listening.save_filter")
@transaction.atomic
def move_filter(row: SavedFilter, *, up: bool, by: Member, at: datetime) -> SavedFilter:
    """Move a saved filter one place up or down among those of its kind."""
    rows = list(
        SavedFilter.objects.select_for_update(of=("self",)).filter(owner=row.owner_id).order_by("position", "pk")
    )
    place = next((number for number, one in enumerate(rows) if one.pk == row.pk), 0)
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        for number, one in enumerate(rows):
            one.position = number
        SavedFilter.objects.bulk_update(rows, ["position"])
        record("move_filter", row, by=by, at=at)
    return row


@allowed("listening.save_filter")
@transaction.atomic
def remove_filter(row: SavedFilter, *, by: Member, at: datetime) -> None:
    """Forget a saved filter; the columns that show it go too, the mentions stay."""
    row = _held(row)
    record("remove_filter", row, by=by, at=at, before=_facts(row))
    row.delete()


@allowed("listening.read")
@transaction.atomic
def arrange_columns(member: Member, *, filters: Sequence[SavedFilter], by: Member, at: datetime) -> list[Column]:
    """Put saved filters side by side on a member's own board, in this order."""
    if member.pk != by.pk:
        raise ValidationError(_("A board belongs to its member."))
    if len(filters) > COLUMNS_AT_MOST:
        raise ValidationError(_("At most %(most)s columns stand side by side.") % {"most": COLUMNS_AT_MOST})
    seen = list({row.pk: row for row in filters}.values())
    Column.objects.filter(member=member).delete()
    made = Column.objects.bulk_create(
        Column(member=member, saved_filter=row, position=number) for number, row in enumerate(seen)
    )
    record("arrange_columns", member, by=by, at=at, after={"columns": [row.name for row in seen]})
    return made


def _held(row: SavedFilter) -> SavedFilter:
    return SavedFilter.objects.select_for_update(of=("self",)).select_related("department", "owner").get(pk=row.pk)


def _check(row: SavedFilter) -> None:
    if trouble := StreamFilter.read(row.query).trouble:
        raise ValidationError({"q": str(trouble)})
    row.full_clean(exclude=["created_by", "owner", "department"])


def _facts(row: SavedFilter) -> dict[str, Any]:
    return {
        "name": row.name,
        "filter": row.query,
        "for": str(row.owner or row.department or _("Everybody")),
    }
