"""A task that fails each time, in the real worker: it is noted, whole or in part, and outlives an emptied broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.test import Client

from config import examination
from config.beat import EVERY
from config.celery import app
from roles import clock
from roles.models import Member, TaskRecord
from roles.tenancy import acting_for
from tests.cast import assemble
from tests.faults import workers

pytestmark = pytest.mark.django_db(transaction=True)


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, list(TaskRecord.objects.values_list("name", "failures", "problem"))
        time.sleep(0.1)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[None]:
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    command = ["celery", "-A", "tests.faults.celery_that_fails", "worker", "--concurrency", "1"]
    command += ["-Q", "celery,poll,ingest,deliver,measure", "--loglevel", "INFO"]
    process = workers.start_program(*command, log=tmp_path / "log")
    yield
    workers.kill(process)


def failures_of(name: str) -> int:
    return sum(TaskRecord.objects.filter(name=name).values_list("failures", flat=True))


def test_what_fails_each_time_is_told_until_a_run_ends_well(worker: None, client: Client) -> None:
    cast = assemble()
    with acting_for(cast.organization):
        begun = clock.now() - timedelta(hours=1)
        Member.objects.filter(pk=cast.rosa.pk).update(is_away=True, away_until=begun)
    at = clock.now() - timedelta(hours=2)
    rows = {"failures_in_row": 7, "failures": 7, "failed_at": clock.now(), "failing_since_at": at, "known_at": at}
    TaskRecord.objects.create(name="roles.tasks.send_mails", **rows)
    TaskRecord.objects.create(name="roles.tasks.forget_old_keys", in_part=True, **rows)
    app.send_task("roles.tasks.send_mails")
    app.send_task("roles.tasks.forget_old_keys")
    app.send_task("roles.tasks.heartbeat", kwargs={"queue": "poll"}, queue="poll")
    for _ in range(3):
        app.send_task("listening.tasks.poll_due")
        app.send_task("roles.tasks.keep_terms")
    until(lambda: failures_of("listening.tasks.poll_due") == failures_of("roles.tasks.keep_terms") == 3)

    polling = TaskRecord.objects.get(name="listening.tasks.poll_due")
    assert polling.problem == "ProgrammingError: function pg_input_is_missing(text) does not exist"
    assert (polling.in_part, polling.failures_in_row, polling.ended_at) == (False, 3, None)
    terms = TaskRecord.objects.get(name="roles.tasks.keep_terms")
    assert terms.problem == "LookupError: no such position: “…”"
    assert terms.in_part and terms.ended_at is not None
    known = {task for tasks in EVERY.values() for task in tasks}
    assert known <= set(TaskRecord.objects.values_list("name", flat=True))

    assert TaskRecord.objects.get(name="roles.tasks.heartbeat poll").steady_since_at is not None
    # What failed in part is not known to be mended by a run that had nothing to do; what failed as a whole is.
    until(lambda: TaskRecord.objects.filter(failures=7).exclude(ended_at=None).count() == 2)
    assert TaskRecord.objects.get(name="roles.tasks.send_mails").failures_in_row == 0
    assert TaskRecord.objects.get(name="roles.tasks.forget_old_keys").failures_in_row == 7

    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    TaskRecord.objects.filter(failures=3).update(failing_since_at=clock.now() - timedelta(minutes=3))
    said = {found.about: found.says for found in examination.tasks(clock.now())}
    named = ("listening.tasks.poll_due", "roles.tasks.forget_old_keys", "roles.tasks.keep_terms")
    assert sorted(said) == [f"Task {name}" for name in named]
    assert "pg_input_is_missing" in said["Task listening.tasks.poll_due"]
    health = client.get("/health/work/")
    assert health.status_code == 503
    assert health.json()["listening.tasks.poll_due"] is False
    assert "somebody" not in health.content.decode() and "pg_input" not in health.content.decode()
