"""What the demo organization has agreed on in words: who has read the guidelines, and where they said nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement.models import Assignment
from maturity.actions.gaps import close_gap, report_gap
from maturity.actions.reading import acknowledge_guidelines
from maturity.models import GuidelineVersion
from roles.models import Member, Organization


def agree(organization: Organization, *, coach: Member, gatherer: Member, responder: Member, at: datetime) -> None:
    """Let people say yes, one of them before the last change, another not at all; and report two gaps."""
    versions = list(GuidelineVersion.objects.select_related("section"))
    first = [version for version in versions if version.number == 1]
    acknowledge_guidelines(organization, versions=first, by=responder, at=at - timedelta(days=5))
    for member in (coach, gatherer):
        acknowledge_guidelines(organization, versions=versions, by=member, at=at - timedelta(days=1, hours=3))
    newest = next(version for version in versions if version.number > 1)
    found = list(Assignment.objects.filter(member=responder).select_related("mention").order_by("-pk")[:2])
    notes = ("May I say which parts are late, and why?", "Somebody wants to buy a used one: do we help?")
    gaps = [
        report_gap(assignment, note=note, by=responder, at=at - timedelta(days=3 - number))
        for number, (assignment, note) in enumerate(zip(found, notes, strict=False))
    ]
    if len(gaps) > 1:
        close_gap(gaps[1], version=newest, by=coach, at=at - timedelta(days=1))
