"""Programs send us posts, and are told what happens: kept before thanks, signed, tried again, given once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from listening import polling
from listening.actions import webhooks as actions
from listening.housekeeping import claim_one
from listening.models import InboundBody, InboundWebhook, Mention, OutboundEvent, OutboundWebhook, Post, Source
from listening.networks.webhook import signature
from listening.networks.webhook.mapping import FIELDS, Unmapped, check_expression, map_body
from listening.webhooks import housekeeping, receiving, telling
from roles import clock
from roles.models import AuditEntry
from roles.sealing import unseal
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

REVIEW = {
    "review": {"key": 7, "stars": 2, "said": "Acme’s kettle <b>leaks</b>.", "who": {"name": "Ada"}, "on": 1764150000},
}
MAPPING = {
    "posts": "review", "id": "key", "text": "said", "author_name": "who.name", "published_at": '"on"', "title": "",
}  # fmt: skip


@pytest.fixture
def at() -> datetime:
    """Now."""
    return clock.now()


@pytest.fixture
def inbound(acme: Cast, at: datetime) -> tuple[InboundWebhook, str]:
    """An address with its secret, and a mapping for reviews."""
    row, secret = actions.add_inbound_webhook(name="Reviews", by=acme.carla, at=at)
    return actions.map_inbound_webhook(row, mapping=MAPPING, by=acme.carla, at=at), secret


def _send(
    row: InboundWebhook, secret: str, said: Any, *, key: str = "m1", at: datetime | None = None
) -> tuple[int, bytes]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = signature.sign(secret, key=key, at=at or clock.now(), body=body)
    answer = Client().post(f"/hooks/{row.key}/", body, content_type="application/json", headers=headers)
    return answer.status_code, body


def _poll() -> None:
    """Visit the source once, whether it is due or not."""
    Source.objects.update(next_poll_at=clock.now(), lease_until=None)
    claim = claim_one(Source.objects.get(), clock.now())
    assert claim is not None
    polling.poll_batch([claim], at=clock.now())


def test_what_is_sent_becomes_a_mention(acme: Cast, inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    factories.query("acme")
    assert _send(row, secret, REVIEW)[0] == 202
    assert InboundBody.objects.get().taken_at is None, "it is kept before it is read"
    _poll()
    post = Post.objects.get()
    assert (post.text, str(post.author)) == ("Acme’s kettle leaks.", "Ada") and Mention.objects.count() == 1
    assert post.published_at == datetime(2025, 11, 26, 9, 40, tzinfo=UTC)
    _poll()
    assert InboundBody.objects.get().taken_at is not None


def test_the_same_message_is_kept_once_and_a_newer_word_is_an_edit(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    assert [_send(row, secret, REVIEW)[0] for _time in range(2)] == [202, 202]
    assert InboundBody.objects.count() == 1
    _poll()
    _send(row, secret, {"review": {**REVIEW["review"], "said": "Acme mended it."}}, key="m2")
    _poll()
    assert Post.objects.get().text == "Acme mended it."


def test_a_worker_that_dies_before_the_posts_are_stored_reads_them_again(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    _send(row, secret, REVIEW)
    _poll()
    Post.objects.all().delete()
    Source.objects.update(cursor={})
    _poll()
    assert Post.objects.count() == 1 and InboundBody.objects.get().taken_at is None


def test_who_does_not_sign_right_is_refused(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    old = clock.now() - timedelta(minutes=6)
    assert _send(row, signature.new_secret(), REVIEW)[0] == 401
    assert _send(row, secret, REVIEW, at=old)[0] == 401
    plain = Client().post(f"/hooks/{row.key}/", b"{}", content_type="application/json")
    assert plain.status_code == 401 and InboundBody.objects.count() == 0
    row.refresh_from_db()
    assert row.forged == 3
    assert Client().post("/hooks/unknown/", b"{}", content_type="application/json").status_code == 404
    assert Client().get(f"/hooks/{row.key}/").status_code == 405
    large = b"x" * 1_000_001
    assert Client().post(f"/hooks/{row.key}/", large, content_type="application/json").status_code == 413


def test_the_secret_before_lives_a_day(acme: Cast, inbound: tuple[InboundWebhook, str], at: datetime) -> None:
    row, secret = inbound
    row, newer = actions.renew_inbound_secret(row, by=acme.carla, at=clock.now())
    assert _send(row, secret, REVIEW, key="a")[0] == _send(row, newer, REVIEW, key="b")[0] == 202
    InboundWebhook.objects.update(before_until=clock.now())
    assert _send(row, secret, REVIEW, key="c")[0] == 401
    assert unseal(InboundWebhook.objects.get().sealed) == newer and newer not in InboundWebhook.objects.get().sealed
    assert not AuditEntry.objects.filter(after__icontains=newer).exists()


def test_what_cannot_be_mapped_says_why_and_is_crossed_off(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    _send(row, secret, b"no json", key="a")
    _send(row, secret, {"other": 1}, key="b")
    _poll()
    _poll()
    problems = list(InboundBody.objects.order_by("pk").values_list("problem", flat=True))
    assert problems == ["The body is not JSON.", "There is nothing at “review” in the body."]
    assert Post.objects.count() == 0


def test_one_body_does_not_keep_the_others_waiting(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    for number, date in enumerate(("\x00 yesterday", "\ud800", "today")):
        _send(row, secret, {"review": {**REVIEW["review"], "key": number, "on": date}}, key=str(number))
    deep = b"[" * 100_000 + b"]" * 100_000
    _send(row, secret, deep, key="deep")
    _poll()
    _poll()
    assert Post.objects.count() == 3 and not InboundBody.objects.filter(taken_at=None).exists()


@pytest.mark.parametrize("expression", ["[@,@]|[@,@]", "{a: @, b: @}", "join(',', @)", "a[*].[b, c]"])
def test_an_expression_only_finds(expression: str) -> None:
    with pytest.raises(Unmapped, match="say only where"):
        check_expression(expression)
    assert check_expression("a.b[0] || c[?d == 'x'].e | [0]")


def test_too_many_at_once_are_asked_to_come_later(
    inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, secret = inbound
    monkeypatch.setattr(receiving, "MOST_WAITING", 2)
    assert [_send(row, secret, REVIEW, key=str(number))[0] for number in range(3)] == [202, 202, 429]
    assert _send(row, secret, REVIEW, key="1")[0] == 202, "what is kept already is thanked for again"


def test_two_long_ids_are_two_and_old_bodies_go(
    inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, secret = inbound
    monkeypatch.setattr(receiving, "KEPT_BODIES", 1)
    for end in "ab":
        _send(row, secret, REVIEW, key="x" * 200 + end)
    assert InboundBody.objects.count() == 2
    _poll()
    _poll()
    assert sorted(len(bytes(body.body)) > 0 for body in InboundBody.objects.all()) == [False, True]


def test_a_paused_source_asks_to_come_again(acme: Cast, inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    Source.objects.update(state="paused")
    assert _send(row, secret, REVIEW)[0] == 503
    Source.objects.update(state="closed")
    assert _send(row, secret, REVIEW)[0] == 410


def test_a_wrong_expression_is_told_at_its_field(acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any) -> None:
    row, _secret = inbound
    carla = sign_in(acme.carla)
    page = carla.post(f"/o/acme/webhooks/in/{row.pk}/", {**FIELDS, "text": "a..b"})
    assert page.status_code == 422 and "cannot be read" in page.content.decode()
    with pytest.raises(ValidationError):
        actions.map_inbound_webhook(row, mapping={"text": "("}, by=acme.carla, at=clock.now())


def test_the_page_shows_what_came_last_as_it_is_read(
    acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any
) -> None:
    row, secret = inbound
    _send(row, secret, {"review": {**REVIEW["review"], "said": "<script>alert(1)</script>Leaks"}})
    carla = sign_in(acme.carla)
    page = carla.get(f"/o/acme/webhooks/in/{row.pk}/").content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page and "Leaks" in page
    tried = carla.post(f"/o/acme/webhooks/in/{row.pk}/", {**FIELDS, **MAPPING, "text": "who.name", "try": "1"})
    assert '<dd dir="auto">Ada</dd>' in tried.content.decode()
    row.refresh_from_db()
    assert row.mapping["text"] == "said", "trying saves nothing"
    assert secret not in page and "/hooks/" in page


def test_only_who_may_sees_them(acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any) -> None:
    assert sign_in(acme.rosa).get("/o/acme/webhooks/").status_code == 403
    assert sign_in(acme.carla).get("/o/acme/webhooks/").status_code == 200


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)))
def test_any_json_is_read_or_refused(said: Any) -> None:
    for whole in (said, {"text": said, "id": said, "url": said, "date": said, "author": said, "deleted": said}):
        with suppress(Unmapped):
            assert all(post.id for post in map_body(json.dumps(whole).encode(), FIELDS).posts)


class Receiver:
    """Takes what it is told; `answers` are the next statuses, then it is content."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        me = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                me.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(me.answers.pop(0) if me.answers else 200)
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


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


def test_a_dead_worker_s_event_goes_out_again(
    acme: Cast, outbound: tuple[OutboundWebhook, str], receiver: Receiver
) -> None:
    _heard()
    telling.gather(at=clock.now())
    assert housekeeping.claim_event(clock.now()) is not None and telling.tell_due(now=clock.now) == 0
    later = clock.now() + housekeeping.LEASE + timedelta(seconds=1)
    assert telling.tell_due(now=lambda: later) == 1 and len(receiver.got) == 1


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
