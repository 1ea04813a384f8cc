"""Which steps of approval a reply needs, who is asked in each, and when what they said is enough."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime

from engagement.changes import told
from engagement.mailing import ask_by_mail
from engagement.models import Approval, ApprovalPolicy, Reply
from roles.audit import record
from roles.models import Member
from roles.steps import A_COACH, Matter, Step, address, asked, meant_by, with_somebody, with_stand_ins
from roles.tenancy import active_organization

Whose = ApprovalPolicy.Whose
State = Approval.State


Learning = Callable[[Member, datetime], bool]
_learning: list[Learning] = []


def learning(is_learning: Learning) -> Learning:
    """Have an app above say who has not learned enough yet to reply alone."""
    _learning.append(is_learning)
    return is_learning


def digest_of(reply: Reply) -> str:
    """Return what stands for exactly this account, this text and this post as it is now."""
    post = reply.post
    parts = (reply.channel_id, post.pk, post.revision_count, post.content_digest, reply.text)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def steps_for(reply: Reply, *, at: datetime) -> list[Step]:
    """Return the steps that the reply must pass, of all policies that fit, the same step once."""
    policies = [policy for policy in ApprovalPolicy.objects.in_order() if policy.is_active]
    fitting = [policy for policy in policies if _fits(policy, reply, at=at)]
    found = [
        Step(policy.name, step.needs, tuple(step.roles), tuple(step.member_ids))
        for policy in fitting
        for step in policy.steps.all()
    ]
    whose = {policy.whose for policy in fitting}
    # Who asks for approval without saying whose gets a coach's.
    if reply.assignment.needs_approval and Whose.ASKED_FOR not in whose:
        found.append(A_COACH)
    if _is_in_training(reply, at=at) and all(policy.whose != Whose.IN_TRAINING for policy in policies):
        found.append(A_COACH)
    return list({step.who: step for step in reversed(found)}.values())[::-1]


def _fits(policy: ApprovalPolicy, reply: Reply, *, at: datetime) -> bool:
    mention = reply.assignment.mention
    if policy.topic_id is not None and policy.topic_id != mention.topic_id:
        return False
    if policy.network and policy.network != reply.channel.network:
        return False
    if policy.department_id is not None and policy.department_id != reply.assignment.department_id:
        return False
    match policy.whose:
        case Whose.IN_TRAINING:
            return _is_in_training(reply, at=at)
        case Whose.ASKED_FOR:
            return reply.assignment.needs_approval
    return True


def _is_in_training(reply: Reply, *, at: datetime) -> bool:
    day = at.astimezone(active_organization().zone).date()
    return reply.by.is_in_training(day) or any(is_learning(reply.by, at) for is_learning in _learning)


def matter_of(reply: Reply) -> Matter:
    """What is to be decided of a reply: where it belongs, and who wrote it."""
    return Matter("engagement.approve", reply.assignment.department_id, frozenset({reply.by_id}))


def ask_for_approval(row: Reply, steps: Iterable[Step], *, at: datetime) -> None:
    """Keep the reply until others have seen it, and ask the first of them. Inside the transaction that holds it."""
    end_asking(row, at=at)
    row.state, row.lease_key, row.lease_until, row.approved_digest, row.problem = Reply.State.WAITING, "", None, "", ""
    row.save(update_fields=["state", "lease_key", "lease_until", "approved_digest", "problem"])
    digest = digest_of(row)
    made = [
        Approval(
            reply=row, number=number, policy_name=step.policy_name, needs=step.needs, roles=list(step.roles),
            member_ids=list(step.member_ids), roles_meant=list(step.roles), member_ids_meant=list(step.member_ids),
            digest=digest,
        )
        for number, step in enumerate((with_somebody(step, matter_of(row)) for step in steps), 1)
    ]  # fmt: skip
    Approval.objects.bulk_create(made)
    record("ask_for_approval", row, by=None, at=at, after={"steps": len(made), "digest": digest})
    ask_next(row, at=at)


def ask_next(row: Reply, *, at: datetime) -> Approval | None:
    """Ask those of the next step, on their pages and by mail; None where there is no further step."""
    following = Approval.objects.filter(reply=row, state=State.LATER).order_by("number").first()
    if following is not None:
        following.state, following.asked_at = State.WAITING, at
        meant, matter = meant_by(following), matter_of(row)
        address(following, meant, *with_stand_ins(meant, matter, at=at))
        for member in asked(following, matter):
            ask_by_mail(row, following, member, at=at)
    told([row.assignment], at=at, counts=False)
    return following


def end_asking(row: Reply, *, at: datetime) -> None:
    """Ask nobody any more: what was said was about a text that does not go out so."""
    open_ones = Approval.objects.filter(reply=row, state__in=[State.LATER, State.WAITING])
    open_ones.update(state=State.WITHDRAWN, ended_at=at)
