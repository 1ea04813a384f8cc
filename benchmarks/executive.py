"""The executive page over 180 days: from roll-ups, beside the same figures from the raw rows in the same run.

Mentions, matches and assignments are made by set-based SQL in an organization of their own, which is removed at the end
(or kept, with --keep). Roll-ups are then computed by the application's own code. Both sides give the same figures,
which is checked. So it is with a year in depth: each page stands beside the raw query for what it shows.

    python benchmarks/executive.py [--mentions 100000] [--rounds 9] [--keep]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.models import TrackingQuery
from measurement.actions import recompute_rollups, refresh_rollups
from measurement.exploring import parts
from measurement.figures import Figures, figures
from measurement.models import StaleHour
from measurement.selecting import Selection
from measurement.windows import Window, zone_of
from roles import clock
from roles.models import Department, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SLUG = "benchmark-executive"
# A year in depth, as it is asked for when a figure of the page raises a question: the page, what it reads, and the
# raw query for the same, of the year and of the year before, as the page has them.
BESIDE = {
    "all figures over 30 days": "measure/figures/?days=30",
    "all figures over a year": "measure/figures/?days=365",
    "a year over time": "measure/explore/?days=365&by=time&metric=captured",
    "the backlog over a year": "measure/explore/?days=365&by=time&metric=backlog_at_end",
    "a year by department": "measure/explore/?days=365&by=department&metric=first_response_p90",
    "a year by tracking query": "measure/explore/?days=365&by=query&metric=net_sentiment",
    "a year by hour of the week": "measure/explore/?days=365&by=hour&metric=captured",
    "a year of waits": "measure/explore/?days=365&by=spread",
}
DAYS, HISTORY = 180, 365
QUERIES, DEPARTMENTS, NETWORKS = 20, 5, ("feed", "mastodon", "bluesky")
# Three mentions in ten are assigned, four assignments in five answered, after a few minutes to some days.
FILL = """
INSERT INTO listening_post (organization_id, network, remote_id, url, url_key, title, text, language, conversation,
    in_reply_to, media, is_internal, is_ours, published_at, captured_at, content_digest, revision_count, problems)
SELECT %(org)s, (%(networks)s::text[])[1 + n %% %(kinds)s], 'bench-' || n, '', '', '', 'Mention number ' || n, 'en', '',
    '', '[]', false, false, moment, moment, '', 1, '[]'
FROM (SELECT n, %(at)s::timestamptz - random() * %(history)s * interval '1 day' AS moment
      FROM generate_series(1, %(mentions)s) AS n) AS spread ORDER BY moment;

INSERT INTO listening_mention (organization_id, post_id, network, query_ids, state, captured_at, triage_reason,
    sentiment)
SELECT organization_id, id, network, ARRAY[(%(queries)s::bigint[])[1 + id %% %(wanted)s]], 'routed', captured_at, '',
    id %% 3 - 1
FROM listening_post WHERE organization_id = %(org)s ORDER BY id;

INSERT INTO listening_mentionmatch (organization_id, mention_id, query_id, spans)
SELECT organization_id, id, query_ids[1], '[]'::jsonb FROM listening_mention WHERE organization_id = %(org)s
UNION ALL
SELECT organization_id, id, (%(queries)s::bigint[])[1 + (id + 7) %% %(wanted)s], '[]'::jsonb FROM listening_mention
WHERE organization_id = %(org)s AND id %% 3 = 0;

INSERT INTO engagement_assignment (organization_id, mention_id, network, department_id, state, priority, reasons,
    created_at, due_at, first_due_at, first_answered_at, resolved_at, outcome, reopened_count, version)
SELECT organization_id, id, network, (%(departments)s::bigint[])[1 + id %% %(parts)s],
    CASE WHEN lasted IS NULL AND fresh THEN 'open' ELSE 'resolved' END, 3, '[]', captured_at,
    captured_at + interval '4 hours', captured_at + interval '4 hours', captured_at + lasted,
    CASE WHEN lasted IS NULL AND fresh THEN NULL ELSE captured_at + coalesce(lasted, interval '1 day') END,
    CASE WHEN lasted IS NULL THEN CASE WHEN fresh THEN '' ELSE 'no_answer_needed' END ELSE 'answered' END, 0, 0
FROM (SELECT *, captured_at > %(at)s::timestamptz - interval '3 days' AS fresh,
          CASE WHEN random() < 0.8 THEN exp(4 + 8 * random()) * interval '1 second' END AS lasted
      FROM listening_mention WHERE organization_id = %(org)s AND id %% 10 < 3) AS chosen;
