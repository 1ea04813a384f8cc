"""By when: what stands beside an opened assignment of the promises that run or ran."""

from __future__ import annotations

from datetime import datetime

from engagement.beside import Section, beside
from engagement.models import Assignment
from roles.models import Member


@beside(place=5)
def promises(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """Each promise with its time and what became of it; whom the clock waits for where it stands still."""
    rows = list(assignment.promises.all())
    if not rows:
        return None
    waiting = assignment.pauses.filter(ended_at=None) if assignment.paused_at else ()
    shown = [{"promise": row, "missed": row.is_missed(at) and not _stopped(assignment, row.due_at)} for row in rows]
    return Section("engagement/beside/_promises.html", {"promises": shown, "waiting": list(waiting)})


def _stopped(assignment: Assignment, due_at: datetime) -> bool:
    """Whether its clock was stopped before the promise was due."""
    return assignment.paused_at is not None and due_at >= assignment.paused_at
