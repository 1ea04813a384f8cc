"""Pass on what a member has, inside a transaction of whoever decided it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engagement import reasons
from engagement.assigning import CHANGED, give
from engagement.changes import told
from engagement.escalating import Escalating
from engagement.models import Assignment, Reply
from engagement.querysets import hold_lock
from roles.audit import record_many
from roles.models import Member

State = Assignment.State
AT_ONCE = 200


def pass_on(
    member: Member,
    *,
    to: Member | None,
    assignments: Iterable[int] | None = None,
    note: str = "",
    by: Member | None,
    at: datetime,
) -> tuple[int, int]:
    """Pass on what a member has, all or some of it, to a colleague or, with nobody named, to whom the policy chooses.

    What a reply is on its way for stays until that is settled. Returns how many were passed on, and how many stayed.
    """
    hold_lock()
    rows = Assignment.objects.unresolved().filter(member=member).order_by("pk")
    if assignments is not None:
        rows = rows.filter(pk__in=list(assignments))
    held = list(rows.select_for_update(no_key=True, of=("self",)).select_related("mention__post"))
    busy = set(Reply.objects.under_way().filter(assignment__in=held).values_list("assignment_id", flat=True))
    free = [row for row in held if row.pk not in busy and _may_have(to, row, at=at)]
    escalating = Escalating(at=at)
    for row in free:
        row.member, row.claimed_at, row.assigned_at = to, None, at if to else None
        row.state = State.OPEN if row.state == State.CLAIMED else row.state
        part = reasons.given(by, to, note.strip()[:500]) if to and by else reasons.returned(member, "handed_over")
        row.reasons = [*row.reasons, part]
        row.escalates_at = escalating.moment(row.department_id)
        row.version += 1
    Assignment.objects.bulk_update(free, CHANGED, batch_size=AT_ONCE)
    was = {row.pk: {"member": member.pk, "member_name": str(member)} for row in free}
    now = {row.pk: {"member": to.pk if to else None, "member_name": str(to or ""), "note": note} for row in free}
    record_many("hand_over", free, by=by, at=at, before=was, after=now)
    if to is None:
        give([row for row in free if row.state == State.OPEN], at=at, without=frozenset({member.pk}))
    told(free, at=at)
    return len(free), len(held) - len(free)


def _may_have(to: Member | None, row: Assignment, *, at: datetime) -> bool:
    if to is None:
        return True
    return to.is_available(at) and to.holds("engagement.claim", row.department_id)
