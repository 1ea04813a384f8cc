"""Plan hours, and note what is done today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.models import Activity, BudgetedTime, Effort, Line
from maturity.models.budget import WEEK_HOURS
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed


@allowed("maturity.set_budget")
@transaction.atomic
def set_budget(
    where: Organization | Department,
    *,
    line: str,
    hours: Mapping[str, Decimal],
    member: Member | None = None,
    by: Member | None,
    at: datetime,
) -> None:
    """Say how many hours a week a department, or the whole, has for each activity of a line; else none.

    With a member they are that person's; without, whoever does it.
    """
    if line not in Line.values:
        raise ValidationError({"line": _("There is no such line.")})
    wanted = {activity: Decimal(count).quantize(Decimal("0.1")) for activity, count in hours.items() if count}
    if unknown := set(wanted) - set(Activity.values):
        raise ValidationError({"hours": _("There is no activity “%(name)s”.") % {"name": min(unknown)}})
    if any(count < 0 for count in wanted.values()) or sum(wanted.values()) > (WEEK_HOURS if member else 10_000):
        raise ValidationError({"hours": _("A week of one person has 168 hours.")})
    if any(count > WEEK_HOURS * 50 for count in wanted.values()):
        raise ValidationError({"hours": _("So many hours a week cannot be planned for one activity.")})
    # Two coaches at once: the second writes after the first, and both are in the log.
    type(where)._default_manager.select_for_update(no_key=True).get(pk=where.pk)
    department = where if isinstance(where, Department) else None
    rows = BudgetedTime.objects.filter(department=department, member=member, line=line)
    before = {row.activity: str(row.hours) for row in rows}
    after = {activity: str(count) for activity, count in wanted.items()}
    if before == after:
        return
    rows.delete()
    BudgetedTime.objects.bulk_create(
        BudgetedTime(department=department, member=member, line=line, activity=activity, hours=count)
        for activity, count in wanted.items()
    )
    said: dict[str, Any] = {"line": line, "member": str(member or "")}
    record("set_budget", where, by=by, at=at, before=said | {"hours": before}, after=said | {"hours": after})


@allowed("maturity.set_budget")
@transaction.atomic
def note_effort(
    where: Organization | Department,
    *,
    title: str,
    hours: Decimal,
    fate: str,
    note: str = "",
    by: Member | None,
    at: datetime,
) -> Effort:
    """Note something that is done today, and what becomes of it."""
    department = where if isinstance(where, Department) else None
    row = Effort(
        department=department, title=title.strip(), hours=hours, fate=fate, note=note.strip(), noted_at=at, noted_by=by
    )
    row.full_clean(exclude=["department", "noted_by"])
    row.save()
    record("note_effort", row, by=by, at=at, after={"hours": str(row.hours), "fate": row.fate, "note": row.note})
    return row


@allowed("maturity.set_budget")
@transaction.atomic
def drop_effort(effort: Effort, *, by: Member | None, at: datetime) -> None:
    """Take an effort off the list."""
    record("drop_effort", effort, by=by, at=at, before={"hours": str(effort.hours), "fate": effort.fate})
    Effort.objects.filter(pk=effort.pk).delete()
