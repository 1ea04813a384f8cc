"""Ten thousand replies to a network that refuses, drops answers, stalls and is killed together with the workers.

Every worker is killed again and again with SIGKILL, wherever it is, and so is the network's process, which keeps a
journal of what it took. A person settles what is put before them: what the network has was sent, what it has not is
sent again or given up. At the end each accepted reply stands in the journal exactly once, every other in front of a
person or given up, and none is anywhere else. Time runs faster for the workers, so that leases and looks end soon.
Beside it stands the same machinery with a network that behaves and workers that live.

    python -m benchmarks deliveries [-- --replies 10000 --workers 3]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.conf import settings
from django.db import connection, connections

from benchmarks import city
from benchmarks.killing import SPEED, House, Quick
from benchmarks.report import table
from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.models import Delivery, Reply
from engagement.refusals import Refusal
from listening.models import Channel
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SECONDS_AT_MOST = 3000
# After how many attempts and looks a worker and the network are killed.
KILL_WORKER_EVERY, KILL_CITY_EVERY = 40, 400
State = Reply.State
FILL = """
INSERT INTO listening_post (organization_id, network, remote_id, url, url_key, title, text, language, conversation,
    in_reply_to, media, is_internal, is_ours, captured_at, content_digest, revision_count, problems)
SELECT %(org)s, 'city', 'post' || n, '', '', '', 'Number ' || n, 'en', '', '', '[]', false, false, %(at)s, '', 1, '[]'
FROM generate_series(1, %(count)s) AS n;

INSERT INTO listening_mention (organization_id, post_id, network, channel_id, department_id, query_ids, state,
    captured_at, triage_reason)
SELECT organization_id, id, network, %(channel)s, %(department)s, '{}', 'routed', captured_at, '' FROM listening_post
WHERE organization_id = %(org)s;

INSERT INTO engagement_assignment (organization_id, mention_id, network, department_id, member_id, state, priority,
    reasons, created_at, due_at, assigned_at, claimed_at, outcome, reopened_count, version)
SELECT organization_id, id, network, department_id, %(member)s, 'claimed', 3, '[]', captured_at,
    captured_at + interval '1 day', captured_at, captured_at, '', 0, 0
FROM listening_mention WHERE organization_id = %(org)s;

INSERT INTO engagement_reply (organization_id, assignment_id, post_id, channel_id, by_id, text, key, state, resolves,
    assignment_version, written_at, next_attempt_at, lease_key, looks, remote_id, remote_url, problem)
SELECT row.organization_id, row.id, mention.post_id, %(channel)s, %(member)s, 'Answer to ' || row.id,
    gen_random_uuid()::text, 'ready', true, 0, %(at)s, %(at)s, '', 0, '', '', ''
