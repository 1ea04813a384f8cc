"""What must look across organizations: which posts are to be read again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from roles.models import Organization

AT_ONCE = 200
LEASE = timedelta(minutes=5)
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM listening_revisit WHERE due_at <= %(at)s
    ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE listening_revisit AS row SET due_at = %(until)s
FROM due WHERE row.id = due.id RETURNING row.organization_id, row.id
"""


def claim_revisits(*, at: datetime) -> dict[Organization, list[int]]:
    """Take posts that are to be read again, for the length of a lease; by organization."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + LEASE, "most": AT_ONCE})
        rows = cursor.fetchall()
    known = Organization.objects.in_bulk({key for key, _row in rows})
    return {house: [row for key, row in rows if key == house.pk] for house in known.values()}
