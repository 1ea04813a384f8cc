"""Programs are told what happens: signed, tried again, told once, and nothing of what is internal or gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from listening.actions import webhooks as actions
from listening.models import Mention, OutboundEvent, OutboundWebhook, Post
from listening.networks.webhook import signature
from listening.webhooks import housekeeping, telling
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.listening.receiver import Receiver


@pytest.fixture
def at() -> datetime:
    """Now."""
    return clock.now()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A program that is told what happens."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def outbound(acme: Cast, receiver: Receiver, at: datetime) -> tuple[OutboundWebhook, str]:
    """An address that is told of warnings and of what is heard."""
    events = ["warning.raised", "mention.captured"]
    return actions.add_outbound_webhook(name="Chat", url=receiver.url, events=events, by=acme.carla, at=at)


def _heard(text: str = "Acme leaks") -> Mention:
    return factories.mention(text)


def test_what_is_heard_is_told_once_and_signed(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    row, secret = outbound
    mention = _heard()
    assert [telling.gather(at=clock.now()) for _time in range(3)] == [1, 0, 0]
    assert telling.tell_due(now=clock.now) == 1 and telling.tell_due(now=clock.now) == 0
    ((headers, body),) = receiver.got
    assert signature.is_signed([secret], headers, body, at=clock.now())
    told = json.loads(body)
    assert told["type"] == "mention.captured" and told["data"]["mention"] == mention.pk
    event = OutboundEvent.objects.get()
    assert (event.state, event.status, event.attempts) == ("taken", 200, 1) and headers["webhook-id"] == event.key
    assert row.pk == event.webhook_id


def test_what_was_before_and_what_is_internal_is_not_told(acme: Cast, receiver: Receiver, at: datetime) -> None:
    _heard()
    actions.add_outbound_webhook(
        name="Chat", url=receiver.url, events=["mention.captured"], by=acme.carla, at=clock.now()
    )
    Post.objects.filter(pk=_heard("Acme inside").post_id).update(is_internal=True)
    inside = factories.source(is_internal=True)
    Mention.objects.filter(pk=_heard("Acme at home").pk).update(source=inside)
    assert telling.gather(at=clock.now()) == 0


def test_what_was_taken_back_meanwhile_is_not_told(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    mention = _heard()
    telling.gather(at=clock.now())
    assert "Acme leaks" not in str(OutboundEvent.objects.get().payload), "words are read when they are sent"
    Post.objects.filter(pk=mention.post_id).update(withdrawn_at=clock.now())
    assert telling.tell_due(now=clock.now) == 1
    assert receiver.got == [] and OutboundEvent.objects.get().state == "failed"


def test_one_more_kind_tells_nothing_of_what_was(
    acme: Cast, receiver: Receiver, outbound: tuple[OutboundWebhook, str]
) -> None:
    row, _secret = outbound
    OutboundWebhook.objects.update(events=["warning.raised"], created_at=clock.now() - timedelta(days=300))
    mention = _heard()
    Mention.objects.filter(pk=mention.pk).update(captured_at=clock.now() - timedelta(days=200))
    assert telling.gather(at=clock.now()) == 0
    row.refresh_from_db()
    wanted = {"name": row.name, "url": row.url, "events": ["warning.raised", "mention.captured"], "is_active": True}
    actions.change_outbound_webhook(row, **wanted, by=acme.carla, at=clock.now())
    assert telling.gather(at=clock.now()) == 0
    _heard("Acme now")
    assert telling.gather(at=clock.now()) == 1


def test_many_at_once_are_all_told(
    acme: Cast, outbound: tuple[OutboundWebhook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "GATHERED", 3)
    for number in range(8):
        _heard(f"Acme {number}")
    assert [telling.gather(at=clock.now()) for _time in range(4)] == [3, 3, 2, 0]
    assert OutboundEvent.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_told_all_the_same(acme: Cast, receiver: Receiver, at: datetime) -> None:
    made = actions.add_outbound_webhook(
        name="Chat", url=receiver.url, events=["mention.captured"], by=acme.carla, at=at
    )[0]
    written, go_on = Event(), Event()

    def late() -> None:
        with acting_for(acme.organization), transaction.atomic():
            _heard("Acme late")
            written.set()
            go_on.wait(10)
        connection.close()

    thread = Thread(target=late)
    thread.start()
    assert written.wait(10)
    _heard("Acme early")
    assert telling.gather(at=clock.now()) == 1
    go_on.set()
    thread.join()
    later = clock.now() + timedelta(minutes=1)
    assert telling.gather(at=later) == 1 and telling.gather(at=later) == 0
    assert OutboundEvent.objects.filter(webhook=made).count() == 2


def test_a_silent_receiver_keeps_nobody_waiting(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    row, _secret = outbound
    OutboundWebhook.objects.filter(pk=row.pk).update(url="http://127.0.0.1:9/")
    for number in range(5):
        _heard(f"Acme {number}")
    telling.gather(at=clock.now())
    assert telling.tell_due(now=clock.now) == 1, "one try is enough to know that it does not answer"


def test_it_is_tried_on_a_schedule_and_then_given_up(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    _heard()
    telling.gather(at=clock.now())
    receiver.answers = [500] * (len(telling.SCHEDULE) + 1)
    moment, waits = clock.now(), []
    for _attempt in range(len(telling.SCHEDULE) + 1):
        assert telling.tell_due(now=lambda: moment) == 1  # noqa: B023
        event = OutboundEvent.objects.get()
        waits.append((event.next_attempt_at - moment).total_seconds())
        moment = max(moment, event.next_attempt_at)
    assert waits[:-1] == list(telling.SCHEDULE) and event.state == "failed" and event.problem == "It answered 500."
    actions.tell_again(event, by=acme.carla, at=moment)
    assert telling.tell_due(now=lambda: moment) == 1 and OutboundEvent.objects.get().state == "taken"
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1


def test_gone_for_good_switches_it_off(acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver) -> None:
    _heard()
    telling.gather(at=clock.now())
    receiver.answers = [410]
    telling.tell_due(now=clock.now)
    row = OutboundWebhook.objects.get()
    assert not row.is_active and "410" in row.off_reason
    _heard("Acme again")
    assert telling.gather(at=clock.now()) == 0


def test_what_is_switched_off_is_told_nothing_and_what_waited_comes_when_it_is_on_again(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    row, _secret = outbound
    _heard()
    assert telling.gather(at=clock.now()) == 1
    kept = {"name": row.name, "url": row.url, "events": row.events, "by": acme.carla}
    actions.change_outbound_webhook(row, **kept, is_active=False, at=clock.now())
    assert telling.tell_due(now=clock.now) == 0 and receiver.got == []
    actions.change_outbound_webhook(row, **kept, is_active=True, at=clock.now())
    assert telling.tell_due(now=clock.now) == 1 and len(receiver.got) == 1


def test_a_dead_worker_s_event_goes_out_again(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    _heard()
    telling.gather(at=clock.now())
    assert housekeeping.claim_event(clock.now()) is not None and telling.tell_due(now=clock.now) == 0
    later = clock.now() + housekeeping.LEASE + timedelta(seconds=1)
    assert telling.tell_due(now=lambda: later) == 1 and len(receiver.got) == 1


def test_the_secret_before_signs_beside_the_new_one_for_a_day(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    row, secret = outbound
    row, newer = actions.renew_outbound_secret(row, by=acme.carla, at=clock.now())
    for moment in (clock.now(), clock.now() + timedelta(days=1, minutes=1)):
        _heard(f"Acme {moment}")
        telling.gather(at=moment)
        assert telling.tell_due(now=lambda: moment) == 1  # noqa: B023
        headers, body = receiver.got[-1]
        believed = [signature.is_signed([one], headers, body, at=moment) for one in (newer, secret)]
        assert believed == [True, len(receiver.got) == 1]


def test_private_addresses_are_refused(acme: Cast, receiver: Receiver, settings: Any, at: datetime) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    for url in ("http://127.0.0.1:1/", "http://[::1]/", "file:///etc/passwd", "http://user:pw@example.org/"):
        with pytest.raises(ValidationError):
            actions.add_outbound_webhook(name=url, url=url, events=["warning.raised"], by=acme.carla, at=at)
    with pytest.raises(ValidationError):
        actions.add_outbound_webhook(name="x", url="https://example.org/", events=["nonsense"], by=acme.carla, at=at)


def test_one_s_events_are_another_s_secret(acme: Cast, outbound: tuple[OutboundWebhook, str]) -> None:
    with acting_for(acme.elsewhere):
        _heard("Bolt leaks")
        assert telling.gather(at=clock.now()) == 0 and not OutboundEvent.objects.exists()
    assert telling.gather(at=clock.now()) == 0


def test_the_pages_of_what_is_told(acme: Cast, outbound: tuple[OutboundWebhook, str], sign_in: Any) -> None:
    row, secret = outbound
    carla = sign_in(acme.carla)
    assert carla.post(f"/o/acme/webhooks/out/{row.pk}/try/").status_code == 302
    page = carla.get(f"/o/acme/webhooks/out/{row.pk}/").content.decode()
    assert "webhook.test" in page and secret not in page
    assert "&quot;message&quot;: &quot;This is a test.&quot;" in page, "the log says what was told"
    mention = _heard()
    telling.gather(at=clock.now())
    assert f"/o/acme/mentions/{mention.pk}/" in carla.get(f"/o/acme/webhooks/out/{row.pk}/").content.decode()
    renewed = carla.post(f"/o/acme/webhooks/out/{row.pk}/renew-secret/")
    assert "whsec_" in renewed.content.decode() and renewed.headers["Cache-Control"] == "no-store"
    assert carla.post(f"/o/acme/webhooks/out/{row.pk}/remove/").status_code == 302
    assert not OutboundWebhook.objects.exists() and not OutboundEvent.objects.exists()


def test_over_the_api(acme: Cast, api: Any, receiver: Receiver) -> None:
    carla = api(acme.carla)
    made = carla.post("/api/v1/inbound-webhooks/", {"name": "Shop"}).json()
    assert made["secret"].startswith("whsec_")
    assert "secret" not in carla.get(f"/api/v1/inbound-webhooks/{made['id']}/").json()
    mapped = carla.patch(f"/api/v1/inbound-webhooks/{made['id']}/", {"mapping": {"text": "said"}})
    assert mapped.json()["mapping"]["text"] == "said"
    wanted = {"name": "Chat", "url": receiver.url, "events": ["reply.sent"]}
    told = carla.post("/api/v1/outbound-webhooks/", wanted).json()
    assert carla.post(f"/api/v1/outbound-webhooks/{told['id']}/try/").json()["kind"] == "webhook.test"
    telling.tell_due(now=clock.now)
    assert carla.get("/api/v1/outbound-events/").json()["results"][0]["state"] == "taken"
