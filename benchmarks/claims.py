"""How many assignments a second are claimed by 32 clients, of 100,000 that are open, and whether any is claimed twice.

Every tenth assignment is wanted by two clients, in orders of their own, so that they meet. Beside the claim stands what
a queue of jobs would do: take the next free row with SKIP LOCKED, in one statement on the same table. The whole action
is what a button does until its answer is drawn: reading the assignment, permissions, the claim, the audit log, the news
for open pages. Once more with reading all that the page then shows of it.

    python -m benchmarks claims [-- --assignments 100000 --clients 32 --rounds 3]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.db import connection, connections, transaction

from benchmarks.report import table
from engagement.actions.assignments import claim
from engagement.actions.rules import add_rule
from engagement.models import Assignment
from engagement.querysets import claim_open, open_loads
from engagement.refusals import Taken
from engagement.routing import route
from listening.models import Mention
from roles import clock
from roles.models import AuditEntry, Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for, active_organization_id

SLUG = "bench-claims"
PROCESSES = 4
TWICE_WANTED = 10
SECONDS_AT_MOST = 600
# Claiming while routing goes on: so many claims in all, after every few of a client's a batch, so many batches each.
CLAIMED, CLAIMS_A_BATCH, BATCHES, BATCH = 16_000, 50, 10, 10
FILL = """
INSERT INTO listening_post (organization_id, network, remote_id, url, url_key, title, text, language, conversation,
    in_reply_to, media, is_internal, is_ours, captured_at, content_digest, revision_count, problems)
SELECT %(org)s, 'practice', 'claim' || n, '', '', '', 'Number ' || n, 'en', '', '', '[]', false, false, %(at)s, '', 1,
    '[]'
FROM generate_series(1, %(count)s) AS n;

INSERT INTO listening_mention (organization_id, post_id, network, department_id, query_ids, state, captured_at,
    triage_reason)
SELECT organization_id, id, network, %(department)s, '{}', 'routed', captured_at, '' FROM listening_post
WHERE organization_id = %(org)s;

INSERT INTO engagement_assignment (organization_id, mention_id, network, department_id, state, priority, reasons,
    created_at, due_at, outcome, reopened_count, version)
SELECT organization_id, id, network, department_id, 'open', 1 + id %% 4, '[]', captured_at,
    captured_at + id %% 1000 * interval '1 minute', '', 0, 0
