"""The crisis stop: whoever begins after it sees it; what it held goes only by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.actions.stops import lift_stop, release_all, release_held, stop_sending
from engagement.models import Assignment, Delivery, Draft, Reply, SendingStop
from engagement.refusals import Refusal
from engagement.stop_querysets import close_the_door
from listening import networks
from roles.models import AuditEntry, Position, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.engagement.doubles import Town
from tests.engagement.writing import Time, deliver


@pytest.fixture
def stop(acme: Cast, now: Time) -> Callable[..., SendingStop]:
    """Stop what goes out, as Carla."""

    def begin(reason: str = "An accident.", **fields: Any) -> SendingStop:
        return stop_sending(acme.organization, reason=reason, by=acme.carla, at=now(), **fields)

    return begin


def state_of(made: Reply) -> str:
    made.refresh_from_db()
    return str(made.state)


def test_nothing_goes_out_and_nothing_goes_by_itself_afterwards(
    acme: Cast, written: Any, town: Town, now: Time, stop: Any
) -> None:
    ready = written()
    made = stop()
    assert state_of(ready) == "held"
    later = written("Written meanwhile.")
    assert (later.state, "An accident." in later.problem) == ("held", True)
    deliver(now)
    lift_stop(made, by=acme.carla, at=now())
    now.pass_by(100_000)
    deliver(now)
    assert (town.texts, state_of(ready), state_of(later)) == ([], "held", "held")
    assert written("After it.").state == "ready"
    deliver(now)
    assert town.texts == ["After it."]


def test_what_was_held_is_let_go_by_hand_one_by_one_or_all(
    acme: Cast, written: Any, town: Town, now: Time, stop: Any
) -> None:
    rows = [written(f"Number {n} of them all.") for n in range(3)]
    made = stop()
    release_held(rows[1], by=acme.carla, at=now())
    deliver(now)
    assert town.texts == ["Number 1 of them all."]
    assert release_all(acme.organization, by=acme.carla, at=now()) == 0
    lift_stop(made, by=acme.carla, at=now())
    assert release_all(acme.organization, by=acme.carla, at=now()) == 2
    deliver(now)
    assert sorted(town.texts) == ["Number 0 of them all.", "Number 1 of them all.", "Number 2 of them all."]
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs >= {"stop_sending", "lift_stop", "release_held"}


def test_a_later_stop_holds_again_what_was_let_go(acme: Cast, written: Any, town: Town, now: Time, stop: Any) -> None:
    made = written()
    first = stop()
    release_held(made, by=acme.carla, at=now())
    lift_stop(first, by=acme.carla, at=now())
    now.pass_by(5)
    stop("Another accident.")
    deliver(now)
    assert (state_of(made), town.texts) == ("held", [])


def test_a_stop_has_a_reach(acme: Cast, written: Any, town: Town, now: Time, stop: Any) -> None:
    elsewhere = stop(network="practice")
    press = stop(department=acme.press)
    assert written().state == "ready"
    deliver(now)
    assert len(town.texts) == 1
    lift_stop(elsewhere, by=acme.carla, at=now())
    lift_stop(press, by=acme.carla, at=now())
    stop(department=acme.care)
    assert written("Of customer care.").state == "held"


def test_the_network_s_own_wait_does_not_slip_through(
    acme: Cast, written: Any, town: Town, now: Time, stop: Any
) -> None:
    made = written()
    Reply.objects.filter(pk=made.pk).update(next_attempt_at=now.at.replace(year=2999))
    lift_stop(stop(), by=acme.carla, at=now())
    assert state_of(made) == "held"


def test_held_it_may_be_given_up(acme: Cast, written: Any, now: Time, stop: Any) -> None:
    stop()
    made = written()
    settle_delivery(made, decision="give_up", by=acme.rosa, at=now())
    assert (state_of(made), Draft.objects.get().text) == ("cancelled", "We are on it.")


def test_sending_again_is_held_too(acme: Cast, written: Any, town: Town, now: Time, stop: Any) -> None:
    made = written()
    Reply.objects.filter(pk=made.pk).update(state="refused", put_before_person_at=now())
    stop()
    settle_delivery(made, decision="send_again", by=acme.rosa, at=now())
    assert state_of(made) == "held"


def test_only_coaches_and_owners_stop_and_a_reason_is_needed(acme: Cast, now: Time, stop: Any) -> None:
    with pytest.raises(PermissionDenied):
        stop_sending(acme.organization, reason="No.", by=acme.rosa, at=now())
    for wrong in ({"reason": "  "}, {"reason": "x", "network": "nowhere"}):
        with pytest.raises(ValidationError):
            stop(**wrong)
    stop()
    with pytest.raises(Refusal, match="already"):
        stop()
    made = SendingStop.objects.get()
    lift_stop(made, by=acme.olga, at=now())
    with pytest.raises(Refusal, match="already"):
        lift_stop(made, by=acme.olga, at=now())


def test_the_pages_say_so_and_let_go(
    acme: Cast, written: Any, claimed: Any, town: Town, now: Time, sign_in: Any
) -> None:
    carla, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    assert carla.post("/o/acme/stop/begin/", {"reason": ""}).status_code == 422
    assert carla.get("/o/acme/stop/begin/").status_code == 405
    assert carla.post("/o/acme/stop/begin/", {"reason": "<i>Fire</i>"}).status_code == 302
    made, row = written(), claimed(network="town")
    for address in ("/o/acme/queue/", f"/o/acme/queue/{row.pk}/"):
        page = rosa.get(address).content.decode()
        assert "Crisis stop" in page and "&lt;i&gt;Fire&lt;/i&gt;" in page, address
    assert "We are on it." in carla.get("/o/acme/stop/").content.decode()
    assert rosa.get("/o/acme/stop/").status_code == 403
    carla.post(f"/o/acme/stop/{SendingStop.objects.get().pk}/lift/")
    assert state_of(made) == "held"
    carla.post("/o/acme/stop/release-all/")
    assert state_of(made) == "ready"


def test_over_the_api(acme: Cast, written: Any, town: Town, now: Time, api: Any) -> None:
    carla = api(acme.carla)
    made = carla.post("/api/v1/sending-stops/", {"reason": "Fire"})
    assert made.status_code == 201, made.json()
    held = written()
    assert api(acme.rosa).post("/api/v1/sending-stops/", {"reason": "Mine"}).status_code == 403
    assert [one["id"] for one in carla.get("/api/v1/sending-stops/?in_force=true").json()["results"]] == [
        made.json()["id"]
    ]
    assert carla.post("/api/v1/sending-stops/", {"reason": "Again"}).status_code == 409
    assert carla.post(f"/api/v1/sending-stops/{made.json()['id']}/lift/").json()["lifted_by"]["name"] == "Carla"
    assert carla.post("/api/v1/sending-stops/release-all/").json() == {"released": 1}
    assert state_of(held) == "ready"


def test_the_page_costs_the_same_for_one_and_for_many(
    acme: Cast, written: Any, now: Time, stop: Any, sign_in: Any
) -> None:
    stop()
    carla = sign_in(acme.carla)

    def count() -> int:
        carla.get("/o/acme/stop/")
        with CaptureQueriesContext(connection) as queries:
            carla.get("/o/acme/stop/")
        return len(queries)

    written()
    one = count()
    for number in range(12):
        written(f"Number {number} of them all.")
    assert count() == one


@pytest.fixture
def committed(transactional_db: None) -> Any:
    """Acme with one reply that a worker has claimed, seen by every connection."""
    cast, now, town = assemble(), Time(), Town()
    networks._registered()[town.name] = town  # type: ignore[assignment]
    with acting_for(cast.organization):
        post = factories.post(network="town")
        row = factories.assignment(
            department=cast.care, member=cast.rosa, state="claimed", claimed_at=now(),
            mention=factories.mention(post=post, department=cast.care),
        )  # fmt: skip
        made = reply(row, text="We are on it.", by=cast.rosa, at=now(), channel=factories.channel(network="town"))
        yield cast, now, town, made
    del networks._registered()[town.name]


def aside(work: Callable[[], object]) -> threading.Thread:
    """Do it in a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_a_stop_that_commits_before_the_attempt_is_seen_by_it(committed: Any) -> None:
    """The stop holds the door; the attempt waits for it, and sees what it committed."""
    cast, now, town, made = committed
    with transaction.atomic():
        close_the_door()
        SendingStop.objects.create(reason="Fire", by=cast.carla, started_at=now())
        worker = aside(lambda: outbox.deliver_next(now=now))
        worker.join(0.7)
        assert worker.is_alive(), "The attempt did not wait for the stop."
        assert not Delivery.objects.exists()
    worker.join(20)
    assert (state_of(made), town.texts, Delivery.objects.count()) == ("held", [], 0)


