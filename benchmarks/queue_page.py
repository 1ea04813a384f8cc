"""Server time and queries of the queue, a conversation, a search and the stream, with few and with many mentions.

Mentions are made by set-based SQL: one in ten is an open assignment, these spread over many members; one in ten waits
in the stream; the rest is resolved. Pages are asked for in process by a client that is signed in; everything is warm.
The floor, measured in turns with the pages, is a page of 25 of these rows with nothing but session, user, membership.

    python -m benchmarks queue_page [-- --mentions 1000 1000000 --rounds 31]
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import os
import pstats
from collections.abc import Callable
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from benchmarks.report import medians, table
from config import urls
from engagement.models import Assignment
from listening.models import Mention, TrackingQuery
from roles import clock
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SLUG = "bench"
MEMBERS, DEPARTMENTS, QUERIES = 200, 5, 20
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

INSERT INTO listening_mention (organization_id, post_id, network, department_id, query_ids, state, captured_at,
    triage_reason)
SELECT organization_id, id, network, (%(departments)s::bigint[])[1 + id %% %(parts)s],
    ARRAY[(%(queries)s::bigint[])[1 + id %% %(wanted)s]], CASE WHEN id %% 10 = 9 THEN 'untriaged' ELSE 'routed' END,
    captured_at, ''
FROM listening_post ORDER BY id;

INSERT INTO listening_mentionmatch (organization_id, mention_id, query_id, spans)
SELECT organization_id, id, query_ids[1], '[["text", 0, 6]]'::jsonb FROM listening_mention;

DROP INDEX postwords_words;

INSERT INTO listening_postwords (post_id, organization_id, words, captured_at)
SELECT id, organization_id, ' ' || lower(replace(text, ':', '')) || ' :n' || network || ' ', captured_at
FROM listening_post ORDER BY id;

CREATE INDEX postwords_words ON listening_postwords
    USING gin (array_to_tsvector(string_to_array(btrim(words), ' ')));

INSERT INTO engagement_assignment (organization_id, mention_id, department_id, member_id, state, priority, reasons,
    created_at, assigned_at, due_at, first_answered_at, resolved_at, outcome, reopened_count, version)
SELECT organization_id, id, department_id, CASE WHEN NOT (is_open AND id %% 7 = 0)
        THEN (%(members)s::bigint[])[1 + (id / 10) %% %(people)s] END,
    CASE WHEN is_open THEN 'open' ELSE 'resolved' END, 1 + id %% 4, '[]', captured_at, captured_at,
    captured_at + interval '4 hours', CASE WHEN NOT is_open THEN captured_at + interval '1 hour' END,
    CASE WHEN NOT is_open THEN captured_at + interval '1 hour' END,
    CASE WHEN is_open THEN '' ELSE 'answered' END, 0, 0
FROM (SELECT *, id %% 10 = 0 AS is_open FROM listening_mention WHERE state = 'routed') AS chosen;
"""
FLOOR = """{% for row in rows %}<li><a href="{{ row.pk }}">{{ row.mention.post.author }}</a> {{ row.mention.post.text }}
{{ row.department }} {{ row.due_at }}</li>{% endfor %}"""


def floor(request: HttpRequest) -> HttpResponse:
    """25 rows, and nothing else that a page needs."""
    rows = Assignment.objects.with_mentions().filter(member=request.member).waiting().most_urgent_first()[:25]  # type: ignore[attr-defined]
    return HttpResponse(_floor_template().render({"rows": list(rows)}))


def _floor_template() -> object:
    if not _floor:
        _floor.append(engines["django"].from_string(FLOOR))
    return _floor[0]


_floor: list = []


