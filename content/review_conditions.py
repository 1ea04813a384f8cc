"""Conditions on who may decide in a review, and who says what is reviewed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from content.models import ReviewStep
from content.review_rules import matter_of
from roles.models import Member
from roles.permissions import ALLOWED, Decision, rule
from roles.steps import is_asked


@rule("content.review")
def four_eyes_on_what_we_say(member: Member, step: Any) -> Decision:
    """Who is asked may decide, and never about what they wrote or saved themselves."""
    if not isinstance(step, ReviewStep):
        return ALLOWED
    matter = matter_of(step.review, step.review.piece)
    if member.pk in matter.makers:
        return Decision(_("Somebody other than those who wrote it must approve."))
    return ALLOWED if is_asked(member, step, matter) else Decision(_("You are not one of those who are asked."))


@rule("content.manage_review")
def review_is_agreed_by_those_who_coach_the_whole(member: Member, subject: Any) -> Decision:
    """The policy holds for every department."""
    if any(row.department_id is None and row.carries("content.manage_review") for row in member.held_positions):
        return ALLOWED
    return Decision(_("The policy holds for all departments: this needs a coach of the whole organization."))
