"""A whole Touchline for a while: a big store, many sources, people at work, and a worker killed every ten seconds.

One organization with 1,000,000 mentions, 100,000 open assignments, 2,000 feeds on a loopback server of which every one
says something new each minute, 1,000 tracking queries and 50 routing rules. Web, event stream, worker and beat run by
their production commands. 32 responders have the event stream open and work: they look at their queue, open what was
asked on the practice field, claim it, answer it, search. A coach looks at the stream, the rules and the executive page.
Every ten seconds a process of the worker is killed with SIGKILL.

What is counted at the end: each question became one post, one mention, one assignment; each reply stands on the field
once, or waits where a person sees it; each entry of a feed is one post.

    python -m benchmarks stress [-- --minutes 20 --mentions 1000000 --responders 32]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["FETCH_ALLOWED_PRIVATE_HOSTS"] = "127.0.0.1"

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from benchmarks import polling
from benchmarks.crew import House, Person, Seen, children, parent
from benchmarks.filled import fill
from benchmarks.matching import Corpus
from benchmarks.report import table
from config import parts
from engagement.actions.rules import add_rule
from engagement.conditions import all_of
from listening.models import Channel, PracticeAccount, Source, TrackingQuery
from roles import clock
from roles.models import Department, Member, Organization, Role
from roles.tenancy import acting_for

QUERIES, RULES, FEEDS = 1_000, 50, 2_000
KILL_EVERY, LOOK_EVERY, SAY_EVERY = 10.0, 10.0, 60.0
SLOW_QUERY = 0.3
PARTS = 8  # of the time, at whose beginnings the backlog is told
SPREAD = """
UPDATE engagement_assignment SET member_id = (%(others)s::bigint[])[1 + id %% %(count)s]
WHERE state = 'open' AND (member_id IS NULL OR member_id = ANY(%(live)s))
"""
ASK = """
WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(%(class)s, (%(org)s::bigint %% 2147483648)::int))
INSERT INTO listening_practicepost (organization_id, account_id, text, key, published_at, changed_number)
SELECT %(org)s, %(account)s, 'Larkspur question ' || %(number)s || ': ' || %(text)s, 'question-' || %(number)s, now(),
    coalesce((SELECT max(changed_number) FROM listening_practicepost WHERE organization_id = %(org)s), 0) + 1
FROM lock
"""
# Of each question: how often it is a post, a mention, an assignment, whether it was not heard yet; how many replies
# were written, are on the field.
FATE = """
SELECT count(*), count(*) FILTER (WHERE posts = 1 AND mentions = 1 AND assignments = 1),
    count(*) FILTER (WHERE posts > 1 OR mentions > 1 OR assignments > 1), count(*) FILTER (WHERE posts = 0),
    count(*) FILTER (WHERE replies > 0), count(*) FILTER (WHERE answers = 1), count(*) FILTER (WHERE answers > 1),
    count(*) FILTER (WHERE replies > 0 AND answers = 0 AND seen_to = 0),
    coalesce(sum(seen_to) FILTER (WHERE answers = 0), 0)
