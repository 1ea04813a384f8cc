"""Steps of approval in words: who is asked, who said what, and for whom it waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from engagement.models import Approval, ApprovalDecision
from engagement.models.approvals import Needs
from roles.models import Member, Role


def steps_in_words(steps: Sequence[Approval], member: Member) -> list[dict[str, Any]]:
    """Each step as a page shows it; two questions, however many steps there are."""
    said: dict[int, list[ApprovalDecision]] = {}
    for decision in ApprovalDecision.objects.filter(approval__in=steps).select_related("by__user"):
        said.setdefault(decision.approval_id, []).append(decision)
    names = names_of(key for step in steps for key in step.member_ids)
    return [
        {
            "step": step,
            "who": who_is_asked(step, names),
            "decisions": said.get(step.pk, []),
            "is_mine": step.reply.by_id == member.pk,
        }
        for step in steps
    ]


def names_of(keys: Any) -> dict[int, str]:
    """The names of members by key."""
    wanted = set(keys)
    if not wanted:
        return {}
    return {member.pk: str(member) for member in Member.objects.filter(pk__in=wanted).select_related("user")}


def who_is_asked(step: Any, names: dict[int, str]) -> str:
    """Who is asked in a step, as one says it: “any of them: Coach, Wen”."""
    named = [str(Role(role).label) for role in step.roles] + [names.get(key, "?") for key in step.member_ids]
    if len(named) == 1 and not step.roles:
        return named[0]
    if len(named) == 1:
        return _("any %(role)s") % {"role": named[0].lower()}
    how = _("each of") if step.needs == Needs.ALL else _("any of")
    return f"{how} {', '.join(named)}"
