"""News that changes figures, one call each; all inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from engagement.models import Assignment
from engagement.signals import assignments_changed
from listening.models import Mention, Post
from listening.signals import mentions_captured, posts_revised
from measurement.actions import mark_hours


@receiver(mentions_captured, dispatch_uid="measurement.mark_capture")
def mark_capture(sender: Any, *, mentions: Sequence[Mention], at: datetime, **_later: object) -> None:
    """Mark the hours in which mentions were captured."""
    mark_hours((mention.captured_at for mention in mentions), at=at)


@receiver(posts_revised, dispatch_uid="measurement.mark_revision")
def mark_revision(sender: Any, *, posts: Sequence[Post], at: datetime, **_later: object) -> None:
    """Mark the hours in which edited posts became mentions: other queries may match them now."""
    mark_hours(Mention.objects.filter(post__in=posts).values_list("captured_at", flat=True), at=at)


@receiver(assignments_changed, dispatch_uid="measurement.mark_assignments")
def mark_assignments(
    sender: Any, *, assignments: Sequence[Assignment], at: datetime, counts: bool = True, **_later: object
) -> None:
    """Mark the hours in which the changed assignments were made and ended: that is where they count."""
    if counts:
        moments = (moment for row in assignments for moment in (row.created_at, row.resolved_at))
        mark_hours((moment for moment in moments if moment is not None), at=at)
