"""An organization full of mentions, made by set-based SQL.

One mention in ten is an open assignment, these spread over many members; one in ten waits in the stream, the rest is
resolved. Half of what waits belongs to stories of three places, and the oldest of it to one large story. One mention in
100,000 is in a rare language, another one sounds bad; all others are English and neutral.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from engagement.conditions import all_of
from engagement.models import RoutingRule
from listening.models import Channel, Column, SavedFilter, Story, TrackingQuery
from roles import clock
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SLUG = "bench"
MEMBERS, DEPARTMENTS, QUERIES, RULES, IN_TROUBLE = 200, 5, 20, 50, 40
RARE = "fi"
COLUMNS = {
    "Feeds": "network=feed",
    "Finnish": f"language={RARE}",
    "Bad": "sentiment=-1",
    "By relevance": "order=relevance",
}
WORDS = "the delivery of our order is late again and nobody answers what shall we do now please help us with it".split()
FILL = """
INSERT INTO listening_author (organization_id, network, remote_id, handle, name, url)
SELECT %(org)s, 'feed', 'a' || n, 'person' || n, 'Person ' || n, '' FROM generate_series(1, %(authors)s) AS n;

INSERT INTO listening_post (organization_id, network, remote_id, author_id, url, url_key, title, text, language,
    conversation, in_reply_to, media, is_internal, is_ours, published_at, captured_at, content_digest, revision_count,
    problems)
SELECT %(org)s, (ARRAY['feed', 'practice'])[1 + n %% 2], 'p' || n, %(author)s + n %% %(authors)s,
    'https://example.org/' || n, '', '', 'Number ' || n || ': ' || (%(texts)s::text[])[1 + n %% %(kinds)s], 'en',
    'c' || n / 3, '', '[]', false, false, moment, moment, '', 1, '[]'
FROM (SELECT n, %(at)s::timestamptz - (%(mentions)s - n) * interval '1 year' / %(mentions)s AS moment
      FROM generate_series(1, %(mentions)s) AS n) AS spread;

INSERT INTO listening_story (organization_id, headline, first_at, last_at, size)
SELECT %(org)s, 'Story ' || n, %(at)s, %(at)s, 3 FROM generate_series(0, %(stories)s) AS n;

INSERT INTO listening_mention (organization_id, post_id, network, department_id, query_ids, state, captured_at,
    triage_reason, language, sentiment, relevance, story_id, is_folded)
SELECT organization_id, id, network, (%(departments)s::bigint[])[1 + id %% %(parts)s],
    ARRAY[(%(queries)s::bigint[])[1 + id %% %(wanted)s]], CASE WHEN id %% 10 = 9 THEN 'untriaged' ELSE 'routed' END,
    captured_at, '', CASE WHEN id %% 100000 = 9 THEN %(rare)s ELSE 'en' END,
    CASE WHEN id %% 100000 = 19 THEN -1 ELSE 0 END, (id %% 89) / 100.0,
    CASE WHEN told THEN %(story)s + greatest(number / 3 - %(large)s / 3, 0) END,
    told AND CASE WHEN number < %(large)s + 3 THEN number > 0 ELSE number %% 3 > 0 END
FROM (SELECT *, id %% 20 = 9 AND id >= %(post)s AS told, (id - %(post)s) / 20 AS number FROM listening_post) AS spread
ORDER BY id;

UPDATE listening_story story SET size = told.size, first_at = told.first_at, last_at = told.last_at
FROM (SELECT story_id, count(*) AS size, min(captured_at) AS first_at, max(captured_at) AS last_at
      FROM listening_mention WHERE story_id IS NOT NULL GROUP BY story_id) AS told
WHERE story.id = told.story_id;

INSERT INTO listening_mentionmatch (organization_id, mention_id, query_id, spans)
SELECT organization_id, id, query_ids[1], '[["text", 0, 6]]'::jsonb FROM listening_mention;

DROP INDEX postwords_words;

INSERT INTO listening_postwords (post_id, organization_id, words, captured_at)
SELECT id, organization_id, ' ' || lower(replace(text, ':', '')) || ' :n' || network || ' ', captured_at
FROM listening_post ORDER BY id;

CREATE INDEX postwords_words ON listening_postwords
    USING gin (array_to_tsvector(string_to_array(btrim(words), ' ')));

INSERT INTO engagement_assignment (organization_id, mention_id, network, department_id, member_id, state, priority,
    reasons, created_at, assigned_at, promised_at, due_at, first_due_at, first_answered_at, resolved_at, outcome,
    reopened_count, version)
