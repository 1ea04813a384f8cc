"""The daily record of all organizations' sources, and what may be forgotten once it stands there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from listening.models import Poll, Push, SourceDay

# The days are kept for longer than the polls that they count.
DAYS_KEPT = timedelta(days=200)


def record_days(at: datetime) -> int:
    """Count the polls of today and yesterday, by each organization's own days; returns how many rows were written."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"at": at})
        return int(cursor.rowcount)


# All polls of these two days are still there: even those that found nothing are kept for two days.
_DAYS = """
INSERT INTO listening_sourceday AS known (
    organization_id, source_id, day, well, rate_limited, unreachable, unreadable, new
)
SELECT poll.organization_id, poll.source_id, (poll.finished_at AT TIME ZONE organization.time_zone)::date AS day,
    count(*) FILTER (WHERE poll.outcome IN ('taken', 'unchanged')),
    count(*) FILTER (WHERE poll.outcome = 'rate_limited'),
    count(*) FILTER (WHERE poll.outcome IN ('unreachable', 'refused', 'gone', 'died')),
    count(*) FILTER (WHERE poll.outcome = 'unreadable'),
    COALESCE(sum(poll.new), 0)
FROM listening_poll poll
JOIN roles_organization organization ON organization.id = poll.organization_id
WHERE poll.finished_at >= date_trunc('day', (%(at)s AT TIME ZONE organization.time_zone) - interval '1 day')
        AT TIME ZONE organization.time_zone
    AND poll.finished_at <= %(at)s
GROUP BY 1, 2, 3
ORDER BY 2, 3
ON CONFLICT (source_id, day) DO UPDATE
SET well = excluded.well, rate_limited = excluded.rate_limited, unreachable = excluded.unreachable,
    unreadable = excluded.unreadable, new = excluded.new
WHERE (known.well, known.rate_limited, known.unreachable, known.unreadable, known.new)
    IS DISTINCT FROM (excluded.well, excluded.rate_limited, excluded.unreachable, excluded.unreadable, excluded.new)
"""


@transaction.atomic
def forget_old_polls(at: datetime) -> int:
    """Remove polls that are a month old, and after two days those that found nothing; their days were counted first.

    Returns how many polls were removed. Days themselves, and what hubs told us, are forgotten in their own time.
    """
    record_days(at)
    finished = Poll.everywhere.filter(finished_at__lt=at - timedelta(days=2))
    removed = finished.filter(outcome=Poll.Outcome.UNCHANGED).delete()[0]
    removed += finished.filter(finished_at__lt=at - timedelta(days=30)).delete()[0]
    SourceDay.everywhere.filter(day__lt=(at - DAYS_KEPT).date()).delete()
    Push.everywhere.filter(received_at__lt=at - timedelta(days=7)).exclude(taken_at=None).delete()
    return removed
