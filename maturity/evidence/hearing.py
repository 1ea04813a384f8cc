"""Evidence of listening."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from listening.models import Insight, Mention, Source, TrackingQuery
from maturity.evidence.asked import MONTH, Asked, Figures
from roles.models import Position, Role

FRESH = timedelta(days=2)
WAITS_LONG = timedelta(days=3)
COUNTED_TO = 1000


def places_heard(asked: Asked) -> Figures:
    """Share of the active sources that were read successfully within the last two days; as they are now."""
    rows = Source.objects.filter(asked.heard("network"), state=Source.State.ACTIVE, created_at__lte=asked.at)
    heard = Q(last_success_at__gte=asked.at - FRESH)
    counted = rows.aggregate(every=Count("pk"), heard=Count("pk", filter=heard))
    return {None: counted["heard"] / counted["every"] if counted["every"] else None}


def queries_active(asked: Asked) -> Figures:
    """Tracking queries that are active; as they are now."""
    return {None: TrackingQuery.objects.filter(is_active=True, created_at__lte=asked.at).count()}


def days_listened(asked: Asked) -> Figures:
    """Share of the working days of the four weeks before today on which somebody decided about a mention."""
    days = asked.working_days
    if not days:
        return {None: None}
    decided = Mention.objects.filter(
        asked.heard("network"),
        triaged_by__isnull=False,
        triaged_at__gte=asked.since(MONTH + 1),
        triaged_at__lt=asked.at,
    )
    # Without the order of the rows, which would make every row a day of its own.
    seen = set(decided.order_by().values_list(TruncDate("triaged_at", tzinfo=asked.zone), flat=True).distinct())
    return {None: len(seen.intersection(days)) / len(days)}


def waiting_long(asked: Asked) -> Figures:
    """Mentions of the last four weeks that have waited in the stream for three days or more, counted up to 1,000."""
    rows = Mention.objects.filter(
        asked.heard("network"),
        state=Mention.State.UNTRIAGED,
        is_old=False,
        captured_at__gte=asked.window.start,
        captured_at__lt=asked.at - WAITS_LONG,
    )
    return {None: rows.order_by()[:COUNTED_TO].count()}


def listeners(asked: Asked) -> Figures:
    """People whose position is to gather information; as they are now. Those for the whole count everywhere."""
    return people_with(asked, Role.GATHERER)


def insights_filed(asked: Asked) -> Figures:
    """Insights of the last four weeks that nobody withdrew; a department has its own and those for everybody."""
    rows = Insight.objects.filter(filed_at__gte=asked.window.start, filed_at__lte=asked.at, withdrawn_at=None)
    counts = rows.order_by().values_list("department").annotate(Count("pk"))
    return with_those_for_all(asked, dict(counts))


def with_those_for_all(asked: Asked, counts: dict[int | None, int]) -> Figures:
    """Counts by department, where what belongs to no department counts in each; None is the sum of all."""
    own = {key: count for key, count in counts.items() if key is not None}
    return {key: sum(read) + counts.get(None, 0) for key, read in asked.with_below(own).items()}


def people_with(asked: Asked, *roles: Role) -> Figures:
    """Active people who hold one of the roles, each once; those who hold it for the whole count in each department."""
    held: defaultdict[int | None, set[int]] = defaultdict(set)
    rows = Position.objects.in_force().filter(member__is_active=True, role__in=roles).select_related("department")
    for position in rows:
        for department in position.reach:
            held[department].add(position.member_id)
    everywhere = held.pop(None, set())
    found: dict[int | None, float | None] = {key: len(held.get(key, set()) | everywhere) for key in asked.departments}
    return found | {None: len(everywhere.union(*held.values()))}
