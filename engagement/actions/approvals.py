"""Say yes or no to a reply before it goes out, and say which replies need that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.actions.rows import hold_reply
from engagement.approving import ask_for_approval, ask_next, digest_of, end_asking, matter_of, steps_for
from engagement.changes import told
from engagement.gate import let_go
from engagement.mailing import ask_by_mail, tell_sent_back
from engagement.models import Approval, ApprovalDecision, ApprovalPolicy, ApprovalStep, Assignment, Reply
from engagement.outcomes import keep_text
from engagement.refusals import Refusal, Stale
from engagement.stop_querysets import go_through
from listening.models import Topic
from roles.audit import record
from roles.models import Department, Member, Needs, Organization
from roles.permissions import CAPABILITIES, allowed, require
from roles.steps import A_COACH, Step, address_anew, is_asked, is_enough, pass_step_on

State, Kind = Approval.State, ApprovalDecision.Kind
MOST_STEPS = 9


@allowed("engagement.approve")
@transaction.atomic
def approve(approval: Approval, *, digest: str, by: Member, at: datetime) -> Approval:
    """Say yes to exactly the text that `digest` stands for; the last yes lets the reply go.

    Raises Stale where the text or the post is another by now. Where the post was changed after others had said yes,
    everybody is asked anew.
    """
    row, step = _hold(approval, by=by)
    if digest != digest_of(row):
        raise Stale(_("The reply or the post has changed since you opened this. Read it again, then decide."))
    if step.digest != digest:
        ask_for_approval(row, steps_for(row, at=at) or [A_COACH], at=at)
        step = Approval.objects.select_related("reply__assignment__department", "reply__by").waiting().get(reply=row)
        if row.by_id == by.pk or not is_asked(by, step, matter_of(row)):
            return step
    ApprovalDecision.objects.create(approval=step, by=by, kind=Kind.APPROVE, at=at)
    record("approve", row, by=by, at=at, after={"step": step.number, "digest": digest})
    yes = Member.objects.filter(pk__in=step.decisions.values("by")).with_positions()
    if not is_enough(step, matter_of(row), said_yes=yes):
        told([row.assignment], at=at, counts=False)
        return step
    return _passed(row, step, at=at)


def _passed(row: Reply, step: Approval, *, at: datetime) -> Approval:
    """The step has all that it needs: the next is asked, and after the last the reply goes."""
    step.state, step.ended_at = State.APPROVED, at
    step.save(update_fields=["state", "ended_at"])
    if ask_next(row, at=at) is None:
        # Everybody has read the post as it is now.
        row.approved_digest, row.post_revision = step.digest, row.post.revision_count
        row.save(update_fields=["approved_digest", "post_revision"])
        let_go(row, at=at)
    return step


@transaction.atomic
def readdress(approval: Approval, *, at: datetime) -> bool:
    """Put right a step that waits for people who cannot decide any more; returns whether something was done.

    Where those who are left have all said yes, it goes on; where nobody is left, the coaches are asked, or the owner.
    For whoever is away, whoever stands in is asked, until the absence ends or changes.
    """
    go_through()
    Assignment.objects.select_for_update(no_key=True).get(pk=approval.reply.assignment_id)
    row = hold_reply(approval.reply_id)
    step = Approval.objects.select_for_update(no_key=True, of=("self",)).get(pk=approval.pk)
    step.reply = row
    if row.state != Reply.State.WAITING or step.state != State.WAITING:
        return False
    yes = Member.objects.filter(pk__in=step.decisions.values("by")).with_positions()
    if step.digest == digest_of(row) and is_enough(step, matter_of(row), said_yes=yes):
        record("readdress_approval", row, by=None, at=at, after={"step": step.number, "passed": True})
        _passed(row, step, at=at)
        return True
    before = {"roles": step.roles, "members": step.member_ids}
    people = address_anew(step, matter_of(row), said_yes={member.pk for member in yes}, at=at)
    if not people:
        return False
    after = {"roles": step.roles, "asked": [str(member) for member in people]}
    record("readdress_approval", row, by=None, at=at, before=before, after=after)
    for member in people:
        ask_by_mail(row, step, member, at=at)
    told([row.assignment], at=at, counts=False)
    return True


@transaction.atomic
def pass_approval_on(approval: Approval, *, of: Member, to: Member | None, by: Member | None, at: datetime) -> bool:
    """Ask somebody else instead of one who is named for a step; whoever hands over has decided it.

    With nobody named the others are asked, or the coaches. What they would have said in somebody else's place, where
    each must say yes, goes with it. Returns whether the step could be changed.
    """
    go_through()
    Assignment.objects.select_for_update(no_key=True).get(pk=approval.reply.assignment_id)
    row = hold_reply(approval.reply_id)
    step = Approval.objects.select_for_update(no_key=True, of=("self",)).get(pk=approval.pk)
    if step.state not in {State.WAITING, State.LATER} or of.pk not in {*step.member_ids, *step.member_ids_meant}:
        return False  # decided meanwhile
    if to is not None and to.pk == row.by_id:
        return False  # nobody approves their own text
    before = {"roles": step.roles, "members": step.member_ids}
    yes = set(step.decisions.values_list("by", flat=True))
    people = pass_step_on(step, matter_of(row), of=of, to=to, said_yes=yes, at=at)
    after = {"roles": step.roles, "asked": [str(member) for member in people]}
    record("readdress_approval", row, by=by, at=at, before=before, after=after)
    if step.state == State.WAITING:
        for member in people:
            ask_by_mail(row, step, member, at=at)
        told([row.assignment], at=at, counts=False)
    return True


@allowed("engagement.approve")
@transaction.atomic
def send_back(approval: Approval, *, reason: str, by: Member, at: datetime) -> Approval:
    """Say no, and why: the text is the writer's draft again."""
    reason = reason.strip()[:1000]
    if not reason:
        raise ValidationError({"reason": _("Say what should be different.")})
    row, step = _hold(approval, by=by)
    ApprovalDecision.objects.create(approval=step, by=by, kind=Kind.SEND_BACK, reason=reason, at=at)
    step.state, step.ended_at = State.SENT_BACK, at
    step.save(update_fields=["state", "ended_at"])
    end_asking(row, at=at)
    row.state, row.problem = Reply.State.SENT_BACK, reason[:500]
    row.save(update_fields=["state", "problem"])
    keep_text(row, at=at)
    record("send_back", row, by=by, at=at, after={"step": step.number, "reason": reason})
    tell_sent_back(row, step, by=by, reason=reason, at=at)
    told([row.assignment], at=at, counts=False)
    return step


