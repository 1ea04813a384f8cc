"""Guidelines beside an opened assignment: those of its topic first, then those for everything."""

from __future__ import annotations

from datetime import datetime

from engagement.attention import ask_along, attention
from engagement.beside import Section, beside
from engagement.models import Assignment
from maturity.guideline_querysets import IN_FORCE
from maturity.models import GuidelineVersion
from roles.models import Member
from roles.permissions import decide

SHOWN = 8
ask_along("guidelines", IN_FORCE)


@beside(place=40)
def guidelines(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """What holds here, folded; nothing once it is resolved, and nothing where no guideline bears on it."""
    if not assignment.is_open or "guidelines" not in attention(member).has_besides:
        return None
    if not decide(member, "maturity.read"):
        return None
    found = list(GuidelineVersion.objects.current().about(assignment.mention.topic_id)[: SHOWN + 1])
    if not found:
        return None
    context = {"sections": found[:SHOWN], "more": len(found) > SHOWN}
    return Section("maturity/_beside_guidelines.html", context)
