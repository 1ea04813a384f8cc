"""Stop and restart the clock of an assignment while somebody else is waited for.

Whether a pause counts is the policy of the assignment's response target; that somebody is waited for is written down
either way, so that the page can say for whom.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from engagement import promises
from engagement.actions.rows import hold
from engagement.changes import told
from engagement.models import Assignment, Pause

Why = Pause.Why


@transaction.atomic
def pause(assignment: Assignment, *, why: str, about: str = "", at: datetime) -> Assignment:
    """Write down that somebody is waited for from now on: `why` is “consult” or “author”, `about` names which.

    The same twice is one pause. Several may last at once, and the clock goes on when the last has ended. The caller has
    decided that this may be done, and writes down who did; the assignment's version stays, for nothing that a form
    shows is another.
    """
    row = hold(assignment, "engagement.read", by=None)
    if row.is_open:
        promises.begin_pause(row, why=why, about=about, at=at)
    return _counted(row, at=at)


@transaction.atomic
def resume(assignment: Assignment, *, why: str, about: str = "", at: datetime) -> Assignment:
    """Write down that it has come; what was promised is due later by as long as it was waited for."""
    row = hold(assignment, "engagement.read", by=None)
    promises.end_pause(row, why=why, about=about, at=at)
    return _counted(row, at=at)


def _counted(row: Assignment, *, at: datetime) -> Assignment:
    fields = promises.count_anew(row, at=at)
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    told([row], at=at, counts="first_due_at" in changed or "paused_at" in changed)
    return row
