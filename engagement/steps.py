"""Steps of approval in words: who is asked, who said what, and for whom it waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engagement.models import Approval, ApprovalDecision
from roles.models import Member
from roles.step_words import keys_in, names_of, who_is_asked


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
