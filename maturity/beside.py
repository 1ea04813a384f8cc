"""Guidelines beside an opened assignment, those of its topic first; and what of them waits, in the navigation."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from engagement.attention import ask_along, attention
from engagement.beside import Section, beside
from engagement.models import Assignment
from maturity.gap_querysets import ANY_GAPS, OPEN_GAPS
from maturity.guideline_querysets import IN_FORCE
from maturity.models import GapReport, GuidelineVersion
from maturity.reading_querysets import UNREAD
from roles.models import Member
from roles.permissions import decide

SHOWN = 8
ask_along("guidelines", IN_FORCE)
ask_along("unread_guidelines", UNREAD)
ask_along("gaps", ANY_GAPS)
ask_along("open_gaps", OPEN_GAPS)


@beside(place=40)
def guidelines(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """What holds here, folded, and where to say that nothing does; nothing once it is resolved."""
    if not assignment.is_open or not decide(member, "maturity.read"):
        return None
    there_are = attention(member).has_besides
    found: list[GuidelineVersion] = []
    if "guidelines" in there_are:
        found = list(GuidelineVersion.objects.current().about(assignment.mention.topic_id)[: SHOWN + 1])
    may_report = decide(member, "maturity.report_gap", assignment)
    if not found and not may_report:
        return None
    gaps: list[GapReport] = []
    if "gaps" in there_are:
        rows = GapReport.objects.filter(mention=assignment.mention_id).select_related("reported_by__user", "version")
        gaps = list(rows.order_by("-pk")[:SHOWN])
    context = {
        "sections": found[:SHOWN],
        "more": len(found) > SHOWN,
        "gaps": gaps,
        "may_report": may_report and not any(gap.is_open and gap.reported_by_id == member.pk for gap in gaps),
        "may_huddle": decide(member, "maturity.note_in_huddle"),
        "assignment": assignment,
    }
    return Section("maturity/_beside_guidelines.html", context)


def guidelines_news(member: Member) -> str:
    """What the navigation shows beside the guidelines: that something waits to be read, or a gap to be closed."""
    may_close = decide(member, "maturity.manage_guidelines")
    if not may_close and not decide(member, "maturity.acknowledge"):
        return ""
    there_are = attention(member).has_besides
    return _("new") if "unread_guidelines" in there_are or (may_close and "open_gaps" in there_are) else ""