FROM engagement_assignment row JOIN listening_mention mention ON mention.id = row.mention_id
WHERE row.organization_id = %(org)s;
"""


@dataclass
class Trial:
    """One run: what happened, and what became of every reply."""

    count: int
    seconds: float = 0.0
    workers_killed: int = 0
    city_killed: int = 0
    attempts: Counter[str] = field(default_factory=Counter)
    by_person: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    lost: int = 0
    untrue: int = 0


def work(now: Quick, port: int) -> None:
    """Deliver, look, and find what dead workers left, until killed."""
    connections.close_all()
    city.install(port)
    while True:
        busy = outbox.deliver_next(now=now)
        outbox.expire_leases(at=now())
        busy = outbox.look_next(now=now) or busy
        if not busy:
            time.sleep(0.02)


def trial(
    member: Member, now: Quick, folder: Path, *, workers: int, moods: Mapping[str, int], killing: bool, seed: int = 1
) -> Trial:
    """Let everything that is ready go out, whatever dies on the way; the organization is the active one."""
    result = Trial(Reply.objects.count())
    began, rounds = time.monotonic(), 0
    house = House(work, now, folder, workers=workers, moods=moods, seed=seed)
    try:
        while True:
            _until_it_rests(house, result, killing=killing, deadline=began + SECONDS_AT_MOST)
            if not _person(member, house, now(), result, patient=rounds < 4):
                break
            rounds += 1
    finally:
        result.seconds = time.monotonic() - began
        house.close()
    _judge(result, city.taken(house.journal))
    return result


def _until_it_rests(house: House, result: Trial, *, killing: bool, deadline: float) -> None:
    """Wait until nothing is on its way any more, killing meanwhile."""
    on_its_way = Reply.objects.filter(state__in=[State.READY, State.SENDING])
    looked_for = Reply.objects.filter(state=State.UNKNOWN, put_before_person_at=None)
    worker_next, city_next = _tried() + KILL_WORKER_EVERY, _tried() + KILL_CITY_EVERY
    while on_its_way.exists() or looked_for.exists():
        if time.monotonic() > deadline:
            raise SystemExit("It never came to rest.")
        tried = _tried() if killing else 0
        if killing and tried >= worker_next:
            house.kill_a_worker()
            result.workers_killed += 1
            worker_next = tried + KILL_WORKER_EVERY
        if killing and tried >= city_next:
            house.kill_the_city()
            result.city_killed += 1
            city_next = tried + KILL_CITY_EVERY
        time.sleep(0.05)
    time.sleep(city.LATE + city.STALL)  # what was taken late is taken by now


def _tried() -> int:
    """How many attempts and looks there were, roughly."""
    return Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _person(member: Member, house: House, at: datetime, result: Trial, *, patient: bool) -> int:
    """Settle what is put before a person, who looks at the network first; returns how much was sent again."""
    there, again = city.taken(house.journal), 0
    for row in list(Reply.objects.before_a_person().with_everything()):
        decision = "mark_as_sent" if row.key in there else "send_again" if patient else "give_up"
        try:
            settle_delivery(row, decision=decision, by=member, at=at)
        except Refusal:  # a look has found it meanwhile
            continue
        result.by_person[decision] += 1
        again += decision == "send_again"
    return again


def _judge(result: Trial, there: Counter[str]) -> None:
    result.twice = sum(1 for times in there.values() if times > 1)
    result.ended = Counter(Reply.objects.values_list("state", flat=True))
    result.attempts = Counter(
        f"{kind} {outcome}" for kind, outcome in Delivery.objects.values_list("kind", "outcome") if kind != "person"
    )
    ends = {State.ACCEPTED, State.CANCELLED, State.REFUSED}
    waiting = Reply.objects.before_a_person().count()
    result.lost = result.count - sum(n for state, n in result.ended.items() if state in ends) - waiting
    accepted = set(Reply.objects.filter(state=State.ACCEPTED).values_list("key", flat=True))
    result.untrue = len(accepted - set(there)) + len(set(there) - accepted)


def fill(slug: str, count: int, *, at: datetime) -> tuple[Organization, Member]:
    """Make an organization with so many replies that are ready to go out."""
    organization = Organization.objects.create(name=slug, slug=slug, level=Level.RESPONSIVE)
    with acting_for(organization), connection.cursor() as cursor:
        department = Department.objects.create(name="Care", slug="care")
        user = User.objects.create(email=f"{slug}@example.org", name="Rosa", password="!")
        member = Member.objects.create(user=user)
        Position.objects.create(member=member, department=department, role=Role.RESPONDER)
        channel = Channel.objects.create(network="city", account_id="1", handle="us", name="Us")
        values: dict[str, Any] = {
            "org": organization.pk, "department": department.pk, "member": member.pk, "channel": channel.pk,
            "count": count, "at": at,
        }  # fmt: skip
        cursor.execute(FILL, values)
    return organization, member


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replies", type=int, default=10_000)
    parser.add_argument("--calm", type=int, default=1_000, help="how many go out where nothing misbehaves")
    parser.add_argument("--workers", type=int, default=3)
    options = parser.parse_args()
    settings.DELIVERY_LEASE_SECONDS = 60
    found: dict[str, Trial] = {}
    for name, count, moods in (("calm", options.calm, city.CALM), ("rough", options.replies, city.MOODS)):
        now = Quick()
        organization, member = fill(f"bench-{name}", count, at=now() - timedelta(minutes=1))
        with acting_for(organization), tempfile.TemporaryDirectory() as folder:
            found[name] = trial(
                member, now, Path(folder), workers=options.workers, moods=moods, killing=name == "rough"
            )
    show(found["calm"], found["rough"], options.workers)
    if any((result.twice, result.lost, result.untrue) != (0, 0, 0) for result in found.values()):
        raise SystemExit("Something was sent twice or lost.")


def show(calm: Trial, rough: Trial, workers: int) -> None:
    """Print what was measured."""
    print(f"{workers} workers; time runs {SPEED} times as fast for them\n")
    rates = [result.count / result.seconds for result in (calm, rough)]
    rows = [
        ("a network that behaves, workers that live", f"{calm.count:,}", f"{rates[0]:,.0f}", "1.00"),
        (
            "refuses, drops, stalls; all are killed",
            f"{rough.count:,}",
            f"{rates[1]:,.0f}",
            f"{rates[1] / rates[0]:.2f}",
        ),
    ]  # fmt: skip
    print(table(["replies to", "replies", "ended a second", "ratio"], rows))
    print(
        f"\nWorkers killed {rough.workers_killed:,} times, the network {rough.city_killed:,} times. "
        f"Sent twice: {rough.twice}. Lost: {rough.lost}. Told otherwise than it is: {rough.untrue}.\n"
    )
    print(table(["attempts and looks", "times"], [(name, f"{n:,}") for name, n in rough.attempts.most_common()]))
    print()
    print(table(["a person decided", "times"], [(name, f"{n:,}") for name, n in rough.by_person.most_common()]))
    print()
    print(table(["ended", "replies"], [(name, f"{n:,}") for name, n in rough.ended.most_common()]))


if __name__ == "__main__":
    main()
