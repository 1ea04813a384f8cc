"""Conditions on what members may do to what maturity keeps."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from maturity.models import GapReport, HuddleEntry, TimeEntry
from maturity.teams import coached_by
from roles.models import Member, Role
from roles.permissions import ALLOWED, Decision, rule


@rule("maturity.report_gap")
def a_report_is_taken_back_by_who_made_it(member: Member, gap: Any) -> Decision:
    """What somebody else has reported stays."""
    if not isinstance(gap, GapReport) or gap.reported_by_id == member.pk:
        return ALLOWED
    return Decision(_("Somebody else has reported this."))


@rule("maturity.note_in_huddle")
def what_was_told_is_taken_back_by_who_told_it(member: Member, entry: Any) -> Decision:
    """What another coach has brought stays."""
    if not isinstance(entry, HuddleEntry) or entry.noted_by_id == member.pk:
        return ALLOWED
    return Decision(_("Another coach has noted this."))


@rule("maturity.name_expert")
def others_are_named_by_coaches(member: Member, other: Any) -> Decision:
    """Everyone says of themselves what they know; of others a coach does."""
    if not isinstance(other, Member) or other.pk == member.pk or Role.COACH in member.roles:
        return ALLOWED
    return Decision(_("Only a coach may say this of somebody else."))


@rule("maturity.enter_time")
def time_is_ones_own(member: Member, subject: Any) -> Decision:
    """Nobody enters or corrects the time of another."""
    whose = subject.member_id if isinstance(subject, TimeEntry) else getattr(subject, "pk", None)
    return (
        ALLOWED if whose == member.pk else Decision(_("Only the person themselves may say how they spent their time."))
    )


@rule("maturity.keep_cadence")
def a_cadence_is_ones_own(member: Member, subject: Any) -> Decision:
    """Nobody makes an address or a reminder for another."""
    return ALLOWED if subject.pk == member.pk else Decision(_("Only the person themselves may choose this."))


@rule("maturity.read_time")
def time_is_seen_by_those_who_coach(member: Member, subject: Any) -> Decision:
    """A coach sees the time of the people of their departments."""
    if isinstance(subject, Member) and not coached_by(member).filter(pk=subject.pk).exists():
        return Decision(_("Only their own coaches see the time of a person."))
    return ALLOWED
