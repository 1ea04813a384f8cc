"""Stops and people against attempts to publish, on connections that really race: who commits second sees the first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from content import gate, publishing
from content.models import Piece, Publication, PublicationDelivery, ReviewPolicy
from content.publishing import publications_out
from content.tasks import publish_due
from engagement.actions.stops import stop_sending
from engagement.models import SendingStop
from engagement.stop_querysets import close_the_door
from listening import networks
from listening.way_out.housekeeping import expire_leases
from roles import clock
from roles.models import Level
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.content.doubles import Square


@pytest.fixture
def square() -> Iterator[Square]:
    made = Square()
    networks._registered()[made.name] = made  # type: ignore[assignment]
    yield made
    networks._registered().pop(made.name, None)


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    cast.organization.level = Level.CREATING
    cast.organization.save()
    with acting_for(cast.organization):
        ReviewPolicy.objects.create(name="Posts", kind="post", waives=True, created_at=clock.now())
        yield cast


def due(acme: Cast, count: int = 1) -> list[Publication]:
    """Publications of Rosa's whose time has come, seen by every connection."""
    channel = factories.channel(network="square")
    return [
        factories.publication(
            factories.variant(factories.piece(author=acme.rosa, department=acme.care), channel=channel),
            due_at=clock.now(),
        )
        for _number in range(count)
    ]


def aside(work: Callable[[], object]) -> threading.Thread:
    """Do it in a thread, and so on a connection of its own, as a worker that acts for nobody."""

    def run() -> None:
        try:
            with acting_for(None):
                work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def worker() -> threading.Thread:
    return aside(lambda: publications_out.deliver_next(now=clock.now))


def coach(acme: Cast, *, afterwards: Callable[[], object] = lambda: None) -> threading.Thread:
    def stop() -> None:
        with acting_for(acme.organization):
            stop_sending(acme.organization, reason="Fire", by=acme.carla, at=clock.now())
            afterwards()

    return aside(stop)


def test_a_stop_that_commits_before_the_attempt_holds_it_back(acme: Cast, square: Square) -> None:
    """The stop has the door; the attempt waits for it, and sees what it committed."""
    (row,) = due(acme)
    with transaction.atomic():
        close_the_door()
        SendingStop.objects.create(reason="Fire", by=acme.carla, started_at=clock.now())
        tries = worker()
        tries.join(0.5)
        assert tries.is_alive(), "The attempt did not wait for the stop."
        assert not PublicationDelivery.objects.exists()
    tries.join(20)
    row.refresh_from_db()
    assert (row.state, row.problem, square.taken) == ("held", "Nothing goes out now: Fire", [])
    assert not PublicationDelivery.objects.exists()


def test_a_stop_that_is_taken_back_before_it_commits_holds_nothing(acme: Cast, square: Square) -> None:
    (row,) = due(acme)
    with transaction.atomic():
        close_the_door()
        SendingStop.objects.create(reason="Fire", by=acme.carla, started_at=clock.now())
        tries = worker()
        tries.join(0.3)
        transaction.set_rollback(True)
    tries.join(20)
    row.refresh_from_db()
    assert row.state == "accepted" and len(square.taken) == 1


def test_a_stop_waits_for_an_attempt_that_has_asked_and_not_begun(
    acme: Cast, square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the commit of the attempt no stop comes: it returns when the attempt is written."""
    (row,) = due(acme)
    inside, go = threading.Event(), threading.Event()

    def slowly(*row: Any, **when: Any) -> str:
        found = gate.stopped(*row, **when)
        inside.set()
        assert go.wait(20)
        return found

    monkeypatch.setattr(publishing, "stopped", slowly)
    tries = worker()
    assert inside.wait(20)
    seen: list[int] = []
    stops = coach(acme, afterwards=lambda: seen.append(PublicationDelivery.objects.count()))
    stops.join(0.5)
    assert stops.is_alive() and not SendingStop.objects.exists(), "The stop did not wait for the attempt."
    go.set()
    tries.join(20)
    stops.join(20)
    row.refresh_from_db()
    assert (seen, len(square.taken), row.state) == ([1], 1, "accepted")


def test_with_a_stop_among_many_attempts_each_is_out_or_held_and_none_begins_after_it(
    acme: Cast, square: Square
) -> None:
    """Whatever the order in which they come to run."""
    rows = due(acme, 24)
    begun = threading.Event()
    square.before = lambda _out: begun.set()
    out_by_then: list[int] = []
    workers = [aside(publish_due) for _number in range(3)]
    assert begun.wait(20)
    stops = coach(acme, afterwards=lambda: out_by_then.append(PublicationDelivery.objects.count()))
    for thread in (stops, *workers):
        thread.join(30)
    states = Counter(Publication.objects.values_list("state", flat=True))
    assert set(states) <= {"accepted", "held"} and states.total() == len(rows), states
    assert [PublicationDelivery.objects.count()] == out_by_then, "One began after the stop was there."
    assert states["accepted"] == len(square.taken) == out_by_then[0]
    assert Publication.objects.before_a_person().count() == states["held"]


def test_an_answer_that_comes_while_its_lease_runs_out_is_written_down(acme: Cast, square: Square) -> None:
    """Whoever looks for dead workers and the worker that lives lock the same rows in the same order."""
    (row,) = due(acme)
    inside, go = threading.Event(), threading.Event()

    def slowly(_out: Any) -> None:
        inside.set()
        assert go.wait(20)

    square.after = slowly
    tries = worker()
    assert inside.wait(20)
    Publication.objects.filter(pk=row.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    with transaction.atomic():
        assert [one.key for one in expire_leases(Publication, at=clock.now())] == [row.pk]
        go.set()
        tries.join(0.7)
        assert tries.is_alive(), "The answer did not wait for the row."
        PublicationDelivery.objects.filter(publication=row).update(finished_at=clock.now(), outcome="unknown")
    tries.join(20)
    row.refresh_from_db()
    assert (row.state, row.deliveries.get().outcome, len(square.taken)) == ("accepted", "accepted", 1)


def test_an_attempt_waits_for_whoever_has_its_piece_and_sees_what_became_of_it(acme: Cast, square: Square) -> None:
    (row,) = due(acme)
    with transaction.atomic():
        piece = Piece.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.variant.piece_id)
        tries = worker()
        tries.join(0.5)
        assert tries.is_alive(), "The attempt did not wait for the piece."
        piece.state = Piece.State.DROPPED
        piece.save(update_fields=["state"])
    tries.join(20)
    row.refresh_from_db()
    assert (square.taken, row.problem) == ([], "It was dropped meanwhile.")
    assert not PublicationDelivery.objects.exists()
