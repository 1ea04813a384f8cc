"""Changes that arrive while a worker computes, and workers that compute at once, on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction

from listening.models import Mention
from listening.signals import mentions_captured
from measurement.actions import recompute_rollups, refresh_rollups
from measurement.actions import rollups as actions
from measurement.models import DailyMentions, StaleHour
from measurement.windows import Window
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

NOW = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def capture() -> None:
    """Capture a mention as ingest does."""
    with transaction.atomic():
        mentions_captured.send(None, mentions=[factories.mention(at=NOW)], at=NOW)


def elsewhere(cast: Cast, work: Callable[[], Any]) -> threading.Thread:
    """Run on another thread, with a connection of its own."""

    def run() -> None:
        try:
            with acting_for(cast.organization):
                work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_mark_made_while_its_hour_is_computed_is_not_lost(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    capture()
    refresh_rollups(at=NOW)
    capture()
    compute = actions.compute

    def interrupted(*args: Any) -> None:
        compute(*args)
        elsewhere(acme, capture).join()  # committed after the rows were counted, before the worker commits

    with monkeypatch.context() as patched:
        patched.setattr(actions, "compute", interrupted)
        refresh_rollups(at=NOW, seconds=0)
    assert DailyMentions.objects.get().captured == 2
    assert StaleHour.objects.count() == 1
    refresh_rollups(at=NOW)
    assert DailyMentions.objects.get().captured == 3


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_yet_keeps_its_mark(acme: Cast) -> None:
    capture()
    refresh_rollups(at=NOW)
    capture()
    written, committed = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            capture()
            written.set()
            assert committed.wait(10)

    thread = elsewhere(acme, slowly)
    assert written.wait(10)
    # The worker neither waits for the open transaction nor takes its mark.
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    assert refresh_rollups(at=NOW) == 1
    assert DailyMentions.objects.get().captured == 2
    committed.set()
    thread.join()
    assert refresh_rollups(at=NOW) == 1
    assert DailyMentions.objects.get().captured == 3


@pytest.mark.django_db(transaction=True)
def test_a_worker_leaves_alone_what_another_computes(acme: Cast) -> None:
    capture()
    with transaction.atomic():
        assert actions._locked(wait=False)
        found: list[int] = []
        elsewhere(acme, lambda: found.append(refresh_rollups(at=NOW))).join()
        assert found == [0]
    assert refresh_rollups(at=NOW) > 0


@pytest.mark.django_db(transaction=True)
def test_to_compute_days_anew_waits_for_whoever_computes(acme: Cast) -> None:
    capture()
    day = Window(NOW.date(), NOW.date(), UTC_ZONE)
    with transaction.atomic():
        assert actions._locked(wait=False)
        thread = elsewhere(acme, lambda: recompute_rollups(day, at=NOW))
        until = monotonic() + 20
        while not waiting_for_a_lock() and monotonic() < until:
            assert thread.is_alive(), "It went on while somebody else computed."
            sleep(0.02)
    thread.join()
    assert DailyMentions.objects.get().captured == 1


def waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_many_changes_and_many_workers_at_once_end_in_the_right_figure(acme: Cast) -> None:
    def change() -> None:
        for _ in range(15):
            capture()

    def work() -> None:
        for _ in range(20):
            refresh_rollups(at=NOW)

    for thread in [elsewhere(acme, job) for job in (change, work, change, work, change)]:
        thread.join()
    refresh_rollups(at=NOW)
    assert Mention.objects.count() == 45
    assert DailyMentions.objects.get().captured == 45
    assert not StaleHour.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_the_marks(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    capture()
    refresh_rollups(at=NOW)
    capture()

    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(actions, "compute", die)
        with pytest.raises(KeyboardInterrupt):
            refresh_rollups(at=NOW)
    assert StaleHour.objects.count() == 1
    refresh_rollups(at=NOW)
    assert DailyMentions.objects.get().captured == 2
