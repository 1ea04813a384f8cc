"""Workers killed at every step, several at once, an emptied broker: no reply is lost, and none is sent twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.models import Assignment, Delivery, Reply
from engagement.tasks import deliver_ready
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.faults import workers
from tests.faults.town import TownServer, running_town

DELIVER = "tests.faults.deliver_and_die"
# How many posts there are after the worker died at this step, before anybody did anything about it.
STEPS = {"claimed": 0, "begun": 0, "sent": 1, "before commit": 1, "committed": 1}


@pytest.fixture
def town() -> Iterator[TownServer]:
    with running_town() as server:
        yield server


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


@pytest.fixture
def write(acme: Cast) -> Callable[[int], list[Reply]]:
    """Write replies of Rosa's, each to a post of its own."""

    def some(count: int) -> list[Reply]:
        channel, at = factories.channel(network="far-town"), clock.now()
        rows = [
            factories.assignment(
                department=acme.care, member=acme.rosa, state="claimed", claimed_at=at,
                mention=factories.mention(post=factories.post(network="far-town"), department=acme.care),
            )
            for _ in range(count)
        ]  # fmt: skip
        return [reply(row, text="We are on it.", by=acme.rosa, at=at, channel=channel) for row in rows]

    return some


def age(seconds: float) -> None:
    """Let time pass for everything in the outbox."""
    span = timedelta(seconds=seconds)
    for row in Reply.objects.all():
        Reply.objects.filter(pk=row.pk).update(
            next_attempt_at=row.next_attempt_at - span, lease_until=row.lease_until and row.lease_until - span
        )


def reconcile(times: int = 3) -> None:
    """What the beat does, again and again."""
    for _ in range(times):
        age(4000)
        with acting_for(None):
            outbox.expire_leases(at=clock.now())
            deliver_ready()
            while outbox.look_next(now=clock.now):
                pass


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_sends_nothing_twice_and_loses_nothing(
    town: TownServer, acme: Cast, write: Callable[[int], list[Reply]], step: str
) -> None:
    (made,) = write(1)
    assert workers.run(DELIVER, step) == -signal.SIGKILL
    assert len(town.keys) == STEPS[step]
    with acting_for(None):
        deliver_ready()
    assert len(town.keys) == STEPS[step]
    reconcile()
    made.refresh_from_db()
    if STEPS[step]:
        assert (made.state, made.remote_id) == ("accepted", "t1")
    else:
        assert made.state == "unknown"
        assert made.put_before_person_at is not None
        settle_delivery(made, decision="send_again", by=acme.rosa, at=clock.now())
        reconcile()
        made.refresh_from_db()
        assert made.state == "accepted"
    row = Assignment.objects.get()
    assert (town.keys, row.state, row.outcome) == ([made.key], "resolved", "answered")
    assert row.first_answered_at is not None


def test_a_look_that_is_killed_is_repeated(town: TownServer, write: Callable[[int], list[Reply]]) -> None:
    write(1)
    workers.run(DELIVER, "sent")
    age(4000)
    with acting_for(None):
        outbox.expire_leases(at=clock.now())
    age(4000)
    assert workers.run(DELIVER, "looked") == -signal.SIGKILL
    assert Reply.objects.get().state == "unknown"
    reconcile()
    assert (Reply.objects.get().state, len(town.keys)) == ("accepted", 1)


def test_several_workers_at_once_send_each_reply_once(town: TownServer, write: Callable[[int], list[Reply]]) -> None:
    made = write(40)
    processes = [workers.start(DELIVER, "live") for _ in range(3)]
    assert [workers.ended(process) for process in processes] == [0, 0, 0]
    assert Counter(town.keys) == {row.key: 1 for row in made}
    assert set(Reply.objects.values_list("state", flat=True)) == {"accepted"}
    assert set(Assignment.objects.values_list("state", flat=True)) == {"resolved"}


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it is done; fail when it never is."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "It did not happen."
        time.sleep(0.1)


@pytest.fixture
def celery(tmp_path: Path) -> Iterator[Callable[..., BaseProcess]]:
    """Start real Celery processes, workers or beat; they die with the test."""
    started: list[BaseProcess] = []

    def begin(*arguments: str) -> BaseProcess:
        # The clock knows tasks by their names alone; the worker does them, and needs the town.
        app = "config.beat" if arguments[0] == "beat" else "tests.faults.celery_with_town"
        log = tmp_path / f"celery-{len(started)}.log"
        started.append(workers.start_program("celery", "-A", app, *arguments, log=log))
        return started[-1]

    yield begin
    for process in started:
        workers.kill(process)


WORKER = ("worker", "-Q", "deliver", "--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO")


def flush() -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


def test_what_the_broker_has_lost_is_found_by_the_beat(
    town: TownServer, write: Callable[[int], list[Reply]], celery: Any, tmp_path: Path
) -> None:
    flush()
    made = write(3)
    broker = redis.Redis.from_url(settings.REDIS_URL)
    assert broker.llen("deliver") > 0
    broker.flushdb()
    celery(*WORKER)
    celery("beat", "--schedule", str(tmp_path / "beat"))
    until(lambda: Reply.objects.filter(state="accepted").count() == 3)
    assert Counter(town.keys) == {row.key: 1 for row in made}


def test_a_celery_worker_killed_while_the_network_is_silent_does_not_send_again(
    town: TownServer, write: Callable[[int], list[Reply]], celery: Any
) -> None:
    flush()
    town.gate.clear()
    (made,) = write(1)
    worker = celery(*WORKER)
    assert town.took.wait(60)
    workers.kill(worker)
    town.gate.set()
    assert Reply.objects.get().state == "sending"
    # The message was not acknowledged; another worker gets it again, and many more of the kind.
    for _ in range(5):
        deliver_ready.apply_async(queue="deliver")
    celery(*WORKER)
    until(lambda: redis.Redis.from_url(settings.REDIS_URL).llen("deliver") == 0)
    assert Reply.objects.get().state == "sending"
    reconcile()
    made.refresh_from_db()
    assert (made.state, town.keys) == ("accepted", [made.key])


def test_a_backup_that_comes_back_sends_nothing_that_went_out_since(
    town: TownServer, write: Callable[[int], list[Reply]]
) -> None:
    went, waits = write(2)
    later = factories.publication(due_at=clock.now() + timedelta(days=2))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE dump AS SELECT * FROM engagement_reply WHERE id = %s", [went.pk])
    Reply.objects.filter(pk=waits.pk).update(next_attempt_at=clock.now() + timedelta(days=1))
    with acting_for(None):
        deliver_ready()
    assert town.keys == [went.key]
    # What the dump knows of it: it is due, and nobody has attempted it.
    Delivery.objects.all().delete()
    Reply.objects.update(next_attempt_at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_reply SET state = dump.state, remote_id = dump.remote_id,"
            " accepted_at = dump.accepted_at, next_attempt_at = dump.next_attempt_at"
            " FROM dump WHERE engagement_reply.id = dump.id; DROP TABLE dump"
        )
    said = StringIO()
    with acting_for(None):
        call_command("after_restore", stdout=said)
        deliver_ready()
    assert said.getvalue().startswith("2 replies and publications are looked for;")
    reconcile()
    went.refresh_from_db()
    waits.refresh_from_db()
    later.refresh_from_db()
    assert (went.state, went.remote_id, town.keys) == ("accepted", "t1", [went.key])
    assert waits.state == "unknown"
    assert waits.put_before_person_at is not None
    assert later.state == "ready"
