"""How many rows a second come in: from feed bytes to posts, mentions and routed assignments, all committed.

1,000 tracking queries listen and 50 routing rules route, with 20 responders at work. Beside it stands the bare COPY of
the same rows (posts, mentions, matches, assignments) into tables with the same columns, indexes and foreign keys, in
turns with it. Once more the same documents, when everything in them is known. Texts and queries are invented from a
fixed seed.

    python -m benchmarks ingest [-- --posts 10000 --queries 1000 --rules 50 --rounds 3]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from io import StringIO
from xml.sax.saxutils import escape

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.db import connection, transaction

from benchmarks.matching import Corpus
from benchmarks.report import resident, table
from engagement.models import Assignment, RoutingRule
from listening.ingest import Arrival, ingest_all
from listening.matching import QueryError, parse
from listening.models import Mention, Post, Source, TrackingQuery
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import Page
from roles import clock
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

RESPONDERS = 20
AT_ONCE = 25
# What ingest and routing write, each with its twin.
TABLES = ("listening_post", "listening_mention", "listening_mentionmatch", "engagement_assignment")


class Bench:
    """An organization that listens, and the documents that it will read."""

    def __init__(self, queries: int, rules: int) -> None:
        self.at = clock.now()
        self.corpus = Corpus()
        self.random = random.Random(7)
        self.number = 0
        self.organization = Organization.objects.create(name="Bench", slug="bench", level=Level.RESPONSIVE)
        with acting_for(self.organization):
            departments = [Department.objects.create(name=f"Part {n}", slug=f"part-{n}") for n in range(4)]
            for n in range(RESPONDERS):
                member = Member.objects.create(user=User.objects.create_user(f"{n}@ingest.example", name=f"Person {n}"))
                Position.objects.create(
                    member=member, role=Role.RESPONDER, department=departments[n % 4], capacity=1_000_000
                )
            kept = TrackingQuery.objects.bulk_create(
                TrackingQuery(name=f"Query {n}", expression=self.expression(), created_at=self.at, changed_at=self.at)
                for n in range(queries)
            )
            RoutingRule.objects.bulk_create(
                RoutingRule(
                    name=f"Rule {n}", position=n, query=kept[n * len(kept) // rules], department=departments[n % 4]
                )
                for n in range(rules - 1)
            )
            RoutingRule.objects.create(name="The rest", position=rules, department=departments[0])
            self.sources = [
                Source.objects.create(
                    network="feed",
                    place=f"https://bench.example/{n}",
                    name="Bench",
                    key=f"{n}",
                    last_success_at=self.at,
                )
                for n in range(AT_ONCE)
            ]

    def expression(self) -> str:
        """A query that can be read."""
        while True:
            said = self.corpus.query()
            try:
                parse(said)
            except QueryError:
                continue
            return said

    def document(self, entries: int) -> bytes:
        """A feed of entries that were never there before."""
        items = []
        for _n in range(entries):
            self.number += 1
            said_at = format_datetime(self.at - timedelta(seconds=self.number % 3600))
            items.append(
                f"<item><guid>{self.number}</guid><title>{escape(self.corpus.text()[:60])}</title>"
                f"<link>https://bench.example/{self.number}</link><author>person {self.random.randrange(500)}</author>"
                f"<pubDate>{said_at}</pubDate><description>{escape(self.corpus.text())}</description></item>"
            )
        return f'<rss version="2.0"><channel><title>Bench</title>{"".join(items)}</channel></rss>'.encode()

    def take(self, documents: list[bytes], at_once: int = 1) -> float:
        """Read and ingest documents, some at once as polling does; returns the seconds."""
        begun = time.perf_counter()
        with acting_for(self.organization):
            for start in range(0, len(documents), at_once):
                pages = (
                    Page(posts=tuple(parse_feed(body, at=self.at).posts), cursor={"etag": "1"})
                    for body in documents[start : start + at_once]
                )
                ingest_all([Arrival(*pair) for pair in zip(self.sources, pages, strict=False)], at=clock.now())
        return time.perf_counter() - begun


def make_twins() -> None:
    """Make empty tables with the same columns, indexes and foreign keys."""
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"CREATE TABLE twin_{name} (LIKE {name} INCLUDING ALL)")
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
                " AND contype = 'f'",
                [name],
            )
            for constraint, definition in cursor.fetchall():
                cursor.execute(f'ALTER TABLE twin_{name} ADD CONSTRAINT "twin_{constraint}" {definition}')


def newest() -> dict[str, int]:
    """The last key of each table."""
    with connection.cursor() as cursor:
        keys = {}
        for name in TABLES:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {name}")
            keys[name] = cursor.fetchone()[0]
        return keys


def copy_of(after: dict[str, int]) -> float:
    """COPY the rows after these keys into the twins, in one transaction; returns its seconds."""
    files = {name: StringIO() for name in TABLES}
    with connection.cursor() as cursor:
        for name, rows in files.items():
            written = f"SELECT {columns_of(name)} FROM {name} WHERE id > {after[name]} ORDER BY id"
            cursor.copy_expert(f"COPY ({written}) TO STDOUT", rows)
            rows.seek(0)
        begun = time.perf_counter()
        with transaction.atomic():
            for name, rows in files.items():
                cursor.copy_expert(f"COPY twin_{name} ({columns_of(name)}) FROM STDIN", rows)
        return time.perf_counter() - begun


@cache
def columns_of(name: str) -> str:
    """A table's columns, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [name],
        )
        found: str = cursor.fetchone()[0]
        return found


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks ingest", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    bench = Bench(asked.queries, asked.rules)
    make_twins()
    bench.take([bench.document(500)])  # compiles the queries, warms the caches
    rows, memory = [], resident()
    for entries, at_once in ((500, 1), (20, AT_ONCE)):
        rates: dict[str, list[float]] = {"ingest": [], "again": [], "copy": []}
        for _round in range(asked.rounds):
            documents = [bench.document(entries) for _n in range(max(1, asked.posts // entries))]
            before = newest()
            taken = bench.take(documents, at_once)
            seconds, count = copy_of(before), len(documents) * entries
            assert Post.everywhere.filter(pk__gt=before["listening_post"]).count() == count
            rates["ingest"].append(count / taken)
            rates["copy"].append(count / seconds)
            rates["again"].append(count / bench.take(documents, at_once))
        new, again, bare = (statistics.median(rates[name]) for name in ("ingest", "again", "copy"))
        figures = (f"{new:,.0f}", f"{bare:,.0f}", f"{new / bare:.2f}", f"{again:,.0f}")
        rows.append([f"{entries} entries a document, {at_once} at once", *figures])
    with acting_for(bench.organization):
        posts, mentions = Post.objects.count(), Mention.objects.count()
        print(table(["", "new posts/s", "COPY posts/s", "ratio", "known posts/s"], rows))
        print()
        print(
            f"{posts:,} posts, {mentions:,} mentions ({mentions / posts:.0%}), {Assignment.objects.count():,} "
            f"assignments; {asked.queries:,} queries, {asked.rules} rules; memory {memory} at the beginning, "
            f"{resident()} at the end."
        )


if __name__ == "__main__":
    main()
