"""Which steps of approval a reply needs, who is asked in each, and when what they said is enough."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from engagement.changes import told
from engagement.mailing import ask_by_mail
from engagement.models import Approval, ApprovalPolicy, Reply
from engagement.models.approvals import Needs
from roles.audit import record
from roles.live import look_again
from roles.models import Member, Position, Role
from roles.tenancy import active_organization

Whose = ApprovalPolicy.Whose
State = Approval.State


@dataclass(frozen=True)
class Step:
    """Who is asked, and how many of them must say yes."""

    policy_name: str = ""
    needs: str = Needs.ANY
    roles: tuple[str, ...] = ()
    member_ids: tuple[int, ...] = ()

    @property
    def who(self) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
        """What makes it the same step, whichever policy asks for it."""
        return self.needs, self.roles, self.member_ids


A_COACH = Step(roles=(Role.COACH,))


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
    day = at.astimezone(ZoneInfo(active_organization().time_zone)).date()
    return reply.by.is_in_training(day) or any(is_learning(reply.by, at) for is_learning in _learning)


def is_asked(member: Member, approval: Approval) -> bool:
    """Whether the member is one of those who are named, directly or by a role where the reply belongs."""
    department = approval.reply.assignment.department_id
    return member.pk in approval.member_ids or not member.roles_in(department).isdisjoint(approval.roles)


def asked(step: Step | Approval, reply: Reply) -> list[Member]:
    """Return everybody who may say yes or no in the step: never the writer."""
    held = Position.objects.in_force().reaching(reply.assignment.department_id).filter(role__in=step.roles)
    named = Q(pk__in=step.member_ids) | Exists(held.filter(member=OuterRef("pk")))
    rows = list(Member.objects.active().filter(named).exclude(pk=reply.by_id).with_positions().by_name())
    for member in rows:
        member.held_positions = list(member.positions.all())
    # Who is named may belong to another department; who may not approve any more may be named still.
    return [member for member in rows if member.holds("engagement.approve")]


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
        for number, step in enumerate((with_somebody(step, row) for step in steps), 1)
    ]  # fmt: skip
    Approval.objects.bulk_create(made)
    record("ask_for_approval", row, by=None, at=at, after={"steps": len(made), "digest": digest})
    ask_next(row, at=at)


def with_somebody(step: Step, row: Reply) -> Step:
    """The step, or, where nobody but the writer could say yes, one that asks the coaches or the owner."""
    others = (replace(A_COACH, policy_name=step.policy_name), Step(step.policy_name, roles=(Role.COACH, Role.OWNER)))
    return next((one for one in (step, *others) if asked(one, row)), step)


def with_stand_ins(
    meant: Step, row: Reply, *, at: datetime, said_yes: Collection[int] = (), before: Mapping[str, int] | None = None
) -> tuple[Step, dict[str, int]]:
    """The step as it is asked now, and who stands in by what is meant: the key of a person, or the name of a role.

    Where anybody's yes is enough, stand-ins are asked beside the others, and only if none of those is here. Where each
    must say yes they are asked instead: of those who are named for each, of a role whose holders are all away for one.
    Nobody stands in for those who said yes before they went; and where a stand-in said yes `before` somebody came back,
    that yes stands for both.
    """
    people = asked(meant, row)
    here = {member.pk for member in people if member.pk in said_yes or member.is_available(at)}
    wanted = {member.pk: member.stand_in_id for member in people if member.pk not in here and member.stand_in_id}
    others = asked(Step(member_ids=tuple(wanted.values())), row) if wanted else []
    able = {member.pk for member in others if member.is_available(at)}
    free = {key: other for key, other in wanted.items() if other in able}
    if meant.needs == Needs.ANY:
        free = {} if here else free
        asked_too = tuple(dict.fromkeys([*meant.member_ids, *free.values()]))
        return replace(meant, member_ids=asked_too), {str(key): other for key, other in free.items()}
    instead = {name: other for name, other in (before or {}).items() if other in said_yes}
    for key in meant.member_ids:
        if key in free:
            instead.setdefault(str(key), free[key])
    department = row.assignment.department_id
    for role in meant.roles:
        holders = [member.pk for member in people if role in member.roles_in(department)]
        other = None if here.intersection(holders) else next((free[key] for key in holders if key in free), None)
        if other is not None:
            instead.setdefault(role, other)
    keys = [instead.get(str(key), key) for key in meant.member_ids]
    keys += [instead[role] for role in meant.roles if role in instead]
    roles = tuple(role for role in meant.roles if role not in instead)
    return replace(meant, roles=roles, member_ids=tuple(dict.fromkeys(keys))), instead


def step_of(approval: Approval) -> Step:
    """Who is asked by a step on the way of a reply."""
    return Step(approval.policy_name, approval.needs, tuple(approval.roles), tuple(approval.member_ids))


def meant_by(approval: Approval) -> Step:
    """Who is meant by a step, whoever stands in for them now."""
    return replace(step_of(approval), roles=tuple(approval.roles_meant), member_ids=tuple(approval.member_ids_meant))


def address(approval: Approval, meant: Step, found: Step, instead: Mapping[str, int]) -> None:
    """Write down whom a step means and whom it asks now; inside the transaction that holds it."""
    approval.needs, approval.roles, approval.member_ids = found.needs, list(found.roles), list(found.member_ids)
    approval.roles_meant, approval.member_ids_meant = list(meant.roles), list(meant.member_ids)
    approval.instead = dict(instead)
    names = ("state", "asked_at", "needs", "roles", "member_ids", "roles_meant", "member_ids_meant", "instead")
    approval.save(update_fields=names)


def ask_next(row: Reply, *, at: datetime) -> Approval | None:
    """Ask those of the next step, on their pages and by mail; None where there is no further step."""
    following = Approval.objects.filter(reply=row, state=State.LATER).order_by("number").first()
    if following is not None:
        following.state, following.asked_at = State.WAITING, at
        meant = meant_by(following)
        address(following, meant, *with_stand_ins(meant, row, at=at))
        for member in asked(following, row):
            ask_by_mail(row, following, member, at=at)
    told_of(row, at=at)
    return following


def end_asking(row: Reply, *, at: datetime) -> None:
    """Ask nobody any more: what was said was about a text that does not go out so."""
    open_ones = Approval.objects.filter(reply=row, state__in=[State.LATER, State.WAITING])
    open_ones.update(state=State.WITHDRAWN, ended_at=at)


def told_of(row: Reply, *, at: datetime) -> None:
    """Have the pages of the queue and of approvals look again."""
    told([row.assignment], at=at, members=[row.by_id], counts=False)
    look_again("approvals")


def is_enough(approval: Approval, *, said_yes: Iterable[Member]) -> bool:
    """Whether those who said yes suffice: anybody, or each who is named and one of each role, as far as there are any.

    Who has left, or may not approve any more, is waited for no longer.
    """
    yes = list(said_yes)
    if approval.needs == Needs.ANY or not yes:
        return bool(yes)
    department, here = approval.reply.assignment.department_id, asked(approval, approval.reply)
    said = {member.pk for member in yes}
    if any(member.pk in approval.member_ids and member.pk not in said for member in here):
        return False
    held = {role for member in yes for role in member.roles_in(department)}
    there_are = {role for member in here for role in member.roles_in(department)}
    return set(approval.roles) & there_are <= held