def test_a_stop_waits_for_an_attempt_that_has_begun(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt inside its transaction ends first; the stop returns only when its row is there."""
    cast, now, town, made = committed
    inside, go = threading.Event(), threading.Event()
    kept_back = outbox.kept_back

    def slowly(row: Reply, **when: Any) -> bool:
        found = kept_back(row, **when)
        inside.set()
        assert go.wait(20)
        return found

    monkeypatch.setattr(outbox, "kept_back", slowly)
    worker = aside(lambda: outbox.deliver_next(now=now))
    assert inside.wait(20)
    seen: list[int] = []

    def stop() -> None:
        with acting_for(cast.organization):
            stop_sending(cast.organization, reason="Fire", by=cast.carla, at=now())
            seen.append(Delivery.objects.count())

    coach = aside(stop)
    coach.join(0.7)
    assert coach.is_alive(), "The stop did not wait for the attempt."
    go.set()
    worker.join(20)
    coach.join(20)
    assert (seen, town.texts, state_of(made)) == ([1], ["We are on it."], "accepted")


def test_with_stops_and_writers_at_once_nothing_ready_is_left_behind(committed: Any) -> None:
    cast, now, _town, _made = committed

    def write() -> None:
        with acting_for(cast.organization):
            for _number in range(4):
                post = factories.post(network="town")
                row = factories.assignment(
                    department=cast.care, member=cast.rosa, state="claimed", claimed_at=now(),
                    mention=factories.mention(post=post, department=cast.care),
                )  # fmt: skip
                reply(row, text="We are on it.", by=cast.rosa, at=now())

    writers = [aside(write) for _ in range(3)]
    stop_sending(cast.organization, reason="Fire", by=cast.carla, at=now())
    for writer in writers:
        writer.join(30)
    assert Reply.objects.count() == 13
    assert set(Reply.objects.values_list("state", flat=True)) == {"held"}
    assert Assignment.objects.count() == 13
    assert Position.objects.filter(role=Role.COACH).exists()
