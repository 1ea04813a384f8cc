"""How many rows a second come in: from feed bytes to posts, mentions and routed assignments, all committed.

1,000 tracking queries listen and 50 routing rules route, with 20 responders at work; as in polling, the next documents
are read while these are taken in. Beside it stands the bare COPY of the same rows (posts, mentions, matches,
assignments) into tables with the same columns, indexes and foreign keys, in turns with it. The ratio is taken twice: of
the time on the clock, and of the processor time of both ends of the connection, to which it does not matter what else
the machine does. Once more the same documents, when everything in them is known. Texts and queries are invented from a
fixed seed.

    python -m benchmarks ingest [-- --posts 10000 --queries 1000 --rules 50 --rounds 3]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.db import connection, transaction

from benchmarks.matching import Corpus
from benchmarks.report import resident, table
from config.memory import settle
from engagement.conditions import all_of
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


class Spent(NamedTuple):
    """Seconds on the clock, and of the processor: this process's and, on this machine, its database process's."""

    clock: float
    processor: float

    @classmethod
    def until_now(cls) -> Spent:
        """What was spent since some beginning."""
        return cls(time.perf_counter(), time.process_time() + backend_seconds())

    def since(self) -> Spent:
        """What was spent since this was taken."""
        now = Spent.until_now()
        return Spent(now.clock - self.clock, now.processor - self.processor)


def backend_seconds() -> float:
    """The processor time of the database process that serves this one; 0 where it cannot be seen."""
    connection.ensure_connection()
    try:
        words = Path(f"/proc/{connection.connection.get_backend_pid()}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


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
                    name=f"Rule {n}",
                    position=n,
                    condition=all_of(query=kept[n * len(kept) // rules].pk),
                    department=departments[n % 4],
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

    def take(self, documents: list[bytes], at_once: int = 1) -> Spent:
        """Read and ingest documents, some at once as polling does."""
        begun = Spent.until_now()
        parts = [documents[start : start + at_once] for start in range(0, len(documents), at_once)]
        with acting_for(self.organization), ThreadPoolExecutor(1) as reader:
            pages = reader.submit(self.read, parts[0])
            for following in [*parts[1:], []]:
                arrivals = [Arrival(*pair) for pair in zip(self.sources, pages.result(), strict=False)]
                pages = reader.submit(self.read, following)
                ingest_all(arrivals, at=clock.now())
        return begun.since()

    def read(self, documents: list[bytes]) -> list[Page]:
        """The pages that documents are."""
        return [Page(posts=tuple(parse_feed(body, at=self.at).posts), cursor={"etag": "1"}) for body in documents]


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


def copy_of(after: dict[str, int]) -> Spent:
    """COPY the rows after these keys into the twins, in one transaction."""
    files = {name: StringIO() for name in TABLES}
    with connection.cursor() as cursor:
        for name, rows in files.items():
            written = f"SELECT {columns_of(name)} FROM {name} WHERE id > {after[name]} ORDER BY id"
            cursor.copy_expert(f"COPY ({written}) TO STDOUT", rows)
            rows.seek(0)
        begun = Spent.until_now()
        with transaction.atomic():
            for name, rows in files.items():
                cursor.copy_expert(f"COPY twin_{name} ({columns_of(name)}) FROM STDIN", rows)
        return begun.since()


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
    settle()  # as every worker does
    bench = Bench(asked.queries, asked.rules)
    make_twins()
    bench.take([bench.document(500)])  # compiles the queries, warms the caches
    rows, memory = [], resident()
    for entries, at_once in ((500, 1), (20, AT_ONCE)):
        spent: dict[str, list[Spent]] = {"ingest": [], "again": [], "copy": []}
        count = max(1, asked.posts // entries) * entries
        for _round in range(asked.rounds):
            documents = [bench.document(entries) for _n in range(count // entries)]
            before = newest()
            spent["ingest"].append(bench.take(documents, at_once))
            spent["copy"].append(copy_of(before))
            assert Post.everywhere.filter(pk__gt=before["listening_post"]).count() == count
            spent["again"].append(bench.take(documents, at_once))
        new, again, bare = (
            Spent(*map(statistics.median, zip(*spent[n], strict=True))) for n in ("ingest", "again", "copy")
        )
        figures = [f"{count / kind.clock:,.0f}" for kind in (new, bare)]
        figures += [f"{bare.clock / new.clock:.2f}", f"{bare.processor / new.processor:.2f}"]
        figures += [f"{new.processor / count * 1e6:,.0f}", f"{count / again.clock:,.0f}"]
        rows.append([f"{entries} entries a document, {at_once} at once", *figures])
    with acting_for(bench.organization):
        posts, mentions = Post.objects.count(), Mention.objects.count()
        heads = ["", "new posts/s", "COPY posts/s", "ratio", "ratio of CPU", "CPU µs a new post", "known posts/s"]
        print(table(heads, rows))
        print()
        print(
            f"{posts:,} posts, {mentions:,} mentions ({mentions / posts:.0%}), {Assignment.objects.count():,} "
            f"assignments; {asked.queries:,} queries, {asked.rules} rules; memory {memory} at the beginning, "
            f"{resident()} at the end."
        )


if __name__ == "__main__":
    main()