def main() -> None:
    """Fill, ask, print; once for each number of mentions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--profile", metavar="PAGE", help="show where this page's time goes")
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    urls.urlpatterns.insert(0, path("floor/", floor))
    rows = []
    for mentions in asked.mentions:
        organization, responder, coach = prepare(mentions)
        pages = pages_of(organization, responder, coach)
        if asked.profile:
            profile(pages[asked.profile])
        rows += measure(mentions, pages, asked.rounds)
        remove()
    print(f"Medians of {asked.rounds} rounds in turns, in process, warm, DEBUG off.\n")
    print(table(["page", "mentions", "ms", "x floor", "queries", "kB", "compressed"], rows))


def prepare(mentions: int) -> tuple[Organization, Member, Member]:
    """Make the organization, its people and everything that was said."""
    organization = Organization.objects.create(name="Bench", slug=SLUG, level=Level.RESPONSIVE)
    with acting_for(organization):
        departments = [Department.objects.create(name=f"Department {n}", slug=f"d{n}") for n in range(DEPARTMENTS)]
        responders = [join(f"r{n}", Role.RESPONDER) for n in range(min(MEMBERS, mentions // 400))]
        coach = join("coach", Role.COACH)
        queries = [TrackingQuery.objects.create(name=f"Query {n}", expression=f"word{n}") for n in range(QUERIES)]
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
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute("SELECT coalesce(min(id), 0) FROM listening_author")
                values["author"] = cursor.fetchone()[0]
                cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")
    return organization, responders[0], coach


def join(name: str, role: Role) -> Member:
    """Make a member with one position."""
    user = User.objects.create(email=f"{name}@bench.example", name=name.title())
    member = Member.objects.create(user=user)
    Position.objects.create(member=member, role=role)
    return member


def remove() -> None:
    """Empty everything for the next size."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE roles_organization, roles_user RESTART IDENTITY CASCADE")


def pages_of(organization: Organization, responder: Member, coach: Member) -> dict[str, Callable[[], HttpResponse]]:
    """What is asked for, by name."""
    mine, all_of_it = Client(), Client()
    mine.force_login(responder.user)
    all_of_it.force_login(coach.user)
    with acting_for(organization):
        row = Assignment.objects.of(responder).waiting().most_urgent_first()[3]
        newest = Mention.objects.untriaged().newest_first()[0]
    at = f"/o/{SLUG}"
    part = {"HX-Request": "true"}
    return {
        "floor: 25 rows, session, membership": partial(mine.get, f"{at}/floor/"),
        "queue, one's own": partial(mine.get, f"{at}/queue/"),
        "queue, htmx part": partial(mine.get, f"{at}/queue/", headers=part),
        "queue, to take": partial(mine.get, f"{at}/queue/?tab=waiting"),
        "queue, everyone's": partial(all_of_it.get, f"{at}/queue/?tab=everyone"),
        "queue, resolved": partial(mine.get, f"{at}/queue/?tab=resolved"),
        "conversation": partial(mine.get, f"{at}/queue/{row.pk}/"),
        "conversation, htmx part": partial(mine.get, f"{at}/queue/{row.pk}/", headers=part),
        "search in one's own, no hit": partial(mine.get, f"{at}/queue/?search=zeppelin"),
        "search in everyone's, no hit": partial(all_of_it.get, f"{at}/queue/?tab=everyone&search=zeppelin"),
        "search in resolved, no hit": partial(mine.get, f"{at}/queue/?tab=resolved&search=zeppelin"),
        "search in everyone's, every post hits": partial(all_of_it.get, f"{at}/queue/?tab=everyone&search=delivery"),
        "search in everyone's, NEAR, no hit": partial(
            all_of_it.get, f"{at}/queue/?tab=everyone&search=delivery+NEAR/1+order"
        ),
        "stream": partial(all_of_it.get, f"{at}/stream/"),
        "stream, 10 pages on": partial(all_of_it.get, f"{at}/stream/?before={newest.pk - 2500}"),
        "mention": partial(all_of_it.get, f"{at}/mentions/{newest.pk}/"),
    }


def measure(mentions: int, pages: dict[str, Callable[[], HttpResponse]], rounds: int) -> list[list[object]]:
    """One row for each page."""
    counted = []
    for name, ask in pages.items():
        ask()
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: {answer.status_code}")
        counted.append((len(queries), len(answer.content), len(gzip.compress(answer.content, 6))))
    times = medians(list(pages.values()), rounds)
    return [
        [
            name,
            f"{mentions:,}",
            f"{taken:.1f}",
            f"{taken / times[0]:.1f}",
            queries,
            f"{size / 1000:.0f}",
            f"{small / 1000:.1f}",
        ]
        for name, taken, (queries, size, small) in zip(pages, times, counted, strict=True)
    ]


def profile(ask: Callable[[], HttpResponse]) -> None:
    """Print where the time goes, and every query."""
    ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    for query in queries.captured_queries:
        print(query["time"], query["sql"][:1500])
    profiler = cProfile.Profile()
    for _ in range(30):
        profiler.runcall(ask)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(70)


if __name__ == "__main__":
    main()