FROM (
    SELECT question.id, count(DISTINCT post.id) AS posts, count(DISTINCT mention.id) AS mentions,
        count(DISTINCT assignment.id) AS assignments, count(DISTINCT reply.id) AS replies,
        count(DISTINCT answer.id) AS answers,
        count(DISTINCT reply.id) FILTER (WHERE reply.put_before_person_at IS NOT NULL) AS seen_to
    FROM listening_practicepost question
    LEFT JOIN listening_post post ON post.network = 'practice' AND post.remote_id = question.id::text
    LEFT JOIN listening_mention mention ON mention.post_id = post.id
    LEFT JOIN engagement_assignment assignment ON assignment.mention_id = mention.id
    LEFT JOIN engagement_reply reply ON reply.assignment_id = assignment.id
    LEFT JOIN listening_practicepost answer ON answer.in_reply_to_id = question.id
    WHERE question.key LIKE 'question-%%' GROUP BY question.id
) AS fate
"""
BACKLOG = {
    "sources more than a minute late": "SELECT count(*) FROM listening_source"
    " WHERE state = 'active' AND next_poll_at < now() - interval '1 minute'"
    " AND (lease_until IS NULL OR lease_until < now())",
    "replies more than a minute late": "SELECT count(*) FROM engagement_reply"
    " WHERE state = 'ready' AND next_attempt_at < now() - interval '1 minute'",
    "hours of figures to refresh": "SELECT count(*) FROM measurement_stalehour",
}
SETTLE_SECONDS = 240
UNDER_WAY = """
SELECT count(*) FROM engagement_reply
WHERE state IN ('ready', 'sending') OR state = 'unknown' AND put_before_person_at IS NULL
"""
RUNNING = """
SELECT left(regexp_replace(
    regexp_replace(query, '\\s+', ' ', 'g'), '^( ?SELECT).{200,}? FROM ', '\\1 … FROM '
), 300), extract(epoch FROM now() - query_start)
FROM pg_stat_activity WHERE state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()
"""


def furnish(organization: Organization, address: str, live_ones: list[Member], coach: Member) -> int:
    """Make what listens and routes; returns the key of who asks on the practice field."""
    at, corpus = clock.now(), Corpus()
    acting = {"by": coach, "at": at}
    others = list(Member.objects.exclude(pk__in=[row.pk for row in [*live_ones, coach]]).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        values = {"others": others, "count": len(others), "live": [row.pk for row in live_ones]}
        cursor.execute(SPREAD, values)
    asked = TrackingQuery.objects.create(name="Larkspur", expression="larkspur", created_at=at, changed_at=at)
    TrackingQuery.objects.bulk_create(
        TrackingQuery(name=f"About {n}", expression=corpus.query(), created_at=at, changed_at=at)
        for n in range(QUERIES - TrackingQuery.objects.count())
    )
    department = Department.objects.order_by("pk")[0]
    add_rule(department, name="Questions", condition=all_of(query=asked.pk), **acting)
    for query in TrackingQuery.objects.exclude(pk=asked.pk).order_by("-pk")[: RULES - 1]:
        add_rule(department, name=f"Rule {query.pk}", condition=all_of(query=query.pk), **acting)
    Source.objects.bulk_create(Source(network="feed", place=f"{address}/{n}", name=f"Feed {n}") for n in range(FEEDS))
    ours = PracticeAccount.objects.create(handle="bench", name="Bench", is_ours=True)
    channel = Channel.objects.get(network="practice", handle="bench")
    channel.account_id = str(ours.pk)
    channel.save()
    Source.objects.create(network="practice", place="everything", name="Field", channel=channel)
    return PracticeAccount.objects.create(handle="pablo", name="Pablo Herrera").pk


async def run(house: House, people: list[Person], coach: Person, seen: Seen, events: Events) -> None:
    """Let everything go on for the time that was asked for, and then come to rest."""
    for person in [*people, coach]:
        await person.open()
    tasks = [asyncio.create_task(work) for person in people for work in (person.follow(), person.respond())]
    tasks.append(asyncio.create_task(coach.oversee()))
    chores = [
        (1 / events.questions_a_second, events.ask), (SAY_EVERY, events.say), (KILL_EVERY, events.kill),
        (LOOK_EVERY, events.look), (0.5, events.watch_queries),
    ]  # fmt: skip
    tasks += [asyncio.create_task(again(every, work)) for every, work in chores[1:]]
    asking = asyncio.create_task(again(*chores[0]))
    await asyncio.sleep(events.seconds)
    asking.cancel()
    # What was begun is brought to its end: people go on, nobody asks any more, and workers still die.
    await asyncio.sleep(min(120, events.seconds / 4))
    for task in tasks:
        task.cancel()
    await asyncio.gather(asking, *tasks, return_exceptions=True)
    for person in [*people, coach]:
        await person.session.close()


async def again(every: float, work: Callable[[], None]) -> None:
    """Do it every so often, in a thread beside."""
    beside = sync_to_async(work, thread_sensitive=False)
    while True:
        begun = time.monotonic()
        await beside()
        await asyncio.sleep(max(0.05, every - (time.monotonic() - begun)))


class Events:
    """What happens to the house, and who takes notes."""

    def __init__(self, house: House, seen: Seen, tell: Callable[..., object], asked: argparse.Namespace) -> None:
        self.house, self.seen, self.tell, self.chance = house, seen, tell, random.Random(7)
        self.seconds, self.questions_a_second = asked.minutes * 60, asked.questions
        self.organization = self.account = 0
        self.broker = redis.Redis.from_url(settings.REDIS_URL)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.database = parent(cursor.fetchone()[0])

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def ask(self) -> None:
        """Somebody asks something on the practice field."""
        self.seen.asked += 1
        self.rows(
            ASK, **{"class": 0x50524143}, org=self.organization, account=self.account, number=self.seen.asked,
            text="where is my order?",
        )  # fmt: skip
        self.rows("UPDATE listening_source SET next_poll_at = least(next_poll_at, now()) WHERE network = 'practice'")

    def say(self) -> None:
        """Every feed has a new entry, and all are due."""
        self.seen.said += 1
        self.tell(self.seen.said, True)
        self.rows("UPDATE listening_source SET next_poll_at = least(next_poll_at, now()) WHERE network = 'feed'")

    def kill(self) -> None:
        self.seen.killed += 1
        self.house.kill_a_worker(self.chance)

    def look(self) -> None:
        for name, statement in BACKLOG.items():
            self.seen.backlog[name].append(self.rows(statement)[0][0])
        waiting = sum(int(self.broker.llen(queue)) for queue in parts.QUEUES.split(","))  # type: ignore[arg-type]
        self.seen.backlog["messages in the broker"].append(waiting)
        self.seen.backlog["processes of the worker"].append(len(children(self.house.running["worker"].pid)))
        for name, size in self.house.resident(postgresql=self.database).items():
            self.seen.memory[name].append(size)

    def watch_queries(self) -> None:
        for query, seconds in self.rows(RUNNING):
            if seconds > SLOW_QUERY:
                self.seen.slow[query] += 1
                self.seen.longest[query] = max(self.seen.longest[query], float(seconds))


def main() -> int:
    """Fill, start, let it go on, count."""
    parser = argparse.ArgumentParser(prog="benchmarks stress", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--responders", type=int, default=32)
    parser.add_argument("--questions", type=float, default=2.0, help="questions a second")
    asked = parser.parse_args()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=polling.serve, args=(theirs,), daemon=True)
    server.start()
    begun = time.monotonic()
    port, seen = ours.recv(), Seen()
    filled = fill(asked.mentions)
    organization, coach = filled.organization, filled.coach
    with tempfile.TemporaryDirectory() as folder, acting_for(organization):
        live_ones = list(Member.objects.filter(positions__role=Role.RESPONDER).order_by("pk")[: asked.responders])
        account = furnish(organization, f"http://127.0.0.1:{port}", live_ones, coach)
        house = House(Path(folder))
        try:
            print(f"Filled and started after {time.monotonic() - begun:.0f} s.\n")
            people = [Person(member, house, seen, n) for n, member in enumerate(live_ones)]
            events = Events(house, seen, lambda *said: (ours.send(said), ours.recv()), asked)
            events.organization, events.account = organization.pk, account
            asyncio.run(run(house, people, Person(coach, house, seen, 99), seen, events))
            settle(house, events)
        finally:
            house.end()
            ours.send(None)
        return report(asked, seen, events)


def settle(house: House, events: Events) -> None:
    """Nobody is killed any more: what people sent gets its time to go out, and what died to be found by its lease."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while any(events.rows(UNDER_WAY)[0]) and time.monotonic() < deadline:
        house.keep_up("worker")
        time.sleep(1)


