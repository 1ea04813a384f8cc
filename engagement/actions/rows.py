"""What the actions on one assignment share: take hold of the row as it is now, change it, tell everyone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from engagement.changes import told
from engagement.escalating import Escalating
from engagement.models import Assignment, Reply
from engagement.querysets import hold_lock
from engagement.refusals import Refusal, Stale
from roles.audit import record
from roles.models import Member
from roles.permissions import require
from roles.statements import by_key

# What figures are made from; the state alone makes none: who resolves or answers also writes when.
COUNTED = frozenset({"department", "first_answered_at", "first_due_at", "resolved_at", "outcome"})


def hold(
    assignment: Assignment, capability: str, *, by: Member | None, version: int | None = None, giving: bool = False
) -> Assignment:
    """Lock the row until the transaction ends and return it as it is now; the actor must still be allowed.

    Raises Stale where it is not at the version that the actor saw. `giving` is for verbs after which somebody else
    may get it: they take the lock on giving out work first, as everyone does, so that no two wait for each other.
    """
    if giving:
        hold_lock()
    rows = Assignment.objects.select_for_update(no_key=True, of=("self",)).with_mentions()
    now = by_key(rows.select_related("department__organization"), assignment.pk)
    if version is not None and now.version != version:
        raise Stale(_("This has changed since you opened it. Look again, then decide."))
    if by is not None:
        require(by, capability, now)
    return now


def hold_reply(key: int) -> Reply:
    """Lock a reply until the transaction ends and return it as it is now; its assignment is locked before."""
    return by_key(Reply.objects.select_for_update(no_key=True, of=("self",)).with_everything(), key)


def facts(assignment: Assignment) -> dict[str, Any]:
    """What the audit log keeps of an assignment, and what can be put back from it."""
    return {
        "state": assignment.state,
        "priority": assignment.priority,
        "department": assignment.department_id,
        "member": assignment.member_id,
        "member_name": str(assignment.member or ""),
        "snoozed_until": assignment.snoozed_until.isoformat() if assignment.snoozed_until else None,
        "outcome": assignment.outcome,
    }


def change(
    assignment: Assignment, verb: str, *, by: Member | None, at: datetime, note: str = "", **fields: Any
) -> Assignment:
    """Write the fields and a new version, the audit entry with what it was before, and the news."""
    before = facts(assignment)
    if fields.get("state") == Assignment.State.OPEN:
        # Somebody is to take it, from now on.
        department = fields.get("department", assignment.department)
        fields.setdefault("escalates_at", Escalating(at=at).moment(department.pk))
    for name, value in fields.items():
        setattr(assignment, name, value)
    assignment.version += 1
    assignment.save(update_fields=[*fields, "version"])
    after = facts(assignment) | {"version": assignment.version} | ({"note": note} if note else {})
    record(verb, assignment, by=by, at=at, before=before, after=after)
    told([assignment], at=at, counts=not COUNTED.isdisjoint(fields))
    return assignment


def forbid_under_way(assignment: Assignment) -> None:
    """Refuse while a reply is on its way: how it ends decides how the assignment goes on."""
    under_way = Reply.objects.under_way().filter(assignment=assignment).select_related("by__user").first()
    if under_way is None:
        return
    if under_way.state == Reply.State.UNKNOWN:
        raise Refusal(
            _("It is not known whether the reply of %(name)s arrived. Settle that first.") % {"name": under_way.by}
        )
    if under_way.state == Reply.State.WAITING:
        raise Refusal(_("The reply of %(name)s waits for approval. Withdraw it first.") % {"name": under_way.by})
    if under_way.state == Reply.State.HELD:
        raise Refusal(
            _("The reply of %(name)s is held by the crisis stop. Settle that first.") % {"name": under_way.by}
        )
    raise Refusal(_("The reply of %(name)s is on its way. Wait until it has arrived.") % {"name": under_way.by})


def only_in(assignment: Assignment, states: Iterable[str]) -> None:
    """Refuse in any other state, saying in which it is."""
    if assignment.state not in set(states):
        reasons = {
            "open": _("Nobody has claimed this."),
            "claimed": _("%(name)s has claimed this.") % {"name": assignment.member or _("Somebody")},
            "snoozed": _("This is snoozed. Wake it first."),
            "resolved": _("This is resolved already. Reopen it first."),
        }
        if set(states) == {"resolved"}:
            raise Refusal(_("This is not resolved yet."))
        raise Refusal(reasons[assignment.state])