"""
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
# By the names of `BESIDE`; what has none here is laid beside the raw queries of the page.
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
}
_TABLES = (
    "engagement_assignment listening_mentionmatch listening_mention listening_post measurement_hourlymentions "
    "measurement_hourlyresponses measurement_hourlypromises measurement_hourlytopics measurement_hourlyauthors "
    "measurement_dailymentions measurement_dailyresponses measurement_dailypromises measurement_dailytopics "
    "measurement_dailyauthors measurement_hourlyflow measurement_dailyflow measurement_stalehour measurement_rollup"
).split()


def main() -> None:
    """Fill, compute, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mentions", type=int, default=100_000, help="at most 5,000,000")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", action="store_true", help="leave the rows for looking at the page")
    asked = parser.parse_args()
    at = clock.now()
    remove()
    organization, member = prepare()
    try:
        with acting_for(organization):
            run(organization, member, min(asked.mentions, 5_000_000), asked.rounds, at)
    finally:
        if not asked.keep:
            remove()


def run(organization: Organization, member: Member, mentions: int, rounds: int, at: datetime) -> None:
    """Measure everything for one number of mentions."""
    window = Window.up_to(at, days=DAYS, zone=zone_of(organization.time_zone))
    filled = timed(lambda: fill(organization, mentions, at), 1)
    computed = timed(lambda: refresh_rollups(at=at), 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    month = Window(window.last.replace(day=1), window.last, window.zone)
    again = timed(lambda: recompute_rollups(month, at=at), 3)
    hour = timed(lambda: one_hour(at), rounds)
    raw = timed(lambda: read_raw(organization, window, at), max(3, rounds // 3))
    with CaptureQueriesContext(connection) as queries:
        figures(window, at=at)
        reads = len(queries)
    in_queries = statistics.median(query_time(window, at) for _ in range(rounds))
    rolled = timed(lambda: figures(window, at=at), rounds)
    page, statements, size = serve(member, f"measure/?days={DAYS}", rounds)
    fewer = max(3, rounds // 3)
    beside = {name: serve(member, address, fewer) for name, address in BESIDE.items()}
    year = Window.up_to(at, days=365, zone=window.zone)
    in_depth = {name: timed(lambda sql=sql: ask(sql, organization, year, at), fewer) for name, sql in IN_DEPTH.items()}
    in_depth["all figures over a year"] = timed(lambda: read_raw(organization, year, at), fewer)
    check_in_depth(organization, year, at)
    check(figures(window, at=at), organization, window, at)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"Executive page over {DAYS} days, {mentions:,} mentions over {HISTORY} days; {machine}")
    print(f"medians of {rounds} rounds; filled in {filled:.1f} s, all roll-ups computed in {computed:.1f} s")
    print(f"  raw queries for the same figures       {raw * 1000:10.1f} ms")
    print(f"  figures from roll-ups                  {rolled * 1000:10.1f} ms   {raw / rolled:8.1f} x raw")
    print(f"    of that in the database              {in_queries * 1000:10.1f} ms   {reads} queries")
    print(
        f"  the page, in process                   {page * 1000:10.1f} ms   {statements} queries, {size / 1024:.0f} kB"
    )
    for name, (took, reads, _size) in beside.items():
        raw = f"   {in_depth[name] * 1000:10.1f} ms raw, {in_depth[name] / took:6.1f} x" if name in in_depth else ""
        print(f"  {name:38} {took * 1000:10.1f} ms   {reads} queries{raw}")
    print(f"  one stale hour computed again          {hour * 1000:10.1f} ms")
    print(f"  this month computed again ({month.days:2} days)     {again * 1000:10.1f} ms")


def prepare() -> tuple[Organization, Member]:
    """Make the organization with an executive, its departments and queries."""
    organization = Organization.objects.create(name="Benchmark", slug=SLUG)
    with acting_for(organization):
        user, _made = User.objects.get_or_create(email=f"{SLUG}@example.org", defaults={"name": "Bench"})
        member = Member.objects.create(user=user)
        Position.objects.create(member=member, role=Role.EXECUTIVE)
        for number in range(DEPARTMENTS):
            Department.objects.create(name=f"Department {number}", slug=f"d{number}")
        for number in range(QUERIES):
            TrackingQuery.objects.create(name=f"Query {number}", expression=f"word{number}")
    return organization, member


def fill(organization: Organization, mentions: int, at: datetime) -> None:
    """Make the rows, a set at a time."""
    values: dict[str, Any] = {
        "org": organization.pk,
        "networks": list(NETWORKS),
        "kinds": len(NETWORKS),
        "at": at,
        "history": HISTORY,
        "mentions": mentions,
        "queries": list(TrackingQuery.objects.values_list("pk", flat=True)),
        "wanted": QUERIES,
        "departments": list(Department.objects.values_list("pk", flat=True)),
        "parts": DEPARTMENTS,
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)


def remove() -> None:
    """Remove the organization and its rows, a table at a time."""
    organization = Organization.objects.filter(slug=SLUG).first()
    if organization is None:
        return
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE organization_id = %s", [organization.pk])
    with acting_for(organization):
        organization.delete()
        User.objects.filter(email=f"{SLUG}@example.org").delete()


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


def check_in_depth(organization: Organization, year: Window, at: datetime) -> None:
    """What the pages in depth show is what the raw rows give."""
    selection = Selection(year)

    def told(metric: str, by: str) -> dict[str, float]:
        found = parts(metric, by, selection, selection.on(year.before()), at=at)
        return {part.key: part.now for part in found if part.now is not None}

    def raw(name: str) -> list[Any]:
        return [row[1:] for row in ask(IN_DEPTH[name], organization, year, at) if row[0] is True]

    for key, p90 in raw("a year by department"):
        assert abs(told("first_response_p90", "department")[str(key)] / float(p90) - 1) <= 0.05
    assert same(told("net_sentiment", "query"), dict(raw("a year by tracking query")))
    hours = {24 * (int(day) - 1) + int(hour): count for day, hour, count in raw("a year by hour of the week")}
    assert same({key: count for key, count in told("captured", "hour").items() if count}, hours)
    waits = sum(count for _step, count in raw("a year of waits"))
    assert sum(told("first_response_median", "spread").values()) == waits
    lying = [count for _day, count in sorted(ask(IN_DEPTH["the backlog over a year"], organization, year, at))]
    assert list(told("backlog_at_end", "time").values())[:-1] == lying[:-1], "the last is as of now"


def same(told: dict[str, float], raw: dict[Any, Any]) -> bool:
    """Whether a page says of each part what the rows give."""
    known = {str(key): float(value) for key, value in raw.items() if value is not None}
    return told.keys() == known.keys() and all(abs(told[key] - known[key]) < 1e-9 for key in known)


def check(found: Figures, organization: Organization, window: Window, at: datetime) -> None:
    """Both sides must say the same; percentiles within their 5 %."""
    raw = read_raw(organization, window, at)
    inside = [row for row in raw["by day and network"] if row[0] >= window.first]
    assert [sum(row[i] for row in inside) for i in (2, 3, 4)] == [
        found.now.captured,
        found.now.positive,
        found.now.negative,
    ]
    assert {row[0]: row[1] for row in raw["by query"] if row[1]} == {k: v for k, v in found.now.by_query.items() if v}
    assignments = [row for row in raw["assignments by day"] if row[0] >= window.first]
    assert [sum(row[i] for row in assignments) for i in (1, 2, 3)] == [
        found.now.assigned,
        found.now.answered,
        found.now.in_time,
    ]
    assert raw["backlog"] == [(found.backlog, found.overdue)]
    for is_now, median, p90 in raw["percentiles of both windows"]:
        counts = found.now if is_now else found.before
        assert abs((counts.median or 0) / float(median) - 1) <= 0.05
        assert abs((counts.p90 or 0) / float(p90) - 1) <= 0.05


def query_time(window: Window, at: datetime) -> float:
    """The time that one reading of all figures spends in the database, fetching included."""
    spent = 0.0

    def measure(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal spent
        begun = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent += time.perf_counter() - begun

    with connection.execute_wrapper(measure):
        figures(window, at=at)
    return spent


def one_hour(at: datetime) -> None:
    """Mark and compute the present hour."""
    StaleHour.objects.create(hour=at.replace(minute=0, second=0, microsecond=0), marked_at=at)
    assert refresh_rollups(at=at) == 1


def serve(member: Member, asked: str, rounds: int) -> tuple[float, int, int]:
    """Ask for a page as a browser does; returns seconds, statements and bytes."""
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(member.user)
    address = f"/o/{SLUG}/{asked}"
    client.get(address)
    with acting_for(None), CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        statements = len(queries)
    assert answer.status_code == 200
    return timed(lambda: client.get(address), rounds), statements, len(answer.content)


def timed(work: Callable[[], Any], rounds: int) -> float:
    """The median time of some rounds, in seconds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
