"""Conditions on what members may do to assignments, replies and rules."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from engagement.approving import matter_of
from engagement.models import Approval, Assignment, ConsultRequest, ResponseTarget, RoutingRule
from listening import networks
from listening.networks.protocols import Replies
from roles.models import Member, Role
from roles.permissions import ALLOWED, Decision, rule
from roles.steps import is_asked


@rule("engagement.manage_targets")
def what_is_promised_for_all_is_set_by_those_who_coach_the_whole(member: Member, target: Any) -> Decision:
    """A target of one department is set by its coach; one for all needs a position for the whole organization."""
    if not isinstance(target, ResponseTarget) or target.department_id is not None:
        return ALLOWED
    if _holds_the_whole(member, "engagement.manage_targets"):
        return ALLOWED
    return Decision(_("This needs a position for the whole organization; yours is in one department."))


@rule("engagement.release")
@rule("engagement.hand_off")
@rule("engagement.set_priority")
@rule("engagement.snooze")
@rule("engagement.wake")
@rule("engagement.resolve")
def what_a_colleague_has_claimed_is_theirs(member: Member, assignment: Any) -> Decision:
    """Only the person who has claimed it goes on with it; a coach may step in."""
    if not isinstance(assignment, Assignment) or not _in_other_hands(member, assignment):
        return ALLOWED
    if Role.COACH in member.roles_in(assignment.department_id):
        return ALLOWED
    return _theirs(assignment)


@rule("engagement.reply")
def may_reply(member: Member, assignment: Any) -> Decision:
    """A reply needs an assignment in nobody else's hands, about a post that is public, still there, and answerable."""
    if not isinstance(assignment, Assignment):
        return ALLOWED
    post = assignment.mention.post
    if post.was_said_internally:
        return Decision(_("This was said internally: it can never be answered in public."))
    if post.cleaned_at:
        return Decision(_("What was said here is no longer kept, so it cannot be answered from here."))
    if post.withdrawn_at:
        return Decision(_("The author has withdrawn this post."))
    if not assignment.is_open:
        return Decision(_("This is resolved already. Reopen it to write again."))
    if not networks.is_installed(post.network):
        return Decision(
            _("The network “%(name)s” is not installed here any more. Open the post and answer it there.")
            % {"name": post.network}
        )
    if not networks.can(post.network, Replies):
        return Decision(_("Nothing can be answered from here on this network. Open the post and answer it there."))
    if networks.answers_only_who_speaks_to_us(post.network) and assignment.mention.channel_id is None:
        return Decision(
            _("This was said to no account of ours, and on this network only those who speak to one may be answered.")
        )
    return _theirs(assignment) if _in_other_hands(member, assignment) else ALLOWED


@rule("engagement.approve")
def four_eyes(member: Member, approval: Any) -> Decision:
    """Who is asked may decide, and never on their own text."""
    if not isinstance(approval, Approval):
        return ALLOWED
    if approval.reply.by_id == member.pk:
        return Decision(_("Somebody other than the writer must approve."))
    matter = matter_of(approval.reply)
    return ALLOWED if is_asked(member, approval, matter) else Decision(_("You are not one of those who are asked."))


@rule("engagement.answer_consult")
def only_who_was_asked_answers(member: Member, request: Any) -> Decision:
    """A question is answered by the person to whom it was put."""
    if isinstance(request, ConsultRequest) and request.member_id != member.pk:
        return Decision(_("This was asked of %(name)s.") % {"name": request.member})
    return ALLOWED


def _in_other_hands(member: Member, assignment: Assignment) -> bool:
    return assignment.claimed_at is not None and assignment.is_open and assignment.member_id not in {None, member.pk}


def _theirs(assignment: Assignment) -> Decision:
    return Decision(_("%(name)s has claimed this. Ask them to hand it off.") % {"name": assignment.member})


@rule("engagement.manage_rules")
def what_holds_for_all_is_written_by_those_who_coach_the_whole(member: Member, subject: Any) -> Decision:
    """A rule that leads to no department concerns them all."""
    is_for_all = isinstance(subject, RoutingRule) and subject.department_id is None
    if not is_for_all or _holds_the_whole(member, "engagement.manage_rules"):
        return ALLOWED
    return Decision(
        _("A rule without a department holds for all of them: this needs a coach of the whole organization.")
    )


def _holds_the_whole(member: Member, capability: str) -> bool:
    return any(position.department_id is None and position.carries(capability) for position in member.held_positions)


def whole(member: Member) -> set[str]:
    """The roles that a member holds for the whole organization."""
    return {position.role for position in member.held_positions if position.department_id is None}


@rule("engagement.hand_over")
def others_work_is_handed_over_by_a_coach(member: Member, subject: Any) -> Decision:
    """Everyone hands over their own; for others it takes a coach of each department in which they answer."""
    if not isinstance(subject, Member) or subject.pk == member.pk:
        return ALLOWED
    theirs = {position.department_id for position in subject.held_positions if position.role != Role.OWNER}
    if Role.COACH in whole(member) or all(key and Role.COACH in member.roles_in(key) for key in theirs):
        return ALLOWED
    return Decision(_("Only a coach of all their departments may hand over what somebody else has."))


@rule("engagement.set_policy")
def the_policy_is_set_by_those_who_coach_the_whole(member: Member, subject: Any) -> Decision:
    """It holds for every department."""
    if _holds_the_whole(member, "engagement.set_policy"):
        return ALLOWED
    return Decision(_("The policy holds for all departments: this needs a coach of the whole organization."))
