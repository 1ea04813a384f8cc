"""How many mentions each query, each topic and the whole organization had, in steps of five minutes.

What counts is when a mention was captured, so that a step is over when it is over. What came long after it was said,
because a source was just taken up or had been out of reach, is no news of this moment and is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from listening.models import WatchedSeries
from roles.tenancy import active_organization_id

STEP = timedelta(minutes=5)
ORIGIN = datetime(2000, 1, 3, tzinfo=UTC)
# What was published longer before its capture than a source is usually asked, and than this, came late.
LATE = timedelta(hours=1)
LATEST = timedelta(hours=36)
# Nothing was read for so long: a silence of ours, not of the world.
DEAF = timedelta(hours=1)

Subject = tuple[str, int | None]  # (“query”, its key), (“topic”, its key) or (“organization”, None)
Counts = dict[Subject, dict[datetime, tuple[int, int]]]  # (all, negative) by the beginning of the step


def step_of(at: datetime) -> datetime:
    """Return the beginning of the step in which a moment lies."""
    return ORIGIN + (at - ORIGIN) // STEP * STEP


def counts(start: datetime, end: datetime) -> Counts:
    """Count what was captured from start until before end."""
    found: Counts = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _values(start, end))
        for kind, key, step, everything, negative in cursor.fetchall():
            found.setdefault((kind, key), {})[step] = (everything, negative)
    return found


def heard(start: datetime, end: datetime) -> set[datetime]:
    """Return the beginnings of steps in which somebody listened: a source answered not long before."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTENED, _values(start - DEAF, end))
        answered = sorted(step for (step,) in cursor.fetchall())
    steps, found = step_of(start), set()
    place = 0
    while steps < end:
        while place < len(answered) and answered[place] <= steps:
            place += 1
        if place and answered[place - 1] > steps - DEAF:
            found.add(steps)
        steps += STEP
    return found


def mentions_of(subject: Subject, start: datetime, end: datetime, *, negative: bool, limit: int) -> list[int]:
    """Return the mentions behind a count, the newest first."""
    with connection.cursor() as cursor:
        values = _values(start, end) | {"key": subject[1], "negative": negative, "limit": limit}
        cursor.execute(_MENTIONS.replace("{subject}", _OF[subject[0]]), values)
        return [key for (key,) in cursor.fetchall()]


def first_heard() -> datetime | None:
    """Return when the organization's first mention was captured."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(captured_at) FROM listening_mention WHERE organization_id = %s", [active_organization_id()]
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def keep(series: Sequence[WatchedSeries]) -> None:
    """Store what the detectors know now; how rare a warning must be is left to people."""
    rows = [
        {name: getattr(row, name) for name in ("id", "is_hourly", "judged", "detector", "episode", "recent")}
        for row in series
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"organization": active_organization_id(), "rows": json.dumps(rows)})


_KEEP = """
UPDATE listening_watchedseries series
SET is_hourly = item.is_hourly, judged = item.judged, detector = item.detector, episode = item.episode,
    recent = item.recent
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS item (id bigint, is_hourly boolean, judged int, detector jsonb, episode jsonb, recent jsonb)
WHERE series.id = item.id AND series.organization_id = %(organization)s
"""


def _values(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "organization": active_organization_id(),
        "start": start,
        "end": end,
        "step": STEP,
        "origin": ORIGIN,
        "late": LATE,
        "latest": LATEST,
    }


_NEWS = """
    SELECT mention.id, mention.query_ids, mention.topic_id, mention.sentiment = -1 AS is_negative,
        date_bin(%(step)s, mention.captured_at, %(origin)s) AS step
    FROM listening_mention mention JOIN listening_post post ON post.id = mention.post_id
        LEFT JOIN listening_source source ON source.id = mention.source_id
    WHERE mention.organization_id = %(organization)s
        AND mention.captured_at >= %(start)s AND mention.captured_at < %(end)s
        AND (
            post.published_at IS NULL
            OR post.published_at >= mention.captured_at - LEAST(
                GREATEST(%(late)s, 3 * make_interval(secs => COALESCE(source.interval_seconds, 0))), %(latest)s
            )
            AND (
                source.id IS NULL OR post.published_at >= source.created_at
                OR mention.captured_at > source.created_at + interval '1 day'
            )
        )
"""
_COUNTS = f"""
WITH news AS MATERIALIZED ({_NEWS})
SELECT 'organization', NULL, step, count(*), count(*) FILTER (WHERE is_negative) FROM news GROUP BY step
UNION ALL
SELECT 'query', query_id, step, count(*), count(*) FILTER (WHERE is_negative)
FROM news CROSS JOIN LATERAL unnest(query_ids) AS query_id GROUP BY query_id, step
UNION ALL
SELECT 'topic', topic_id, step, count(*), count(*) FILTER (WHERE is_negative)
FROM news WHERE topic_id IS NOT NULL GROUP BY topic_id, step
"""  # noqa: S608 - put together from constants
_OF = {"organization": "true", "query": "%(key)s = ANY (query_ids)", "topic": "topic_id = %(key)s"}
_MENTIONS = f"""
WITH news AS ({_NEWS})
SELECT id FROM news WHERE {{subject}} AND (NOT %(negative)s OR is_negative) ORDER BY id DESC LIMIT %(limit)s
"""  # noqa: S608 - put together from constants
_LISTENED = """
SELECT DISTINCT date_bin(%(step)s, moment, %(origin)s) FROM (
    SELECT finished_at AS moment FROM listening_poll
    WHERE organization_id = %(organization)s AND finished_at >= %(start)s AND finished_at < %(end)s
        AND outcome IN ('taken', 'unchanged')
    UNION ALL
    SELECT captured_at FROM listening_mention
    WHERE organization_id = %(organization)s AND captured_at >= %(start)s AND captured_at < %(end)s
) AS sign
"""
