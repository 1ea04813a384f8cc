"""Conditions on “may” of listening that the table of roles cannot say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from listening.models import NoticeAddress, SavedFilter
from roles.models import Member
from roles.permissions import ALLOWED, Decision, rule


@rule("listening.save_filter")
def a_filter_is_its_owners_own(member: Member, subject: Any) -> Decision:
    """Nobody changes another's filter; what is shared is changed by those who triage there."""
    if not isinstance(subject, SavedFilter):
        return ALLOWED
    if subject.owner_id is not None:
        return ALLOWED if subject.owner_id == member.pk else Decision(_("This filter is somebody else's own."))
    if member.holds("listening.triage", subject.department_id):
        return ALLOWED
    return Decision(_("Filters for others are kept by those who triage the stream."))


@rule("listening.choose_notices")
def a_notice_address_is_ones_own(member: Member, subject: Any) -> Decision:
    """Nobody chooses where another is told."""
    whose = subject.member_id if isinstance(subject, NoticeAddress) else getattr(subject, "pk", None)
    if subject is None or whose == member.pk:
        return ALLOWED
    return Decision(_("Everybody chooses for themselves where they are told."))
