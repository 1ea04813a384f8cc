"""What each query brought during the last 30 days; the same two statements for one query and for two hundred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from listening.models import PostWords
from listening.searching.preview import COUNTED_AT_MOST, DAYS
from listening.searching.width import Width
from roles.tenancy import active_organization_id


@dataclass(slots=True)
class Figures:
    """Mentions that a query found, by day; how many were relevant or dismissed; how many only it found."""

    days: list[tuple[date, int]]
    found: int = 0
    routed: int = 0
    dismissed: int = 0
    alone: int = 0
    last_at: datetime | None = None
    overlap_id: int | None = None
    overlap: int = 0
    share: float = 0.0
    by_day: dict[date, int] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        """How many were placed or dismissed."""
        return self.routed + self.dismissed

    @property
    def relevant(self) -> float | None:
        """What part of those was relevant; None where nothing was decided."""
        return self.routed / self.decided if self.decided else None

    @property
    def width(self) -> Width:
        """How much that is, and whether it is too much."""
        return Width(self.share, self.found / max(1, len(self.days)), self.relevant, self.decided)


def figures(query_ids: list[int], *, at: datetime) -> Mapping[int, Figures]:
    """Return the figures of these queries, by key."""
    since = at - timedelta(days=DAYS)
    days = [timezone.localdate(since) + timedelta(days=number) for number in range(1, DAYS + 1)]
    found = {key: Figures([]) for key in query_ids}
    values: dict[str, Any] = {
        "organization": active_organization_id(),
        "since": since,
        "zone": timezone.get_current_timezone_name(),
        "queries": query_ids,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, values)
        for key, day, number, routed, dismissed, alone, last_at in cursor.fetchall():
            row = found[key]
            row.by_day[day] = number
            row.found, row.alone = row.found + number, row.alone + alone
            row.routed, row.dismissed = row.routed + routed, row.dismissed + dismissed
            row.last_at = max(filter(None, (row.last_at, last_at)))
        cursor.execute(_OVERLAP, values)
        for key, other, number in cursor.fetchall():
            found[key].overlap_id, found[key].overlap = other, number
    came_in = PostWords.objects.filter(captured_at__gte=since)[:COUNTED_AT_MOST].count()
    for row in found.values():
        row.days = [(day, row.by_day.get(day, 0)) for day in days]
        row.share = min(1.0, row.found / came_in) if came_in else 0.0
    return found


_BY_DAY = """
SELECT query, (captured_at AT TIME ZONE %(zone)s)::date, count(*), count(*) FILTER (WHERE state = 'routed'),
    count(*) FILTER (WHERE state = 'dismissed'), count(*) FILTER (WHERE cardinality(query_ids) = 1), max(captured_at)
FROM listening_mention CROSS JOIN LATERAL unnest(query_ids) AS query
WHERE organization_id = %(organization)s AND captured_at >= %(since)s AND query = ANY (%(queries)s::bigint[])
GROUP BY 1, 2
"""
_OVERLAP = """
SELECT DISTINCT ON (one) one, other, count(*)
FROM listening_mention CROSS JOIN LATERAL unnest(query_ids) AS one CROSS JOIN LATERAL unnest(query_ids) AS other
WHERE organization_id = %(organization)s AND captured_at >= %(since)s AND cardinality(query_ids) > 1
    AND one <> other AND one = ANY (%(queries)s::bigint[])
GROUP BY one, other
ORDER BY one, count(*) DESC, other
"""
