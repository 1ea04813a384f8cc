"""Conditions on “may” that the table of roles cannot say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from roles.granting import may_give_all, may_give_role
from roles.models import Absence, ApiToken, Department, Invitation, Member, Organization, Position, Role
from roles.permissions import ALLOWED, Decision, rule


def _for_everyone(subject: Any) -> bool:
    """Whether the subject is the whole organization, or something that has no department."""
    return isinstance(subject, Organization) or getattr(subject, "department_id", 0) is None


# What reaches the whole organization only from a position for the whole of it.
ABOUT_THE_WHOLE = (
    "roles.invite", "roles.manage_departments", "maturity.set_level", "maturity.attest", "maturity.open_early",
    "maturity.set_budget", "maturity.set_strategy", "maturity.plan_surges",
)  # fmt: skip


def _the_whole_is_for_those_who_hold_it(capability: str) -> Callable[[Member, Any], Decision]:
    def check(member: Member, subject: Any) -> Decision:
        return _holds_the_whole(member, capability, subject)

    return check


for name in ABOUT_THE_WHOLE:
    rule(name)(_the_whole_is_for_those_who_hold_it(name))


@rule("roles.manage_roles")
def roles_are_composed_by_those_who_hold_the_whole(member: Member, subject: Any) -> Decision:
    """A role of one's own can be given in every department."""
    return _holds(member, "roles.manage_roles")


@rule("roles.manage_members")
def only_owners_touch_owners(member: Member, subject: Any) -> Decision:
    """Who manages members by a composed role leaves the owners as they are."""
    if Role.OWNER in member.roles:
        return ALLOWED
    is_owners = subject.role == Role.OWNER if isinstance(subject, Position) else Role.OWNER in _roles_of(subject)
    return Decision(_("Only an owner may do this to an owner.")) if is_owners else ALLOWED


def _roles_of(subject: Any) -> frozenset[Role]:
    return subject.roles if isinstance(subject, Member) else frozenset()


@rule("roles.act_as")
def nobody_acts_upward(member: Member, subject: Any) -> Decision:
    """One acts as somebody whose positions one could give: nothing is gained by it."""
    if not isinstance(subject, Member):
        return ALLOWED
    if subject.pk == member.pk:
        return Decision(_("You are yourself already."))
    if not subject.is_active or not subject.held_positions:
        return Decision(_("%(name)s holds no position here.") % {"name": subject})
    return may_give_all(member, subject.held_positions)


@rule("roles.hand_over")
def what_others_have_is_handed_over_by_who_leads_them(member: Member, subject: Any) -> Decision:
    """Everyone hands over their own; for others it takes an owner, or a coach of each of their departments."""
    if not isinstance(subject, Member) or subject.pk == member.pk or member.holds("roles.manage_members"):
        return ALLOWED
    theirs = {position.department_id for position in subject.held_positions}
    if Role.COACH in member.roles and all(_coaches(member, key) for key in theirs):
        return ALLOWED
    return Decision(_("Only an owner, or a coach of all their departments, may hand over what somebody else has."))


def _coaches(member: Member, department_id: int | None) -> bool:
    coaching = (position for position in member.held_positions if position.role == Role.COACH)
    return any(
        position.department_id is None or (department_id is not None and position.reaches(department_id))
        for position in coaching
    )


@rule("roles.manage_calendars")
def calendars_are_kept_by_those_who_hold_the_whole(member: Member, subject: Any) -> Decision:
    """Business hours count in every department; which of them a department uses, its own coach may say."""
    if isinstance(subject, Department):
        return ALLOWED
    return _holds(member, "roles.manage_calendars")


def _holds_the_whole(member: Member, capability: str, subject: Any) -> Decision:
    return _holds(member, capability) if _for_everyone(subject) else ALLOWED


def _holds(member: Member, capability: str) -> Decision:
    if any(position.department_id is None and position.carries(capability) for position in member.held_positions):
        return ALLOWED
    return Decision(_("This needs a position for the whole organization; yours is in one department."))


@rule("roles.invite")
def nobody_invites_to_more_than_they_hold(member: Member, subject: Any) -> Decision:
    """Nobody gives what they do not hold, and only owners invite owners."""
    if not isinstance(subject, Invitation):
        return ALLOWED
    if subject.role == Role.OWNER and Role.OWNER not in member.roles:
        return Decision(_("Only owners invite owners."))
    return may_give_role(member, role=subject.role, custom_role=subject.custom_role, department=subject.department)


@rule("roles.set_availability")
def others_are_sent_home_by_owner_or_coach(member: Member, subject: Any) -> Decision:
    """Everyone says it of themselves; for others it takes an owner or a coach."""
    whose = subject.member_id if isinstance(subject, Absence) else subject.pk if isinstance(subject, Member) else None
    if whose in {None, member.pk} or member.roles & {Role.OWNER, Role.COACH}:
        return ALLOWED
    return Decision(_("Only an owner or a coach may say this for somebody else."))


@rule("roles.manage_tokens")
def a_token_is_its_members_own(member: Member, subject: Any) -> Decision:
    """Nobody makes a token that acts for another; an owner may end anyone's."""
    whose = subject.member_id if isinstance(subject, ApiToken) else getattr(subject, "pk", None)
    if whose == member.pk or (isinstance(subject, ApiToken) and Role.OWNER in member.roles):
        return ALLOWED
    return Decision(_("A token belongs to the member for whom it acts."))


@rule("roles.change_name")
@rule("roles.choose_language")
def a_name_and_a_language_are_ones_own(member: Member, subject: Any) -> Decision:
    """Nobody renames another, or says in which language they read."""
    if isinstance(subject, Member) and subject.pk != member.pk:
        return Decision(_("Only the person themselves may change this."))
    return ALLOWED