def report(asked: argparse.Namespace, seen: Seen, events: Events) -> int:
    """Say what was measured; 1 where something was lost or done twice."""
    print(f"{asked.mentions:,} mentions, {FEEDS:,} feeds, {asked.responders} responders, {asked.minutes:g} minutes\n")
    rows = [
        [name, len(times), f"{statistics.median(times):.0f}", f"{sorted(times)[int(len(times) * 0.95)]:.0f}",
         f"{max(times):.0f}"]
        for name, times in sorted(seen.pages.items(), key=lambda item: -statistics.median(item[1]))
    ]  # fmt: skip
    print(table(["as its reader waits for it", "times", "median ms", "95th", "longest"], rows))
    parts = range(PARTS)
    rows = [
        [name, *(at[len(at) * part // PARTS] for part in parts), at[-1], max(at)]
        for name, at in seen.backlog.items()
        if at
    ]
    print("\n" + table(["backlog", *(f"{part}/{PARTS}" for part in parts), "at the end", "most"], rows))
    rows = [[name, at[0], max(at), at[-1]] for name, at in seen.memory.items() if at]
    print("\n" + table(["memory, MB", "at first", "most", "at the end"], rows))
    if seen.slow:
        rows = [[f"`{query}`", times, f"{seen.longest[query]:.1f}"] for query, times in seen.slow.most_common(8)]
        print("\n" + table([f"queries longer than {SLOW_QUERY} s", "times seen", "longest, s"], rows))
    total, once, doubled, unheard, replied, answered, twice, lost, waiting = events.rows(FATE)[0]
    posts, new = events.rows(
        "SELECT count(*), count(DISTINCT (source_id, remote_id)) FROM listening_post WHERE source_id IN"
        " (SELECT id FROM listening_source WHERE network = 'feed')"
    )[0]
    print(
        f"\n{seen.killed} times a process of the worker was killed; {seen.news:,} pieces of news came by the streams."
    )
    print(f"{total:,} questions: {once:,} became one post, one mention, one assignment, {doubled} more than one;")
    print(f"{unheard:,} were not heard yet when it ended. {replied:,} replied to:")
    print(f"{answered:,} answered once, {twice} twice, {waiting} wait for a person, {lost} nowhere.")
    print(f"{posts:,} posts of feeds, each once: {posts == new}; {FEEDS * (polling.ENTRIES + seen.said):,} were said.")
    print(f"What went wrong for people: {dict(seen.wrong) or 'nothing'}.")
    print(f"What the parts complained of: {dict(events.house.faults().most_common(8)) or 'nothing'}.")
    return int(twice > 0 or lost > 0 or doubled > 0)


if __name__ == "__main__":
    sys.exit(main())
