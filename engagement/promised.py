"""By when: what stands beside an opened assignment of the promises that run or ran."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from engagement.beside import Section, beside
from engagement.models import Assignment, Consult, ConsultRequest, Pause, PromiseKind
from roles.models import Member
from roles.wording import listed

Kind = PromiseKind
SHOWN = 2


def waits_for(assignment: Assignment) -> str:
    """For whom the clock stands still: who was asked and has not answered, or the author; empty where it runs."""
    if assignment.paused_at is None or not assignment.is_open:
        return ""
    whys = set(assignment.pauses.filter(ended_at=None).values_list("why", flat=True))
    asked: list[str] = []
    if Pause.Why.CONSULT in whys:
        waiting = ConsultRequest.objects.filter(
            consult__assignment=assignment, consult__state=Consult.State.WAITING, state=ConsultRequest.State.WAITING
        )
        asked = list(dict.fromkeys(str(row.member) for row in waiting.select_related("member__user").order_by("pk")))
    if len(asked) > SHOWN:
        return _("%(names)s and %(n)s more") % {"names": listed(asked[:SHOWN]), "n": len(asked) - SHOWN}
    if asked:
        return listed(asked)
    return _("the author") if Pause.Why.AUTHOR in whys else ""


@beside(place=5)
def promises(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """The first response and what runs, with what became of it; whom the clock waits for where it stands still.

    It is read from the assignment itself: an opened conversation asks often enough.
    """
    shown = []
    if assignment.first_due_at is not None:
        shown.append(
            {
                "label": Kind.FIRST_RESPONSE.label,
                "due_at": assignment.first_due_at,
                "missed": assignment.is_late(at),
                "kept": assignment.first_answered_at is not None,
            }
        )
    if assignment.promise and assignment.promise != Kind.FIRST_RESPONSE:
        label = Kind(assignment.promise).label
        shown.append({"label": label, "due_at": assignment.due_at, "missed": assignment.is_overdue(at), "kept": False})
    if not shown:
        return None
    waiting = list(assignment.pauses.filter(ended_at=None)) if assignment.paused_at else []
    return Section("engagement/beside/_promises.html", {"promises": shown, "waiting": waiting})
