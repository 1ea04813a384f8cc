"""What people do to an assignment; each verb is guarded, written down, and returns the assignment as it is then.

Every verb can be undone by another: claim by release, snooze by wake, resolve by reopen, a hand-off by `hand_back`.
A form that says which `version` it was drawn from is refused with Stale when somebody was quicker.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement import promises, reasons
from engagement.actions.rows import change, facts, forbid_under_way, hold, only_in
from engagement.assigning import give
from engagement.changes import told
from engagement.models import Assignment
from engagement.querysets import claim_open, place_mentions
from engagement.refusals import Refusal, Stale, Taken
from roles.audit import record
from roles.levels import ASSIGNMENTS
from roles.models import AuditEntry, Department, Member
from roles.permissions import allowed, require, require_open

State = Assignment.State
Outcome = Assignment.Outcome
# An “answered” that is taken back within this time was a slip, and counts as no answer.
SLIP = timedelta(minutes=5)
LONGEST_FOLLOW_UP = 366

LONGEST_SNOOZE = timedelta(days=366)
# What one waits for may never come: then it is back after this time.
WAITS_AT_MOST = timedelta(days=14)


@allowed("engagement.claim")
@transaction.atomic
def claim(assignment: Assignment, *, by: Member, at: datetime, version: int | None = None) -> Assignment:
    """Take an assignment on oneself; also one that was given to a colleague who has not claimed it yet.

    Raises Taken with the colleague's name where somebody was first.
    """
    if assignment.member_id == by.pk:
        assignment.member = by
    before = facts(assignment)
    won = claim_open(assignment.pk, by.pk, at=at, version=version)
    if won is None:
        return _not_claimed(assignment, by=by, version=version)
    assignment.version, assignment.assigned_at = won
    assignment.state, assignment.member, assignment.claimed_at = State.CLAIMED, by, at
    record("claim", assignment, by=by, at=at, before=before, after=facts(assignment) | {"version": assignment.version})
    told([assignment], at=at, counts=False)
    return assignment


def _not_claimed(assignment: Assignment, *, by: Member, version: int | None) -> Assignment:
    """Return it where the claim is only repeated, else say who or what stands in the way."""
    now = Assignment.objects.with_mentions().get(pk=assignment.pk)
    if now.state == State.CLAIMED and now.member_id == by.pk:
        return now
    if now.state == State.CLAIMED:
        raise Taken(_("%(name)s has claimed this already.") % {"name": now.member})
    only_in(now, [State.OPEN])
    assert version is not None
    raise Stale(_("This has changed since you opened it. Look again, then decide."))


@allowed("engagement.release")
@transaction.atomic
def release(assignment: Assignment, *, by: Member, at: datetime, version: int | None = None) -> Assignment:
    """Give a claimed assignment back to whoever it was given to before, or, where that was nobody, to someone else."""
    row = hold(assignment, "engagement.release", by=by, version=version, giving=True)
    only_in(row, [State.CLAIMED])
    forbid_under_way(row)
    claims = AuditEntry.objects.about("assignment", row.pk).filter(verb="claim", by=row.member).order_by("-pk")
    was = claims.values_list("before__member", flat=True).first() if claims.exists() else row.member_id
    before = Member.objects.here(at).filter(pk=was or 0).first()
    why = [] if before else [reasons.returned(row.member or by, "released")]
    row = change(
        row, "release", by=by, at=at, state=State.OPEN, claimed_at=None, member=before,
        assigned_at=at if before else None, reasons=[*row.reasons, *why],
    )  # fmt: skip
    if before is None:
        told(give([row], at=at), at=at)
    return row


@allowed("engagement.hand_off")
@transaction.atomic
def hand_off(
    assignment: Assignment,
    *,
    to: Member | Department,
    note: str = "",
    by: Member,
    at: datetime,
    version: int | None = None,
) -> Assignment:
    """Give an assignment to a colleague, or to another department, whose free people then get it."""
    return _pass_on(assignment, "hand_off", to, note=note, by=by, at=at, version=version)


@allowed("engagement.assign")
@transaction.atomic
def assign(
    assignment: Assignment,
    *,
    to: Member | Department,
    note: str = "",
    by: Member,
    at: datetime,
    version: int | None = None,
) -> Assignment:
    """Say by hand who gets an assignment that is not resolved."""
    return _pass_on(assignment, "assign", to, note=note, by=by, at=at, version=version)


def _pass_on(
    assignment: Assignment,
    verb: str,
    to: Member | Department,
    *,
    note: str,
    by: Member,
    at: datetime,
    version: int | None,
) -> Assignment:
    row = hold(assignment, f"engagement.{verb}", by=by, version=version, giving=True)
    only_in(row, [State.OPEN, State.CLAIMED, State.SNOOZED])
    forbid_under_way(row)
    note = note.strip()[:500]
    fields = {"state": State.OPEN, "claimed_at": None, "snoozed_until": None}
    if isinstance(to, Department):
        if to.pk != row.department_id:
            require_open(ASSIGNMENTS, to)
        department, member = to, None
    else:
        _may_get(row, to, at=at)
        department, member = row.department, to
    row = change(
        row, verb, by=by, at=at, note=note, department=department, member=member,
        assigned_at=at if member else None, reasons=[*row.reasons, reasons.given(by, to, note)], **fields,
    )  # fmt: skip
    if member is None:
        place_mentions({row.mention_id: department.pk})
        told(give([row], at=at), at=at)
    return row


def _may_get(row: Assignment, member: Member, *, at: datetime) -> None:
    """Refuse to give work to someone who is away, has left, or does not answer in this department."""
    if not member.is_available(at):
        raise ValidationError({"to": _("%(name)s is away. Choose somebody who is here.") % {"name": member}})
    if not member.holds("engagement.claim", row.department_id):
        raise ValidationError({"to": _("%(name)s does not answer in this department.") % {"name": member}})


@transaction.atomic
def hand_back(assignment: Assignment, *, by: Member, at: datetime, version: int | None = None) -> Assignment:
    """Undo one's own hand-off: put back the department, person and state that the audit log has of before.

    It may lie in a department by now where one has no position; what counts is the department that it came from.
    """
    row = hold(assignment, "engagement.hand_off", by=None, version=version, giving=True)
    said_by_people = AuditEntry.objects.about("assignment", row.pk).filter(by__isnull=False)
    last = said_by_people.order_by("-pk").first()
    if last is None or last.verb != "hand_off" or last.by_id != by.pk or row.state != State.OPEN:
        raise Stale(_("Something has happened to it since. It can no longer be handed back."))
    was = last.before or {}
    member = Member.objects.active().filter(pk=was["member"] or 0).first()
    department = Department.objects.get(pk=was["department"])
    require(by, "engagement.hand_off", department)
    place_mentions({row.mention_id: department.pk})
    until = datetime.fromisoformat(was["snoozed_until"]) if was["snoozed_until"] else None
    claimed = was["state"] == State.CLAIMED and member is not None
    state = State.SNOOZED if until else State.CLAIMED if claimed else State.OPEN
    return change(
        row, "hand_back", by=by, at=at, department=department, member=member,
        state=state, claimed_at=at if claimed else None, assigned_at=at if member else None, snoozed_until=until,
        reasons=row.reasons[:-1] if row.reasons and row.reasons[-1].get("kind") == "given" else row.reasons,
    )  # fmt: skip


@allowed("engagement.snooze")
@transaction.atomic
def snooze(
    assignment: Assignment, *, until: datetime | None = None, wakes_on: str = "", by: Member, at: datetime,
    version: int | None = None,
) -> Assignment:  # fmt: skip
    """Put an assignment away until a moment to come, or until something happens; the response target goes on.

    What waits for something is back after two weeks where no other moment is given.
    """
    if wakes_on not in {"", *Assignment.WakesOn.values}:
        raise ValidationError({"wakes_on": _("Choose what should wake it.")})
    if until is None:
        if not wakes_on:
            raise ValidationError({"until": _("Choose until when it should sleep.")})
        until = at + WAITS_AT_MOST
    if until <= at:
        raise ValidationError({"until": _("This moment has passed. Choose a later one.")})
    if until > at + LONGEST_SNOOZE:
        raise ValidationError({"until": _("Choose a moment within the next year.")})
    row = hold(assignment, "engagement.snooze", by=by, version=version)
    only_in(row, [State.OPEN, State.CLAIMED, State.SNOOZED])
    forbid_under_way(row)
    # Who snoozes it means to do it: what nobody had claimed is theirs from now on.
    mine: dict[str, Any] = {} if row.state != State.OPEN else {"member": by, "claimed_at": at, "assigned_at": at}
    return change(row, "snooze", by=by, at=at, state=State.SNOOZED, snoozed_until=until, wakes_on=wakes_on, **mine)


@allowed("engagement.wake")
@transaction.atomic
def wake(
    assignment: Assignment, *, by: Member | None, at: datetime, version: int | None = None, why: str = ""
) -> Assignment:
    """Bring a snoozed assignment back to whoever had it, or, where they are not here, to someone who is.

    `why` is what happened (of `Assignment.WakesOn`), where that is what woke it.
    """
    row = hold(assignment, "engagement.wake", by=by, version=version, giving=True)
    only_in(row, [State.SNOOZED])
    keeps = row.member is not None and row.member.is_here(at)
    fields: dict[str, Any] = {} if keeps else {"member": None, "claimed_at": None, "assigned_at": None}
    if why:
        fields["reasons"] = [*row.reasons, reasons.woken(why)]
    state = State.CLAIMED if keeps and row.claimed_at else State.OPEN
    row = change(row, "wake", by=by, at=at, state=state, snoozed_until=None, wakes_on="", **fields)
    if not keeps:
        told(give([row], at=at), at=at)
    return row


@allowed("engagement.resolve")
@transaction.atomic
def resolve(
    assignment: Assignment, *, outcome: str, look_again_in: int | None = None, by: Member, at: datetime,
    version: int | None = None,
) -> Assignment:  # fmt: skip
    """End an assignment, saying how it ended, and, where one likes, in how many days somebody looks again."""
    if outcome not in Outcome.values:
        raise ValidationError({"outcome": _("Say how it ended.")})
    if look_again_in is not None and not 1 <= look_again_in <= LONGEST_FOLLOW_UP:
        raise ValidationError({"look_again_in": _("Choose between 1 and %(days)s days.") % {"days": LONGEST_FOLLOW_UP}})
    row = hold(assignment, "engagement.resolve", by=by, version=version)
    only_in(row, [State.OPEN, State.CLAIMED, State.SNOOZED])
    forbid_under_way(row)
    # Answered by other means (a telephone, the network's own page) is an answer too, and counts as one.
    if outcome == Outcome.ANSWERED:
        fields = promises.answered(row, at=at, resolves=True)
    else:
        fields = promises.resolved(row, at=at)
    row.replies.before_a_person().update(put_before_person_at=None)
    if look_again_in is not None:
        row.follow_ups.create(by=by, set_at=at, due_at=at + timedelta(days=look_again_in))
    return change(
        row,
        "resolve",
        by=by,
        at=at,
        state=State.RESOLVED,
        outcome=outcome,
        resolved_at=at,
        snoozed_until=None,
        wakes_on="",
        **fields,
    )


@allowed("engagement.reopen")
@transaction.atomic
def reopen(
    assignment: Assignment, *, by: Member | None, at: datetime, version: int | None = None, follows_up: str = ""
) -> Assignment:
    """Take up a resolved assignment again: it goes to whoever had it only if they are here, else to someone who is.

    `follows_up` is the name of the person who wanted to look again, where that is why.
    """
    row = hold(assignment, "engagement.reopen", by=by, version=version, giving=True)
    only_in(row, [State.RESOLVED])
    keeps = row.member is not None and row.member.is_here(at) and _still_answers(row)
    own = keeps and by is not None and row.member_id == by.pk
    fields: dict[str, Any] = {} if keeps else {"member": None, "assigned_at": None}
    why = reasons.followed_up(follows_up) if follows_up else reasons.reopened(by)
    row.follow_ups.pending().update(done_at=at, outcome="reopened" if follows_up else "dropped")
    if _slipped(row, at):
        promises.slipped(row)
        fields |= {"first_answered_at": None, "answered_in_seconds": None}
    fields |= promises.reopened(row, at=at)
    try:
        with transaction.atomic():
            row = change(
                row, "reopen", by=by, at=at, state=State.CLAIMED if own else State.OPEN,
                claimed_at=at if own else None, resolved_at=None, outcome="",
                reopened_count=row.reopened_count + 1, reasons=[*row.reasons, why], **fields,
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(_("The same mention is being worked on in another assignment.")) from None
    if not keeps:
        told(give([row], at=at), at=at)
    return row


def _slipped(row: Assignment, at: datetime) -> bool:
    """Whether “answered” was said a moment ago, by hand, and is taken back now."""
    if row.resolved_at is None or row.outcome != Outcome.ANSWERED or row.resolved_at != row.first_answered_at:
        return False
    return at - row.resolved_at < SLIP and not row.replies.filter(state="accepted").exists()


def _still_answers(row: Assignment) -> bool:
    return row.member is not None and row.member.holds("engagement.claim", row.department_id)
