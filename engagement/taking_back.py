"""Taking mentions back from a department, while nobody there has begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from engagement.changes import told
from engagement.models import Assignment, AssignmentNote, Draft, Reply
from listening.models import Mention


def take_back(mentions: Sequence[Mention], *, at: datetime) -> set[int]:
    """Remove the untouched assignments of mentions that go back to the stream; returns the mentions that must stay."""
    held = list(
        Assignment.objects.filter(mention__in=[row.pk for row in mentions])
        .select_for_update(of=("self",))
        .annotate(
            has_begun=Exists(AssignmentNote.objects.filter(assignment=OuterRef("pk")))
            | Exists(Draft.objects.filter(assignment=OuterRef("pk")))
            | Exists(Reply.objects.filter(assignment=OuterRef("pk")))
        )
        .order_by("pk")
    )
    begun = {row.mention_id for row in held if row.state != Assignment.State.OPEN or getattr(row, "has_begun", False)}
    free = [row for row in held if row.mention_id not in begun]
    told(free, at=at)
    Assignment.objects.filter(pk__in=[row.pk for row in free]).delete()
    return begun
