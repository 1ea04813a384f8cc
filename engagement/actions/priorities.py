"""Say how urgent an assignment is, and take that back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement import reasons
from engagement.actions.rows import change, hold, only_in
from engagement.models import Assignment
from engagement.models.rules import Priority
from engagement.promises import reprioritized
from engagement.refusals import Stale
from roles.models import AuditEntry, Member
from roles.permissions import allowed

State = Assignment.State


@allowed("engagement.set_priority")
@transaction.atomic
def set_priority(
    assignment: Assignment, *, priority: int, by: Member, at: datetime, version: int | None = None
) -> Assignment:
    """Say how urgent an assignment is: the queue shows it there, and where another response target applies, by then."""
    if priority not in Priority.values:
        raise ValidationError({"priority": _("Choose how urgent it is.")})
    row = hold(assignment, "engagement.set_priority", by=by, version=version)
    only_in(row, [State.OPEN, State.CLAIMED, State.SNOOZED])
    if row.priority == priority:
        return row
    part = reasons.prioritized(by, row.priority, priority)
    return _set(row, "set_priority", priority, [*row.reasons, part], by=by, at=at)


@allowed("engagement.set_priority")
@transaction.atomic
def put_priority_back(assignment: Assignment, *, by: Member, at: datetime, version: int | None = None) -> Assignment:
    """Undo one's own word on how urgent it is, as long as nobody has done anything to it since."""
    row = hold(assignment, "engagement.set_priority", by=by, version=version)
    said_by_people = AuditEntry.objects.about("assignment", row.pk).filter(by__isnull=False)
    last = said_by_people.order_by("-pk").first()
    if last is None or last.verb != "set_priority" or last.by_id != by.pk:
        raise Stale(_("Something has happened to it since. Say again how urgent it is."))
    only_in(row, [State.OPEN, State.CLAIMED, State.SNOOZED])
    is_last = bool(row.reasons) and row.reasons[-1].get("kind") == "prioritized"
    parts = row.reasons[:-1] if is_last else row.reasons
    return _set(row, "put_priority_back", (last.before or {})["priority"], parts, by=by, at=at)


def _set(
    row: Assignment, verb: str, priority: int, parts: list[dict[str, Any]], *, by: Member, at: datetime
) -> Assignment:
    fields = reprioritized(row, priority, at=at)
    return change(row, verb, by=by, at=at, **fields, reasons=parts)
