"""Keep what was judged."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from maturity.evidence.asked import Asked
from maturity.judging import judge
from maturity.models import Assessment
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.tenancy import active_organization

EVERY = timedelta(days=7)


@allowed("maturity.assess")
@transaction.atomic
def assess(organization: Organization, *, by: Member | None, at: datetime) -> Assessment:
    """Judge the organization and each department now, and keep it as it is; returns that of the whole."""
    kept = [
        Assessment(
            department=judgement.department, assessed_at=at, assessed_by=by, level=judgement.level,
            suggested=judgement.suggested, verdicts=[verdict.frozen() for verdict in judgement.verdicts],
        )
        for judgement in judge(Asked(at)).values()
    ]  # fmt: skip
    whole = Assessment.objects.bulk_create(kept)[0]
    after = {"suggested": whole.suggested, "hold": sum(verdict["holds"] for verdict in whole.verdicts)}
    record("assess", organization, by=by, at=at, after=after)
    return whole


def assess_due(*, at: datetime) -> bool:
    """Once a week, judge the active organization and keep it; whoever comes second finds that it is done."""
    if not _is_due(at):
        return False
    with transaction.atomic():
        organization = Organization.objects.select_for_update(no_key=True).get(pk=active_organization().pk)
        if not _is_due(at):
            return False
        assess(organization, by=None, at=at)
    return True


def _is_due(at: datetime) -> bool:
    newest = Assessment.objects.of(None).first()
    return newest is None or newest.assessed_at <= at - EVERY
