"""Conditions on what members may do to what maturity keeps."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from maturity.models import GapReport, HuddleEntry
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
