"""A year of mentions, half of a year's answers with it, made by set-based SQL in an organization of their own.

Three mentions in ten are assigned, four assignments in five answered, after a few minutes to some days. Rows are made
while no trigger runs and no index is there but the keys: a million of them take a tenth of the time, and what was
broken by that would be found when indexes are made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from listening.models import Topic, TrackingQuery
from roles.models import Department, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SLUG = "benchmark-executive"
HISTORY = 365
QUERIES, DEPARTMENTS, TOPICS, NETWORKS = 20, 5, 8, ("feed", "mastodon", "bluesky")
FILL = """
INSERT INTO listening_author (organization_id, network, remote_id, handle, name, url)
SELECT %(org)s, 'feed', 'bench-' || n, 'person' || n, 'Person ' || n, '' FROM generate_series(1, %(authors)s) AS n;

INSERT INTO listening_post (organization_id, network, remote_id, author_id, url, url_key, title, text, language,
    conversation, in_reply_to, media, is_internal, is_ours, published_at, captured_at, content_digest, revision_count,
    problems)
SELECT %(org)s, (%(networks)s::text[])[1 + n %% %(kinds)s], 'bench-' || n, %(author)s + n %% %(authors)s, '', '', '',
    'Mention number ' || n, 'en', '', '', '[]', false, false, moment, moment, '', 1, '[]'
FROM (SELECT n, %(at)s::timestamptz - (%(mentions)s - n) * (%(history)s * interval '1 day') / %(mentions)s AS moment
      FROM generate_series(1, %(mentions)s) AS n) AS spread;

INSERT INTO listening_mention (organization_id, post_id, network, query_ids, state, captured_at, triage_reason,
    sentiment, topic_id)
SELECT organization_id, id, network, ARRAY[(%(queries)s::bigint[])[1 + id %% %(wanted)s]], 'routed', captured_at, '',
    id %% 3 - 1, (%(topics)s::bigint[])[1 + id / 7 %% %(about)s]
FROM listening_post WHERE organization_id = %(org)s ORDER BY id;

INSERT INTO listening_mentionmatch (organization_id, mention_id, query_id, spans)
SELECT organization_id, id, query_ids[1], '[]'::jsonb FROM listening_mention WHERE organization_id = %(org)s
UNION ALL
SELECT organization_id, id, (%(queries)s::bigint[])[1 + (id + 7) %% %(wanted)s], '[]'::jsonb FROM listening_mention
WHERE organization_id = %(org)s AND id %% 3 = 0;

INSERT INTO engagement_assignment (organization_id, mention_id, network, department_id, state, priority, reasons,
    created_at, claimed_at, due_at, first_due_at, first_answered_at, resolved_at, outcome, reopened_count, version)
SELECT organization_id, id, network, (%(departments)s::bigint[])[1 + id / 10 %% %(parts)s],
    CASE WHEN lasted IS NULL AND fresh THEN 'open' ELSE 'resolved' END, 3, '[]', captured_at, captured_at + lasted / 2,
    captured_at + interval '4 hours', captured_at + interval '4 hours', captured_at + lasted,
    CASE WHEN lasted IS NULL AND fresh THEN NULL ELSE captured_at + coalesce(lasted, interval '1 day') END,
    CASE WHEN lasted IS NULL THEN CASE WHEN fresh THEN '' ELSE 'no_answer_needed' END ELSE 'answered' END, 0, 0
FROM (SELECT *, captured_at > %(at)s::timestamptz - interval '3 days' AS fresh,
          CASE WHEN random() < 0.8 THEN exp(4 + 8 * random()) * interval '1 second' END AS lasted
      FROM listening_mention WHERE organization_id = %(org)s AND id %% 10 < 3) AS chosen;
"""
FILLED = ("listening_author", "listening_post", "listening_mention", "listening_mentionmatch", "engagement_assignment")
_TABLES = (
    *reversed(FILLED),
    *(
        f"measurement_{table}"
        for table in "hourlymentions hourlyresponses hourlypromises hourlytopics hourlyauthors hourlyflow dailymentions"
        " dailyresponses dailypromises dailytopics dailyauthors dailyflow dailywaits stalehour rollup".split()
    ),
)


def refuse_others() -> None:
    """End where the database is not one that was lent to a benchmark: indexes of whole tables are taken away here."""
    name = str(connection.settings_dict["NAME"])
    if not name.startswith("bench_"):
        raise SystemExit(f"{name} is no database of a benchmark: run it with python -m benchmarks.")


def prepare() -> tuple[Organization, Member]:
    """Make the organization with an executive, its departments, topics and queries."""
    refuse_others()
    organization = Organization.objects.create(name="Benchmark", slug=SLUG)
    with acting_for(organization):
        user, _made = User.objects.get_or_create(email=f"{SLUG}@example.org", defaults={"name": "Bench"})
        member = Member.objects.create(user=user)
        Position.objects.create(member=member, role=Role.EXECUTIVE)
        for number in range(DEPARTMENTS):
            Department.objects.create(name=f"Department {number}", slug=f"d{number}")
        for number in range(TOPICS):
            Topic.objects.create(name=f"Topic {number}")
        for number in range(QUERIES):
            TrackingQuery.objects.create(name=f"Query {number}", expression=f"word{number}")
    return organization, member


def fill(organization: Organization, mentions: int, at: datetime) -> None:
    """Make the rows, a table at a time."""
    values: dict[str, Any] = {
        "org": organization.pk,
        "networks": list(NETWORKS),
        "kinds": len(NETWORKS),
        "at": at,
        "history": HISTORY,
        "mentions": mentions,
        "authors": max(1, mentions // 20),
        "queries": list(TrackingQuery.objects.values_list("pk", flat=True)),
        "wanted": QUERIES,
        "topics": list(Topic.objects.values_list("pk", flat=True)),
        "about": TOPICS,
        "departments": list(Department.objects.values_list("pk", flat=True)),
        "parts": DEPARTMENTS,
    }
    with connection.cursor() as cursor, _keys_alone(cursor):
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute("SELECT coalesce(min(id), 0) FROM listening_author")
                values["author"] = cursor.fetchone()[0]
                cursor.execute(statement, values)


@contextmanager
def _keys_alone(cursor: Any) -> Iterator[None]:
    """Let no trigger run and keep no index but the keys, as long as rows are made."""
    refuse_others()
    cursor.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = ANY (%s::regclass[])
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [list(FILLED)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            cursor.execute(definition)


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
