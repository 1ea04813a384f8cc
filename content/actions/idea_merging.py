"""Merge alike ideas, and take one out again."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Idea
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

State = Idea.State


@allowed("content.merge_ideas")
@transaction.atomic
def merge_ideas(idea: Idea, *, into: Idea, by: Member | None, at: datetime) -> Idea:
    """Put an idea into an alike one; what it says stays readable there, and it can be taken out again."""
    # Both are held in one order, whoever merges which way round.
    rows = Idea.objects.select_for_update(of=("self",)).filter(pk__in={idea.pk, into.pk}).order_by("pk")
    held = {row.pk: row for row in rows}
    row, other = held[idea.pk], held[into.pk]
    if row.pk == other.pk:
        raise ValidationError(_("That is the same idea."))
    if row.merged_into_id == other.pk:
        return row
    if other.state == State.MERGED:
        raise ValidationError(_("That idea was itself merged into another: choose that one."))
    if not row.is_open:
        raise ValidationError(_("Only an idea that is open or accepted can be merged into another."))
    row.state, row.state_before, row.merged_into = State.MERGED, row.state, other
    row.settled_at, row.settled_by = at, by
    row.save(update_fields=["state", "state_before", "merged_into", "settled_at", "settled_by"])
    record("merge_ideas", row, by=by, at=at, after={"into": other.pk, "says": str(other)})
    return row


@allowed("content.merge_ideas")
@transaction.atomic
def split_idea(idea: Idea, *, by: Member | None, at: datetime) -> Idea:
    """Take an idea out of the one into which it was merged; it is again what it was before."""
    row = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    if row.state == State.MERGED:
        before = row.merged_into_id
        row.state, row.state_before, row.merged_into = row.state_before or State.OPEN, "", None
        if row.state == State.OPEN:
            row.settled_at, row.settled_by = None, None
        row.save(update_fields=["state", "state_before", "merged_into", "settled_at", "settled_by"])
        record("split_idea", row, by=by, at=at, before={"into": before})
    return row