FROM listening_mention WHERE organization_id = %(org)s;
"""
ARRIVE = """
WITH post AS (
    INSERT INTO listening_post (organization_id, network, remote_id, url, url_key, title, text, language, conversation,
        in_reply_to, media, is_internal, is_ours, captured_at, content_digest, revision_count, problems)
    SELECT %(org)s, 'practice', gen_random_uuid()::text, '', '', '', 'Late ' || n, 'en', member::text, '', '[]', false,
        false, %(at)s, '', 1, '[]'
    FROM unnest(%(members)s::bigint[]) AS member, generate_series(1, %(each)s) AS n
    RETURNING id
)
INSERT INTO listening_mention (organization_id, post_id, network, query_ids, state, captured_at, triage_reason)
SELECT %(org)s, id, 'practice', '{}', 'untriaged', %(at)s, '' FROM post
"""
NEXT_FREE = """
WITH free AS MATERIALIZED (
    SELECT id FROM engagement_assignment
    WHERE organization_id = %s AND department_id = %s AND state = 'open' AND member_id IS NULL
    ORDER BY priority, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE engagement_assignment AS row SET state = 'claimed', member_id = %s, claimed_at = %s, version = version + 1
FROM free WHERE row.id = free.id RETURNING row.id
"""
# A client's work: its member, the keys that it wants, how many are its share; returns the keys that it got.
Work = Callable[[int, Sequence[int], int], list[int]]


def next_free(member_id: int, keys: Sequence[int], share: int) -> list[int]:
    """Take as many rows as are its share, whichever are free."""
    won, department = [], Department.objects.values_list("pk", flat=True).get()
    with connection.cursor() as cursor:
        for _ in range(share):
            cursor.execute(NEXT_FREE, [active_organization_id(), department, member_id, clock.now()])
            won += [key for (key,) in cursor.fetchall()]
    return won


def by_statement(member_id: int, keys: Sequence[int], share: int) -> list[int]:
    """Claim by the statement that the action uses."""
    return [key for key in keys if claim_open(key, member_id, at=clock.now(), version=None)]


def by_action(member_id: int, keys: Sequence[int], share: int) -> list[int]:
    """Claim as the button does."""
    member, won = Member.objects.get(pk=member_id), []
    for key in keys:
        try:
            won.append(claim(Assignment.objects.to_act_on(key), by=member, at=clock.now()).pk)
        except Taken:
            continue
    return won


def with_page(member_id: int, keys: Sequence[int], share: int) -> list[int]:
    """Claim as the button does, and read what the page shows."""
    member, won = Member.objects.get(pk=member_id), []
    for key in keys:
        try:
            row = claim(Assignment.objects.to_act_on(key), by=member, at=clock.now())
        except Taken:
            continue
        won.append(Assignment.objects.with_mentions().get(pk=row.pk).pk)
    return won


def while_routing(member_id: int, keys: Sequence[int], share: int) -> list[int]:
    """Claim as the statement does, and after every few claims route what has come in: all of it at once."""
    won, waiting = [], list(Mention.objects.filter(state="untriaged", post__conversation=f"{member_id}"))
    for number, key in enumerate(keys):
        if claim_open(key, member_id, at=clock.now(), version=None):
            won.append(key)
        if number % CLAIMS_A_BATCH == 0 and waiting:
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            rows = Mention.objects.select_related("post__author").filter(pk__in=[row.pk for row in batch])
            with transaction.atomic():
                route(list(rows), at=clock.now())
    return won


WORKS: dict[str, Work] = {
    "while_routing": while_routing,
    "next_free": next_free,
    "by_statement": by_statement,
    "by_action": by_action,
    "with_page": with_page,
}


def clients(name: str, parts: list[tuple[int, list[int], int]], ready: Any, go: Any, results: Any) -> None:
    """One process: a thread and a connection for each client, all of which begin together."""
    connections.close_all()
    organization = Organization.objects.get(slug=SLUG)
    won: list[list[int]] = []

    def one(member_id: int, keys: list[int], share: int) -> None:
        with acting_for(organization):
            connection.ensure_connection()
            ready.release()
            go.wait()
            won.append(WORKS[name](member_id, keys, share))
        connection.close()

    threads = [threading.Thread(target=one, args=part) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((time.time(), won))


def measure(name: str, members: list[int], keys: list[int]) -> float:
    """Let all clients claim these; returns claims a second, and fails where one was claimed twice or not at all."""
    shares = [keys[number :: len(members)] for number in range(len(members))]
    parts = []
    for number, member in enumerate(members):
        wanted = shares[number] + shares[number - 1][::TWICE_WANTED]
        parts.append((member, random.Random(number).sample(wanted, len(wanted)), len(shares[number])))
    context = multiprocessing.get_context("fork")
    ready, go, results = context.Semaphore(0), context.Event(), context.Queue()
    connections.close_all()
    processes = [
        context.Process(target=clients, args=(name, parts[number::PROCESSES], ready, go, results))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for _ in parts:
        if not ready.acquire(timeout=SECONDS_AT_MOST):
            raise SystemExit("The clients did not come up.")
    began = time.time()
    go.set()
    answers = [results.get(timeout=SECONDS_AT_MOST) for _ in processes]
    for process in processes:
        process.join()
    counted = Counter(key for _end, won in answers for client in won for key in client)
    if len(counted) != len(keys) or counted.most_common(1)[0][1] != 1:
        raise SystemExit(f"{name}: {len(counted):,} of {len(keys):,} were claimed, one up to {counted.most_common(1)}.")
    seconds: float = max(end for end, _won in answers) - began
    return len(keys) / seconds


def fill(assignments: int, count: int) -> tuple[Organization, list[int]]:
    """Make an organization with so many open assignments and responders."""
    organization = Organization.objects.create(name="Claims", slug=SLUG, level=Level.RESPONSIVE)
    with acting_for(organization), connection.cursor() as cursor:
        department = Department.objects.create(name="Care", slug="care")
        members = []
        for number in range(count):
            user = User.objects.create(email=f"claims{number}@example.org", name=f"Responder {number}", password="!")
            member = Member.objects.create(user=user)
            Position.objects.create(member=member, department=department, role=Role.RESPONDER, capacity=1_000_000)
            members.append(member.pk)
        values: dict[str, Any] = {
            "org": organization.pk,
            "department": department.pk,
            "count": assignments,
            "at": clock.now(),
        }
        cursor.execute(FILL, values)
        cursor.execute("ANALYZE engagement_assignment, listening_mention, listening_post")
    return organization, members


def routed_meanwhile(members: list[int], department: Department) -> tuple[float, int, int, int]:
    """Let all clients claim and route at once, and check what the policy promises.

    Returns claims a second, how many were routed, by how much what people have differs at the end, and by how much it
    does after one more batch that is large enough to make up for it: by one at most, or this fails.
    """
    add_rule(department, name="All", by=None, at=clock.now())
    _arrive(members, BATCHES * BATCH)
    keys = random.Random(0).sample(list(Assignment.objects.filter(state="open").values_list("pk", flat=True)), CLAIMED)
    rate = measure("while_routing", members, keys)
    routed = Assignment.objects.filter(rule_id__isnull=False)
    wanted = len(members) * BATCHES * BATCH
    if routed.count() != wanted or routed.values("mention").distinct().count() != wanted:
        raise SystemExit(f"{routed.count():,} of {wanted:,} were routed, or one of them twice.")
    if routed.filter(member=None).exists():
        raise SystemExit("Somebody had room, and something was given to nobody.")
    before = _spread(members)
    _arrive(members[:1], before * len(members))
    late = list(Mention.objects.select_related("post__author").filter(state="untriaged"))
    with transaction.atomic():
        route(late, at=clock.now())
    after = _spread(members)
    if after > 1:
        raise SystemExit(f"What people have differs by {after} after a batch that could have made up for it.")
    return rate, wanted, before, after


def _spread(members: list[int]) -> int:
    loads = [load for _key, load, _given, _share in open_loads(members, since=clock.now())]
    return max(loads) - min(loads)


def _arrive(members: list[int], each: int) -> None:
    """New mentions, so many for each client to route."""
    with connection.cursor() as cursor:
        values = {"org": active_organization_id(), "members": members, "each": each, "at": clock.now()}
        cursor.execute(ARRIVE, values)


def reset() -> None:
    """Open everything again, and leave no dead rows behind."""
    Assignment.objects.filter(state="claimed").update(state="open", member=None, claimed_at=None, assigned_at=None)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE engagement_assignment")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--assignments", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--claims", type=int, default=20_000, help="how many are claimed in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    organization, members = fill(options.assignments, options.clients)
    sizes = dict.fromkeys(("next_free", "by_statement", "by_action"), options.claims)
    sizes["with_page"] = options.claims // 10
    rates: dict[str, list[float]] = {name: [] for name in sizes}
    try:
        with acting_for(organization):
            keys = list(Assignment.objects.values_list("pk", flat=True))
            for number in range(options.rounds):
                for name, size in sizes.items():
                    chosen = random.Random(number).sample(keys, size)
                    rates[name].append(measure(name, members, chosen))
                    reset()
            meanwhile = routed_meanwhile(members, Department.objects.get())
            marked = AuditEntry.objects.filter(verb="claim").count()
    finally:
        connections.close_all()
    medians = {name: statistics.median(found) for name, found in rates.items()}
    labels = {
        "next_free": "the next free row, SKIP LOCKED",
        "by_statement": "a chosen assignment, the statement of the claim",
        "by_action": "a chosen assignment, the whole action",
        "with_page": "the same, and reading what its page shows",
    }
    print(
        f"{options.assignments:,} open, {options.clients} clients in {PROCESSES} processes, {options.rounds} rounds\n"
    )
    rows = [
        (labels[name], f"{median:,.0f}", f"{median / medians['next_free']:.2f}") for name, median in medians.items()
    ]
    print(table(["claiming", "claims/s", "ratio"], rows))
    rate, wanted, before, after = meanwhile
    print(
        f"\nWhile the same clients route {wanted:,} new mentions in batches of {BATCH}: {rate:,.0f} claims/s by the "
        f"statement. Each mention was given out once; what people have differs by {before}, and by {after} after one "
        "more batch that can make up for it (the policy's bound is 1)."
    )
    print(f"\nNone was claimed twice, none was missed; {marked:,} claims stand in the audit log.")


if __name__ == "__main__":
    main()
