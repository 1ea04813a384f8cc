"""What the pages show of consults: beside an opened assignment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engagement.attention import attention
from engagement.beside import Section, beside
from engagement.models import Assignment, Consult, ConsultRequest
from roles.models import Member
from roles.permissions import decide


@beside(place=30)
def consults_beside(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """What was asked about the assignment, of whom, and what they said; one query, where there are any at all."""
    requests = ConsultRequest.objects.filter(consult__assignment=assignment).select_related(
        "member__user", "consult__asked_by__user"
    )
    by_consult: dict[int, dict[str, Any]] = {}
    for request in requests.order_by("consult_id", "pk") if attention(member).has_consults else ():
        request.consult.assignment = assignment
        entry = by_consult.setdefault(request.consult_id, {"consult": request.consult, "requests": []})
        entry["requests"].append(request)
    may_ask = decide(member, "engagement.consult", assignment)
    if not by_consult and not (may_ask and assignment.is_open):
        return None
    waits = [entry for entry in by_consult.values() if entry["consult"].state == Consult.State.WAITING]
    context = {
        "consults": list(by_consult.values()),
        "may_ask": may_ask,
        "assignment": assignment,
        "stands_still": bool(waits) and assignment.is_open and assignment.paused_at is not None,
    }
    return Section("engagement/beside/_consult.html", context)
