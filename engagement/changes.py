"""Tell the apps above and the open pages what changed, once for each change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engagement.models import Assignment
from engagement.signals import assignments_changed
from roles.live import look_again

# Beyond so many at once, opened conversations are told by the topic of all.
MOST_NAMED = 50


def told(assignments: Sequence[Assignment], *, at: datetime, counts: bool = True) -> None:
    """Send the news of changed assignments; `counts` says whether a figure may be another now."""
    if not assignments:
        return
    assignments_changed.send(Assignment, assignments=assignments, at=at, counts=counts)
    named = [f"assignment:{row.pk}" for row in assignments]
    look_again("queue", *(named if len(named) <= MOST_NAMED else ["assignments"]))
