"""What the executive page and a year in depth show, asked of the raw rows: the plain way, beside which ours stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from measurement.windows import Window
from roles.models import Organization

RAW = {
    "by day and network": """
        SELECT (captured_at AT TIME ZONE 'UTC')::date, network, count(*), count(*) FILTER (WHERE sentiment = 1),
            count(*) FILTER (WHERE sentiment = -1) FROM listening_mention
        WHERE organization_id = %(org)s AND captured_at >= %(before)s AND captured_at < %(end)s GROUP BY 1, 2""",
    "by query": """
        SELECT query_id, count(*) FILTER (WHERE captured_at >= %(start)s),
            count(*) FILTER (WHERE captured_at < %(start)s)
        FROM listening_mention m JOIN listening_mentionmatch x ON x.mention_id = m.id
        WHERE m.organization_id = %(org)s AND captured_at >= %(before)s AND captured_at < %(end)s GROUP BY 1""",
    "assignments by day": """
        SELECT (a.created_at AT TIME ZONE 'UTC')::date, count(*), count(first_answered_at),
            count(*) FILTER (WHERE first_answered_at <= due_at),
            percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_answered_at - m.captured_at)
                FILTER (WHERE first_answered_at IS NOT NULL)
        FROM engagement_assignment a JOIN listening_mention m ON m.id = a.mention_id
        WHERE a.organization_id = %(org)s AND a.created_at >= %(before)s AND a.created_at < %(end)s GROUP BY 1""",
    "percentiles of both windows": """
        SELECT a.created_at >= %(start)s, extract(epoch FROM percentile_disc(0.5) WITHIN GROUP
                (ORDER BY first_answered_at - m.captured_at)),
            extract(epoch FROM percentile_disc(0.9) WITHIN GROUP (ORDER BY first_answered_at - m.captured_at))
        FROM engagement_assignment a JOIN listening_mention m ON m.id = a.mention_id
        WHERE a.organization_id = %(org)s AND a.created_at >= %(before)s AND a.created_at < %(end)s
            AND first_answered_at IS NOT NULL GROUP BY 1""",
    "backlog": """
        SELECT count(*), count(*) FILTER (WHERE first_answered_at IS NULL AND due_at < %(at)s)
        FROM engagement_assignment WHERE organization_id = %(org)s AND state <> 'resolved'""",
}
_WAIT = "extract(epoch FROM first_answered_at - m.captured_at)"
_MENTIONS = """FROM listening_mention m
    WHERE m.organization_id = %(org)s AND captured_at >= %(before)s AND captured_at < %(end)s"""
_ANSWERS = """FROM engagement_assignment a JOIN listening_mention m ON m.id = a.mention_id
    WHERE a.organization_id = %(org)s AND a.created_at >= %(before)s AND a.created_at < %(end)s
        AND first_answered_at IS NOT NULL"""
# By the names of the pages in `benchmarks.executive`, of the year and of the year before, as the pages have them.
IN_DEPTH = {
    "a year over time": f"SELECT (captured_at AT TIME ZONE 'UTC')::date, count(*) {_MENTIONS} GROUP BY 1",
    "the backlog over a year": """
        SELECT day, count(a.id) FROM generate_series(%(start)s::timestamptz + interval '1 day', %(end)s::timestamptz,
            interval '7 days') AS day
        LEFT JOIN engagement_assignment a ON a.organization_id = %(org)s AND a.created_at < day
            AND (a.resolved_at IS NULL OR a.resolved_at >= day) GROUP BY 1""",
    "a year by department": f"""
        SELECT a.created_at >= %(start)s, a.department_id, percentile_disc(0.9) WITHIN GROUP (ORDER BY {_WAIT})
        {_ANSWERS} GROUP BY 1, 2""",
    "a year by network": f"SELECT captured_at >= %(start)s, network, count(*) {_MENTIONS} GROUP BY 1, 2",
    "a year by topic": f"""
        SELECT captured_at >= %(start)s, topic_id, avg((sentiment = -1)::int)
        {_MENTIONS} AND topic_id IS NOT NULL GROUP BY 1, 2""",
    "a year by tracking query": """
        SELECT captured_at >= %(start)s, query_id,
            (count(*) FILTER (WHERE sentiment = 1) - count(*) FILTER (WHERE sentiment = -1))::float
                / nullif(count(sentiment), 0)
        FROM listening_mention m JOIN listening_mentionmatch x ON x.mention_id = m.id
        WHERE m.organization_id = %(org)s AND captured_at >= %(before)s AND captured_at < %(end)s GROUP BY 1, 2""",
    "a year by hour of the week": f"""
        SELECT captured_at >= %(start)s, extract(isodow FROM captured_at AT TIME ZONE 'UTC'),
            extract(hour FROM captured_at AT TIME ZONE 'UTC'), count(*) {_MENTIONS} GROUP BY 1, 2, 3""",
    "a year of waits": f"""
        SELECT a.created_at >= %(start)s, width_bucket({_WAIT}, ARRAY[300, 900, 1800, 3600, 7200, 14400, 28800, 86400,
            172800, 604800]), count(*) {_ANSWERS} GROUP BY 1, 2""",
    "the rows behind a year": """
        SELECT m.id, p.text, count(*) OVER () FROM listening_mention m JOIN listening_post p ON p.id = m.post_id
        WHERE m.organization_id = %(org)s AND m.captured_at >= %(start)s AND m.captured_at < %(end)s
            AND m.sentiment = -1 ORDER BY m.captured_at DESC LIMIT 50""",
}


def read_raw(organization: Organization, window: Window, at: datetime) -> dict[str, list[Any]]:
    """Ask the raw rows for what the page shows."""
    return {name: ask(statement, organization, window, at) for name, statement in RAW.items()}


def ask(statement: str, organization: Organization, window: Window, at: datetime) -> list[Any]:
    """Ask the raw rows one thing, of a window and of the one before it."""
    before = window.before().start
    values = {"org": organization.pk, "before": before, "start": window.start, "end": window.end, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
