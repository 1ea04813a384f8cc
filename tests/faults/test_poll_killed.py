"""Kill the worker at every step of a poll: nothing is lost and nothing is there twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection
from pytest_django import Settings

from listening.ingest import BATCH
from listening.models import Mention, MentionMatch, Poll, Post, Source
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.faults import workers
from tests.listening.servers import FeedServer, feed

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = BATCH + 20
PATH = "/feed"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        running.documents[PATH] = feed(*(f"Acme entry {number:04d}" for number in range(ENTRIES)))
        yield running


@pytest.fixture
def source(acme: Cast, server: FeedServer) -> Source:
    factories.query("acme")
    return factories.source(place=server.url(PATH), key="thekey")


@pytest.fixture
def start() -> Iterator[Callable[[], BaseProcess]]:
    """Start workers; whatever still runs at the end is killed."""
    running: list[BaseProcess] = []

    def one() -> BaseProcess:
        running.append(workers.start("tests.faults.worker"))
        return running[-1]

    yield one
    for worker in running:
        worker.kill()
        worker.join()


def until(true: Callable[[], bool], worker: BaseProcess | None = None) -> None:
    """Wait for something that must come to pass while the worker is alive."""
    deadline = time.monotonic() + 90
    while not true():
        assert time.monotonic() < deadline, "It did not come to pass."
        assert worker is None or worker.exitcode is None, "The worker ended before it could be killed."
        time.sleep(0.01)


def kill(worker: BaseProcess) -> None:
    worker.kill()
    assert workers.ended(worker) == -signal.SIGKILL


def let_the_lease_run_out() -> None:
    """What time would do."""
    Source.objects.update(lease_until=clock.now() - timedelta(seconds=1), next_poll_at=clock.now())


def poll_again(start: Callable[[], BaseProcess]) -> None:
    let_the_lease_run_out()
    assert workers.ended(start()) == 0


def everything_is_there_once(source: Source) -> None:
    titles = list(Post.objects.order_by("title").values_list("title", flat=True))
    assert titles == [f"Acme entry {number:04d}" for number in range(ENTRIES)]
    assert Mention.objects.count() == MentionMatch.objects.count() == ENTRIES
    source.refresh_from_db()
    assert source.cursor["etag"]
    assert (source.lease_key, source.lease_until) == ("", None)
    assert not Poll.objects.filter(outcome="running").exists()


class Blocker:
    """Holds the id of one entry in a transaction of its own, so that whoever writes it waits."""

    def __init__(self, cast: Cast, number: int) -> None:
        database = connection.settings_dict
        self._connection = psycopg2.connect(
            dbname=database["NAME"],
            user=database["USER"] or None,
            password=database["PASSWORD"] or None,
            host=database["HOST"] or None,
            port=database["PORT"] or None,
        )
        with self._connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO listening_post (organization_id, network, remote_id, url, url_key, title, text, language,"
                " conversation, in_reply_to, media, is_internal, is_ours, captured_at, content_digest, revision_count,"
                " problems)"
                " VALUES (%s, 'feed', %s, '', '', '', '', '', '', '', '[]', false, false, now(), '', 1, '[]')",
                [cast.organization.pk, f"thekey:Acme entry {number:04d}"],
            )

    def somebody_waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool(cursor.fetchone()[0])

    def release(self) -> None:
        self._connection.rollback()
        self._connection.close()


def test_killed_while_it_waits_for_the_answer(
    acme: Cast, source: Source, server: FeedServer, start: Callable[[], Any]
) -> None:
    server.gate.clear()
    worker = start()
    until(lambda: bool(server.requests), worker)
    assert Poll.objects.get().outcome == "running"
    kill(worker)
    server.gate.set()
    assert not Post.objects.exists()
    poll_again(start)
    everything_is_there_once(source)
    assert sorted(Poll.objects.values_list("outcome", flat=True)) == ["died", "taken"]


@pytest.mark.parametrize("number", [3, BATCH + 3], ids=["first batch", "second batch"])
def test_killed_in_the_middle_of_writing(acme: Cast, source: Source, start: Callable[[], Any], number: int) -> None:
    blocker = Blocker(acme, number)
    try:
        worker = start()
        until(blocker.somebody_waits, worker)
        kill(worker)
    finally:
        blocker.release()
    until(lambda: not blocker_left())
    # Batches are whole or not there; the validators come with the last one only.
    assert Post.objects.count() == Mention.objects.count() == (0 if number < BATCH else BATCH)
    source.refresh_from_db()
    assert source.cursor == {}
    poll_again(start)
    everything_is_there_once(source)


def blocker_left() -> bool:
    """Whether the killed worker's last statement is still at work in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state <> 'idle'"
        )
        return bool(cursor.fetchone()[0])


def test_killed_right_after_the_last_commit(
    acme: Cast, source: Source, server: FeedServer, start: Callable[[], Any]
) -> None:
    # A second source whose server does not answer keeps the worker alive after the first is done.
    other = factories.source(place=server.url("/slow"))
    server.slow.add("/slow")
    worker = start()
    until(lambda: Poll.objects.filter(source=source, outcome="taken").exists(), worker)
    kill(worker)
    server.slow.clear()
    everything_is_there_once_but_running(source, other)
    server.documents["/slow"] = feed("Slow")
    poll_again(start)
    Post.objects.filter(source=other).delete()
    everything_is_there_once(source)


def everything_is_there_once_but_running(source: Source, other: Source) -> None:
    source.refresh_from_db()
    assert source.lease_key == ""
    assert Post.objects.filter(source=source).count() == ENTRIES
    assert list(Poll.objects.filter(outcome="running").values_list("source", flat=True)) == [other.pk]


def test_two_workers_at_once(acme: Cast, source: Source, server: FeedServer, start: Callable[[], Any]) -> None:
    for number in range(20):
        server.documents[f"/{number}"] = feed(f"Other {number}")
        factories.source(place=server.url(f"/{number}"))
    two = [start(), start()]
    assert [workers.ended(worker) for worker in two] == [0, 0]
    assert sorted(server.requests) == sorted([PATH, *(f"/{number}" for number in range(20))])
    assert Post.objects.count() == ENTRIES + 20
    assert Mention.objects.count() == ENTRIES
