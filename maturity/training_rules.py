"""Conditions on steps of training, and who may not reply alone yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from engagement.approving import learning
from maturity.models import Training
from maturity.spent import day_of
from roles.models import Member
from roles.permissions import ALLOWED, Decision, rule


@rule("maturity.take_step")
def ones_own_steps(member: Member, subject: Any) -> Decision:
    """What somebody has read, only they can say."""
    if isinstance(subject, Training) and subject.member_id != member.pk:
        return Decision(_("Only the person themselves may say this."))
    return ALLOWED


@rule("maturity.confirm_step")
def not_ones_own_steps(member: Member, subject: Any) -> Decision:
    """Nobody confirms what they did themselves."""
    if isinstance(subject, Training) and subject.member_id == member.pk:
        return Decision(_("Somebody else confirms this."))
    return ALLOWED


@learning
def has_not_finished(member: Member, at: datetime) -> bool:
    """Whether a path that holds replies is not finished, or was let lapse."""
    day = day_of(at)
    return Training.objects.of(member).keeping_from_replying(day).exists()
