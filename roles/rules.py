"""Conditions on “may” that the table of roles cannot say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from roles.models import ApiToken, Department, Invitation, Member, Organization, Role
from roles.permissions import ALLOWED, CAPABILITIES, Decision, rule


def _for_everyone(subject: Any) -> bool:
    """Whether the subject is the whole organization, or something that has no department."""
    return isinstance(subject, Organization) or getattr(subject, "department_id", 0) is None


@rule("maturity.set_level")
@rule("maturity.attest")
@rule("maturity.open_early")
@rule("maturity.set_budget")
@rule("maturity.set_strategy")
def the_whole_is_set_by_those_who_coach_the_whole(member: Member, subject: Any) -> Decision:
    """Only a position for the whole organization reaches the whole organization's level, and what bears on it."""
    return _holds_the_whole(member, "maturity.set_level", subject)


@rule("roles.manage_departments")
def departments_are_added_by_those_who_hold_the_whole(member: Member, subject: Any) -> Decision:
    """Only a position for the whole organization reaches its list of departments."""
    return _holds_the_whole(member, "roles.manage_departments", subject)


@rule("roles.invite")
def nobody_invites_further_than_they_reach(member: Member, subject: Any) -> Decision:
    """A position in one department invites into that department."""
    return _holds_the_whole(member, "roles.invite", subject)


@rule("roles.manage_calendars")
def calendars_are_kept_by_those_who_hold_the_whole(member: Member, subject: Any) -> Decision:
    """Business hours count in every department; which of them a department uses, its own coach may say."""
    if isinstance(subject, Department):
        return ALLOWED
    return _holds(member, "roles.manage_calendars")


def _holds_the_whole(member: Member, capability: str, subject: Any) -> Decision:
    return _holds(member, capability) if _for_everyone(subject) else ALLOWED


def _holds(member: Member, capability: str) -> Decision:
    reach = {Role(position.role) for position in member.held_positions if position.department_id is None}
    if reach & CAPABILITIES[capability]:
        return ALLOWED
    return Decision(_("This needs a position for the whole organization; yours is in one department."))


@rule("roles.invite")
def only_owners_invite_owners(member: Member, subject: Any) -> Decision:
    """Nobody gives what they do not hold."""
    if isinstance(subject, Invitation) and subject.role == Role.OWNER and Role.OWNER not in member.roles:
        return Decision(_("Only owners invite owners."))
    return ALLOWED


@rule("roles.set_availability")
def others_are_sent_home_by_owner_or_coach(member: Member, subject: Any) -> Decision:
    """Everyone says it of themselves; for others it takes an owner or a coach."""
    if not isinstance(subject, Member) or subject.pk == member.pk or member.roles & {Role.OWNER, Role.COACH}:
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
def a_name_is_ones_own(member: Member, subject: Any) -> Decision:
    """Nobody renames another."""
    if isinstance(subject, Member) and subject.pk != member.pk:
        return Decision(_("Only the person themselves may change this."))
    return ALLOWED
