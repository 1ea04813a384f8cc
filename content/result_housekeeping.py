"""Which publications networks are to be asked about, of all organizations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

# What was taken longer ago without its being noticed is not asked about any more.
LATELY = timedelta(days=3)
_BEGIN = """
INSERT INTO content_publicationresult (organization_id, publication_id, next_look_at, failures, problem)
SELECT row.organization_id, row.id, row.accepted_at + make_interval(secs => %(after)s), 0, ''
FROM content_publication AS row JOIN listening_channel AS channel ON channel.id = row.channel_id
WHERE row.state = 'accepted' AND row.accepted_at > %(since)s AND row.remote_id <> ''
    AND channel.network = ANY(%(telling)s)
    AND NOT EXISTS (SELECT 1 FROM content_publicationresult AS result WHERE result.publication_id = row.id)
ON CONFLICT (publication_id) DO NOTHING
"""


def begin_looks(telling: Sequence[str], *, after: timedelta, at: datetime) -> int:
    """Make a row for each publication that a network of these took lately; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"after": after / timedelta(seconds=1), "since": at - LATELY, "telling": list(telling)})
        return int(cursor.rowcount)