def _hold(approval: Approval, *, by: Member) -> tuple[Reply, Approval]:
    """Lock assignment, reply and step, in this order, and return what waits; who decides must still be asked."""
    go_through()
    Assignment.objects.select_for_update(no_key=True).get(pk=approval.reply.assignment_id)
    row = hold_reply(approval.reply_id)
    step = Approval.objects.select_for_update(no_key=True, of=("self",)).get(pk=approval.pk)
    step.reply = row
    require(by, "engagement.approve", step)
    if row.state != Reply.State.WAITING or step.state != State.WAITING:
        says: Any = _("This was decided already: %(state)s.") % {"state": step.get_state_display()}
        raise Refusal(says)
    if step.decisions.filter(by=by).exists():
        raise Refusal(_("You have said so already; others are still asked."))
    return row, step


@allowed("engagement.manage_approval")
@transaction.atomic
def add_policy(organization: Organization, /, *, steps: Sequence[Step], by: Member, at: datetime, **fields: Any) -> (
    ApprovalPolicy
):  # fmt: skip
    """Say which replies need somebody else's yes, and whose, step by step."""
    _sensible(fields, steps)
    last = ApprovalPolicy.objects.order_by("-position").values_list("position", flat=True).first()
    policy = ApprovalPolicy.objects.create(**fields, position=(last or 0) + 1, created_at=at)
    _write_steps(policy, steps)
    record("add_policy", policy, by=by, at=at, after=_facts(policy, steps))
    return policy


@allowed("engagement.manage_approval")
@transaction.atomic
def change_policy(
    policy: ApprovalPolicy, /, *, steps: Sequence[Step] | None = None, by: Member, at: datetime, **fields: Any
) -> ApprovalPolicy:
    """Change a policy; what was approved stays so, what is asked for now goes on as it was asked.

    What is not said stays as it is.
    """
    row = ApprovalPolicy.objects.select_for_update().get(pk=policy.pk)
    were = steps_of(row)
    steps, before = were if steps is None else steps, _facts(row, were)
    _sensible(fields, steps)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=[*fields])
    row.steps.all().delete()
    _write_steps(row, steps)
    record("change_policy", row, by=by, at=at, before=before, after=_facts(row, steps))
    return row


@allowed("engagement.manage_approval")
@transaction.atomic
def remove_policy(policy: ApprovalPolicy, *, by: Member, at: datetime) -> None:
    """Remove a policy; what it asks for now is still asked."""
    record("remove_policy", policy, by=by, at=at, before=_facts(policy, steps_of(policy)))
    policy.delete()


def steps_of(policy: ApprovalPolicy) -> list[Step]:
    """Return the policy's steps in their order."""
    return [Step(policy.name, step.needs, tuple(step.roles), tuple(step.member_ids)) for step in policy.steps.all()]


def _sensible(fields: dict[str, Any], steps: Sequence[Step]) -> None:
    topic, department = fields.get("topic"), fields.get("department")
    assert topic is None or isinstance(topic, Topic)
    assert department is None or isinstance(department, Department)
    if not steps:
        raise ValidationError({"steps": _("Say who is asked: at least one step is needed.")})
    if len(steps) > MOST_STEPS:
        raise ValidationError({"steps": _("At most %(n)s steps.") % {"n": MOST_STEPS}})
    known = set(Member.objects.who_may("engagement.approve").values_list("pk", flat=True))
    for step in steps:
        if not step.roles and not step.member_ids:
            raise ValidationError({"steps": _("Each step names a role or a person.")})
        if step.needs not in Needs.values or not set(step.roles) <= CAPABILITIES["engagement.approve"]:
            raise ValidationError({"steps": _("A step names a role that cannot approve.")})
        if not set(step.member_ids) <= known:
            raise ValidationError({"steps": _("A step names somebody who cannot approve.")})


def _write_steps(policy: ApprovalPolicy, steps: Sequence[Step]) -> None:
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            policy=policy, number=number, needs=step.needs, roles=list(step.roles), member_ids=list(step.member_ids)
        )
        for number, step in enumerate(steps, 1)
    )


def _facts(policy: ApprovalPolicy, steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "name": policy.name, "is_active": policy.is_active, "whose": policy.whose, "topic": str(policy.topic or ""),
        "network": policy.network, "department": str(policy.department or ""),
        "steps": [{name: value for name, value in asdict(step).items() if name != "policy_name"} for step in steps],
    }  # fmt: skip
