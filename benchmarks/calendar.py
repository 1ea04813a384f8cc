"""The calendar of content with few and with many posts in its month, beside a raw floor in the same run.

Posts are made by set-based SQL: half of them planned, half out, on twelve channels, with slots, campaigns and promises.
The floor is the month's rows read by one statement and put on their days by a template of one line, with session and
membership; the calendar stands beside it with everything that it shows. In turns, in process, everything warm.

    python -m benchmarks calendar [-- --posts 50 2000 20000 --rounds 31]
"""

from __future__ import annotations

import argparse
import gzip
import os
from collections.abc import Callable
from datetime import timedelta
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

from benchmarks.filled import join
from benchmarks.report import medians, table
from config import urls
from config.memory import settle
from content.actions.campaigns import add_campaign
from content.actions.commitments import commit_to
from content.actions.slots import add_slots
from content.calendar_days import span_of
from content.models import Publication
from content.planning import zone_of
from listening.models import Channel
from roles import clock
from roles.models import Level, Member, Organization, Role
from roles.tenancy import acting_for, active_organization

SLUG, CHANNELS, CAMPAIGNS = "bench-calendar", 12, 6
PAGES = (
    "floor: every row of the month, session, membership",
    "month",
    "month, htmx part",
    "week",
    "list",
    "month of one channel",
)
FLOOR = """{% for row in rows %}<li><a href="{{ row.pk }}">{{ row.due_at }}</a>
{{ row.variant.piece.title }} {{ row.channel.name }}</li>{% endfor %}"""
FILL = """
INSERT INTO content_piece (organization_id, title, body, kind, step, language, author_id, state, version, created_at,
    saved_at)
SELECT %(org)s, 'Piece number ' || n, '', 'post', 'provide_value', '', %(author)s, 'open', 1, %(at)s, %(at)s
FROM generate_series(1, %(posts)s) AS n;

INSERT INTO content_variant (organization_id, piece_id, channel_id, position, title, text, link, first_comment, warning,
    visibility, language, slug, categories, tags, is_dropped)
SELECT organization_id, id, (%(channels)s::bigint[])[1 + id %% %(kinds)s], 0, '', title || ': ' ||
    (SELECT string_agg(md5(piece.id || '-' || word), ' ') FROM generate_series(1, 12) AS word), '', '', '', '', '', '',
    '{}', '{}', false
FROM content_piece AS piece WHERE organization_id = %(org)s;

INSERT INTO content_publication (organization_id, variant_id, channel_id, planned_by_id, planned_at, on_day, at_time,
    zone, due_at, grace_minutes, digest, key, state, next_attempt_at, lease_key, looks, remote_id, remote_url, problem,
    accepted_at, seen_at)
SELECT organization_id, id, channel_id, %(author)s, %(at)s, moment::date, moment::time, 'UTC', moment, 60, '',
    gen_random_uuid()::text, CASE WHEN moment < %(at)s THEN 'accepted' ELSE 'ready' END, moment, '', 0, '', '', '',
    CASE WHEN moment < %(at)s THEN moment END, CASE WHEN moment < %(at)s THEN moment END
FROM (SELECT *, %(first)s::timestamptz + row_number() OVER (ORDER BY id) * %(spread)s / %(posts)s AS moment
      FROM content_variant WHERE organization_id = %(org)s) AS spread;
"""
_floor: list = []


def floor(request: HttpRequest) -> HttpResponse:
    """All rows of the month, and nothing else that a page needs."""
    span = span_of("month", clock.now().date(), zone_of(active_organization().time_zone))
    rows = Publication.objects.between(span.begins_at, span.ends_at).select_related("variant__piece", "channel")
    if not _floor:
        _floor.append(engines["django"].from_string(FLOOR))
    return HttpResponse(_floor[0].render({"rows": list(rows.in_time())}))


def main() -> None:
    """Fill, ask, print; once for each number of posts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[50, 2_000, 20_000])
    parser.add_argument("--rounds", type=int, default=31)
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    urls.urlpatterns[:0] = [path("floor/", floor)]
    settle()
    rows = []
    for posts in asked.posts:
        member = fill(posts)
        rows += measure(posts, pages_of(member), asked.rounds)
    print(f"Medians of {asked.rounds} rounds in turns, in process, warm, DEBUG off; all posts lie in one month.\n")
    print(table(["page", "posts", "ms", "x floor", "queries", "kB", "compressed"], rows))


def fill(posts: int) -> Member:
    """An organization with so many posts in this month; returns its coach."""
    at = clock.now()
    organization = Organization.objects.create(
        name="Bench", slug=f"{SLUG}-{posts}", level=Level.CREATING, set_up_ended_at=at
    )
    with acting_for(organization):
        coach = join(f"calendar{posts}", Role.COACH)
        channels = [
            Channel.objects.create(network="practice", account_id=f"b{n}", handle=f"b{n}", name=f"Channel {n}")
            for n in range(CHANNELS)
        ]
        span = span_of("month", at.date(), zone_of("UTC"))
        for number, channel in enumerate(channels):
            commit_to(channel, per_week=3, by=coach, at=at)
            add_slots(
                channel,
                weekdays=[number % 7],
                at_time=at.time().replace(second=0, microsecond=0),
                zone="UTC",
                by=coach,
                at=at,
            )
        for number in range(CAMPAIGNS):
            first = span.first + timedelta(days=5 * number)
            add_campaign(name=f"Campaign {number}", begins_on=first, ends_on=first + timedelta(days=9), by=coach, at=at)
    values = {
        "org": organization.pk, "author": coach.pk, "at": at, "posts": posts, "kinds": CHANNELS,
        "channels": [row.pk for row in channels], "first": span.begins_at,
        "spread": span.ends_at - span.begins_at - timedelta(minutes=1),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute("VACUUM ANALYZE")
    return coach


def pages_of(member: Member) -> dict[str, Callable[[], HttpResponse]]:
    """What is asked for, by name."""
    client = Client()
    client.force_login(member.user)
    at = f"/o/{member.organization.slug}"
    with acting_for(member.organization):
        channel = Channel.objects.order_by("pk")[0].pk
    addresses = ("floor/", "content/calendar/", "content/calendar/", "content/calendar/?view=week",
                 "content/calendar/?view=list", f"content/calendar/?channel={channel}")  # fmt: skip
    found = {name: partial(client.get, f"{at}/{address}") for name, address in zip(PAGES, addresses, strict=True)}
    found["month, htmx part"] = partial(client.get, f"{at}/content/calendar/", headers={"HX-Request": "true"})
    return found


def measure(posts: int, pages: dict[str, Callable[[], HttpResponse]], rounds: int) -> list[tuple[str, ...]]:
    """Each page in milliseconds, in floors, in statements and in bytes."""
    told = {}
    for name, ask in pages.items():
        ask()
        with acting_for(None), CaptureQueriesContext(connection) as caught:
            answer = ask()
        assert answer.status_code == 200, name
        told[name] = (len(caught), answer.content)
    taken = medians(list(pages.values()), rounds)
    return [
        (name, f"{posts:,}", f"{ms:.1f}", f"{ms / taken[0]:.2f}", str(told[name][0]),
         f"{len(told[name][1]) / 1024:.0f}", f"{len(gzip.compress(told[name][1])) / 1024:.0f}")
        for name, ms in zip(pages, taken, strict=True)
    ]  # fmt: skip


if __name__ == "__main__":
    main()
