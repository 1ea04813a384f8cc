"""Server time and queries of the pages on which people work, with few and with many mentions.

Pages are asked for in process by a client that is signed in; everything is warm. The floor, measured in turns with the
pages, is a page of 25 of these rows with nothing but session, user and membership; the bare page has no rows either.
What the database does at each change of mentions, so that a story is one line, is measured beside it.

    python -m benchmarks queue_page [-- --mentions 1000 1000000 --rounds 31 --profile "queue, one's own"]
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import os
import pstats
import statistics
import time
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

from benchmarks.filled import RARE, SLUG, Filled, fill, remove
from benchmarks.report import medians, table
from config import urls
from config.memory import settle
from engagement.models import Assignment
from listening.models import Mention
from roles import clock
from roles.actions.tokens import make_token
from roles.tenancy import acting_for

FLOORS = ("bare: session, membership, no row", "floor: 25 rows, session, membership")
CHANGED = (200, 10_000)
TRIGGERS = ("mention_unfold_decided", "mention_fold_updated")
FLOOR = """{% for row in rows %}<li><a href="{{ row.pk }}">{{ row.mention.post.author }}</a> {{ row.mention.post.text }}
{{ row.department }} {{ row.due_at }}</li>{% endfor %}"""


def floor(request: HttpRequest) -> HttpResponse:
    """25 rows, and nothing else that a page needs."""
    rows = Assignment.objects.for_list().of(request.member).waiting().most_urgent_first()[:25]  # type: ignore[attr-defined]
    return HttpResponse(_floor_template().render({"rows": list(rows)}))


def bare(request: HttpRequest) -> HttpResponse:
    """What stands around every page."""
    return HttpResponse("ok")


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
    parser.add_argument("--only", metavar="WORD", help="only pages whose name has it, and the floor")
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    urls.urlpatterns[:0] = [path("floor/", floor), path("bare/", bare)]
    rows, changes = [], []
    settle()
    for mentions in asked.mentions:
        filled = fill(mentions)
        pages = pages_of(filled)
        if asked.only:
            pages = {name: ask for name, ask in pages.items() if name in FLOORS or asked.only in name}
        if asked.profile:
            profile(pages[asked.profile])
        rows += measure(mentions, pages, asked.rounds)
        changes += changing(mentions)
        remove()
    print(f"Medians of {asked.rounds} rounds in turns, in process, warm, DEBUG off.\n")
    print(table(["page", "mentions", "ms", "x floor", "queries", "kB", "compressed"], rows))
    print("\nMentions changed by one statement, with and without what keeps each story one line; medians of 9.\n")
    print(table(["changed", "mentions", "in stories", "with, ms", "without, ms", "ratio"], changes))


def pages_of(filled: Filled) -> dict[str, Callable[[], HttpResponse]]:
    """What is asked for, by name."""
    mine, all_of_it, idle = Client(), Client(), Client()
    mine.force_login(filled.responder.user)
    all_of_it.force_login(filled.coach.user)
    idle.force_login(filled.idle.user)
    with acting_for(filled.organization):
        row = Assignment.objects.of(filled.responder).waiting().most_urgent_first()[3]
        newest = Mention.objects.untriaged().newest_first()[0]
        line = Mention.objects.untriaged().filter(story=filled.story, is_folded=False).get()
        department = row.department_id
        _token, key = make_token(filled.coach, name="bench", scopes=[], by=filled.coach, at=clock.now())
    at = f"/o/{SLUG}"
    part = {"HX-Request": "true"}
    token = {"Authorization": f"Token {key}"}
    everyones, stream, api = f"{at}/queue/?tab=everyone", f"{at}/stream/", "/api/v1/mentions/"
    return {
        FLOORS[0]: partial(mine.get, f"{at}/bare/"),
        FLOORS[1]: partial(mine.get, f"{at}/floor/"),
        "queue, one's own": partial(mine.get, f"{at}/queue/"),
        "queue, htmx part": partial(mine.get, f"{at}/queue/", headers=part),
        "queue, to take": partial(mine.get, f"{at}/queue/?tab=waiting"),
        "queue, everyone's": partial(all_of_it.get, everyones),
        "queue, everyone's, urgent of one department at one network": partial(
            all_of_it.get, f"{everyones}&network=practice&department={department}&priority=1"
        ),
        "queue, everyone's, of a department where nothing waits": partial(idle.get, everyones),
        "queue, everyone's, at a network where nothing waits": partial(all_of_it.get, f"{everyones}&network=elsewhere"),
        "queue, everyone's, of one department, low, at one network": partial(
            all_of_it.get, f"{everyones}&network=feed&department={department}&priority=4"
        ),
        "queue, to take, of one department at one network": partial(
            all_of_it.get, f"{at}/queue/?tab=waiting&network=practice&department={department}"
        ),
        "queue, resolved": partial(mine.get, f"{at}/queue/?tab=resolved"),
        "queue, not sent": partial(all_of_it.get, f"{at}/queue/?tab=trouble"),
        "conversation": partial(mine.get, f"{at}/queue/{row.pk}/"),
        "conversation, htmx part": partial(mine.get, f"{at}/queue/{row.pk}/", headers=part),
        "search in one's own, no hit": partial(mine.get, f"{at}/queue/?search=zeppelin"),
        "search in everyone's, no hit": partial(all_of_it.get, f"{everyones}&search=zeppelin"),
        "search in resolved, no hit": partial(mine.get, f"{at}/queue/?tab=resolved&search=zeppelin"),
        "search in everyone's, every post hits": partial(all_of_it.get, f"{everyones}&search=delivery"),
        "search in everyone's, NEAR, no hit": partial(all_of_it.get, f"{everyones}&search=delivery+NEAR/1+order"),
        "deliveries": partial(all_of_it.get, f"{at}/deliveries/"),
        "rules, 50": partial(all_of_it.get, f"{at}/rules/"),
        "stream": partial(all_of_it.get, stream),
        "stream, htmx part": partial(all_of_it.get, stream, headers=part),
        "stream, 10 pages on": partial(all_of_it.get, f"{stream}?before={newest.pk - 2500}"),
        "stream, every place of stories": partial(all_of_it.get, f"{stream}?fold=no"),
        "stream, the most relevant first": partial(all_of_it.get, f"{stream}?order=relevance"),
        "stream, one in 100,000 by language": partial(all_of_it.get, f"{stream}?language={RARE}"),
        "stream, one in 100,000 by sentiment": partial(all_of_it.get, f"{stream}?sentiment=-1"),
        "stream, decided too, by language": partial(all_of_it.get, f"{stream}?state=all&language={RARE}"),
        "stream, decided too, by sentiment": partial(all_of_it.get, f"{stream}?state=all&sentiment=-1"),
        "stream, a language that nobody speaks": partial(all_of_it.get, f"{stream}?language=xx"),
        "stream, internal, none": partial(all_of_it.get, f"{stream}?internal=yes"),
        "stream, one large story": partial(all_of_it.get, f"{stream}?story={filled.story.pk}"),
        "stream, a story's line opened": partial(all_of_it.get, f"{stream}{line.pk}/", headers=part),
        "columns, 4": partial(all_of_it.get, f"{at}/stream/columns/"),
        "stories": partial(all_of_it.get, f"{at}/stories/"),
        "story, the large one": partial(all_of_it.get, f"{at}/stories/{filled.story.pk}/"),
        "mention": partial(all_of_it.get, f"{at}/mentions/{newest.pk}/"),
        "API, 50 mentions": partial(mine.get, api, headers=token),
        "API, one in 100,000 by language": partial(mine.get, f"{api}?language={RARE}", headers=token),
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
            f"{taken / times[1]:.1f}",
            queries,
            f"{size / 1000:.0f}",
            f"{small / 1000:.1f}",
        ]
        for name, taken, (queries, size, small) in zip(pages, times, counted, strict=True)
    ]


def changing(mentions: int) -> list[list[object]]:
    """One row for each number of mentions that one statement changes, of stories and of none."""
    rows: list[list[object]] = []
    for number in (number for number in CHANGED if number * 50 <= mentions):
        for told in (False, True):
            with_it, without = [], []
            for _ in range(9):
                with_it.append(_change(number, told=told, keeping=True))
                without.append(_change(number, told=told, keeping=False))
            changed, kept = with_it[0][1], statistics.median(took for took, _ in with_it)
            plain = statistics.median(took for took, _ in without)
            said = [f"{changed:,}", f"{mentions:,}", "all" if told else "none"]
            rows.append([*said, f"{kept:.1f}", f"{plain:.1f}", f"{kept / plain:.2f}"])
    return rows


def _change(number: int, *, told: bool, keeping: bool) -> tuple[float, int]:
    """Dismiss so many mentions that wait, and take it back; returns milliseconds and how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for trigger in () if keeping else TRIGGERS:
            cursor.execute(f"ALTER TABLE listening_mention DISABLE TRIGGER {trigger}")
        begun = time.perf_counter()
        cursor.execute(
            "UPDATE listening_mention SET state = 'dismissed' WHERE id = ANY (ARRAY(SELECT id FROM listening_mention"
            " WHERE state = 'untriaged' AND (story_id IS NOT NULL) = %s ORDER BY id DESC LIMIT %s))",
            [told, number],
        )
        taken, changed = (time.perf_counter() - begun) * 1000, cursor.rowcount
        cursor.execute("ROLLBACK")
    return taken, changed


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
