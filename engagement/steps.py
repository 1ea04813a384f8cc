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
    names = names_of(key for step in steps for key in keys_in(step))
    return [
        {
            "step": step,
            "who": who_is_asked(step, names),
            "decisions": said.get(step.pk, []),
            "is_mine": step.reply.by_id == member.pk,
        }
        for step in steps
    ]


def keys_in(step: Approval) -> list[int]:
    """The keys of everybody whom a step asks, or means where somebody stands in."""
    return [*step.member_ids, *(int(name) for name in step.instead if name.isdecimal())]


def names_of(keys: Any) -> dict[int, str]:
    """The names of members by key."""
    wanted = set(keys)
    if not wanted:
        return {}
    return {member.pk: str(member) for member in Member.objects.filter(pk__in=wanted).select_related("user")}


def who_is_asked(step: Any, names: dict[int, str]) -> str:
    """Who is asked in a step, as one says it: “any of Coach, Wen”; whoever stands in with for whom."""
    whose: dict[int, list[str]] = {}
    for name, key in getattr(step, "instead", {}).items():
        whose.setdefault(key, []).append(names.get(int(name), "?") if name.isdecimal() else str(Role(name).label))
    people = [_for_whom(names.get(key, "?"), whose.get(key)) for key in step.member_ids]
    named = [str(Role(role).label) for role in step.roles] + people
    if len(named) == 1 and not step.roles:
        return named[0]
    if len(named) == 1:
        return _("any %(role)s") % {"role": named[0].lower()}
    how = _("each of") if step.needs == Needs.ALL else _("any of")
    return f"{how} {', '.join(named)}"


def _for_whom(name: str, others: Sequence[str] | None) -> str:
    return _("%(name)s (for %(others)s)") % {"name": name, "others": ", ".join(others)} if others else name