SELECT organization_id, id, network, department_id, CASE WHEN NOT (is_open AND id %% 7 = 0)
        THEN (%(members)s::bigint[])[1 + (id / 10) %% %(people)s] END,
    CASE WHEN is_open THEN 'open' ELSE 'resolved' END, 1 + id %% 4, '[]', captured_at, captured_at, captured_at,
    captured_at + interval '4 hours', captured_at + interval '4 hours',
    CASE WHEN NOT is_open THEN captured_at + interval '1 hour' END,
    CASE WHEN NOT is_open THEN captured_at + interval '1 hour' END,
    CASE WHEN is_open THEN '' ELSE 'answered' END, 0, 0
FROM (SELECT *, id %% 10 = 0 AS is_open FROM listening_mention WHERE state = 'routed') AS chosen;

INSERT INTO engagement_reply (organization_id, assignment_id, post_id, channel_id, by_id, owner_id, text, key, state,
    resolves, assignment_version, written_at, next_attempt_at, lease_key, looks, remote_id, remote_url, problem,
    accepted_at, seen_at, put_before_person_at)
SELECT row.organization_id, row.id, mention.post_id, %(channel)s, row.member_id, row.member_id, 'Answer to ' || row.id,
    gen_random_uuid()::text, CASE WHEN row.state = 'open' THEN 'unknown' ELSE 'accepted' END, true, 0, row.created_at,
    row.created_at, '', 0, '', '', '', row.resolved_at, row.resolved_at,
    CASE WHEN row.state = 'open' THEN row.created_at END
FROM ((SELECT * FROM engagement_assignment WHERE state = 'open' AND member_id IS NOT NULL ORDER BY id DESC
       LIMIT %(in_trouble)s)
      UNION ALL (SELECT * FROM engagement_assignment WHERE state = 'resolved' AND id %% 20 = 1)) AS row
JOIN listening_mention mention ON mention.id = row.mention_id;
"""


@dataclass(frozen=True)
class Filled:
    """The organization, one who answers, one who sees everything, one of a department that is idle, a large story."""

    organization: Organization
    responder: Member
    coach: Member
    idle: Member
    story: Story


def fill(mentions: int) -> Filled:
    """Make the organization, its people and everything that was said."""
    organization = Organization.objects.create(
        name="Bench", slug=SLUG, level=Level.RESPONSIVE, set_up_ended_at=clock.now()
    )
    with acting_for(organization):
        departments = [Department.objects.create(name=f"Department {n}", slug=f"d{n}") for n in range(DEPARTMENTS)]
        responders = [join(f"r{n}", Role.RESPONDER) for n in range(min(MEMBERS, mentions // 400))]
        coach = join("coach", Role.COACH)
        idle = join("idle", Role.RESPONDER, Department.objects.create(name="Idle", slug="idle"))
        queries = [TrackingQuery.objects.create(name=f"Query {n}", expression=f"word{n}") for n in range(QUERIES)]
        channel = Channel.objects.create(network="practice", account_id="bench", handle="bench", name="Bench")
        for n, (name, query) in enumerate(COLUMNS.items()):
            row = SavedFilter.objects.create(name=name, query=query, position=n)
            Column.objects.create(member=coach, saved_filter=row, position=n)
        RoutingRule.objects.bulk_create(
            RoutingRule(
                name=f"Rule {n}",
                position=n,
                condition=all_of(query=queries[n % QUERIES].pk),
                department=departments[n % DEPARTMENTS],
            )
            for n in range(RULES)
        )
    values = {
        "org": organization.pk,
        "mentions": mentions,
        "authors": max(1, mentions // 20),
        "at": clock.now(),
        "texts": [" ".join(WORDS[n:] + WORDS[:n]) for n in range(len(WORDS))],
        "kinds": len(WORDS),
        "departments": [row.pk for row in departments],
        "parts": DEPARTMENTS,
        "members": [row.pk for row in responders],
        "people": len(responders),
        "queries": [row.pk for row in queries],
        "wanted": QUERIES,
        "rare": RARE,
        "stories": mentions // 60,
        "large": min(3 * (mentions // 300), 1500),
        "channel": channel.pk,
        "in_trouble": IN_TROUBLE,
    }
    with connection.cursor() as cursor:
        # Every key is made of rows that are there: nobody needs to look each of them up, nor any trigger to run.
        cursor.execute("SET session_replication_role = replica")
        for statement in FILL.split(";\n"):
            if statement.strip():
                for table in ("author", "post", "story"):
                    cursor.execute(f"SELECT coalesce(min(id), 0) FROM listening_{table}")
                    values[table] = cursor.fetchone()[0]
                cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    with acting_for(organization):
        return Filled(organization, responders[0], coach, idle, Story.objects.order_by("-size")[0])


def join(name: str, role: Role, department: Department | None = None) -> Member:
    """Make a member with one position."""
    user = User.objects.create(email=f"{name}@bench.example", name=name.title())
    member = Member.objects.create(user=user)
    Position.objects.create(member=member, role=role, department=department)
    return member


def remove() -> None:
    """Empty everything for the next size."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE roles_organization, roles_user RESTART IDENTITY CASCADE")
