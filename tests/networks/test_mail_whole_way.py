"""A mail on its whole way: heard in a mailbox, routed, answered from the queue, seen in the mailbox that it went to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from engagement import outbox
from engagement.models import Assignment, Delivery, Reply, RoutingRule
from listening import polling
from listening.actions.connections import connect
from listening.models import Connection, Mention, Source
from roles import clock
from tests.cast import Cast
from tests.listening.networks.mail.servers import PASSWORD, Mailboxes, mail_servers

ADDRESS = "support@acme.example"


@pytest.fixture
def boxes(settings: Any) -> Iterator[Mailboxes]:
    """Both servers, reachable for the application."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with mail_servers() as made:
        yield made


@pytest.fixture
def connected(acme: Cast, boxes: Mailboxes) -> Connection:
    """The mailbox, connected, listened to and spoken from."""
    filled = {
        "address": ADDRESS,
        "name": "Acme",
        "password": PASSWORD,
        "imap": f"none://127.0.0.1:{boxes.imap_port}",
        "smtp": f"none://127.0.0.1:{boxes.smtp_port}",
    }
    return connect(acme.organization, network="mail", way="password", filled=filled, by=acme.carla, at=clock.now())


def _write(boxes: Mailboxes, number: int = 1) -> None:
    said = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000"
    boxes.put(
        f"From: Ada <ada@example.org>\r\nTo: {ADDRESS}\r\nSubject: Leak\r\nMessage-ID: <{number}@example.org>\r\n"
        f"Date: {said}\r\n\r\nMy kettle leaks.\r\n".encode()
    )


def _answer(acme: Cast, sign_in: Any) -> Reply:
    row = Assignment.objects.get()
    rosa = sign_in(acme.rosa)
    shown = rosa.post(f"/o/acme/queue/{row.pk}/claim/", follow=True).content.decode()
    channel = re.findall(r'name="channel" value="(\d+)"', shown)[0]
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "A new seal is on its way.", "channel": channel})
    return Reply.objects.get()


def test_a_mail_is_heard_routed_answered_and_seen(
    acme: Cast, boxes: Mailboxes, connected: Connection, sign_in: Any
) -> None:
    RoutingRule.objects.create(name="All", department=acme.care)
    _write(boxes)
    assert polling.poll_due(clock.now()) == 1
    assert Mention.objects.get().post.text == "My kettle leaks.", "what is addressed to us is a mention"
    _answer(acme, sign_in)
    assert outbox.deliver_next(now=clock.now)
    assert Reply.objects.get().state == Reply.State.ACCEPTED
    ((_sender, _to, raw),) = boxes.taken
    message = message_from_bytes(raw, policy=policy.default)
    assert message["To"] == "Ada <ada@example.org>" and message["In-Reply-To"] == "<1@example.org>"
    assert message.get_content().strip() == "A new seal is on its way."  # type: ignore[attr-defined]
    Source.objects.update(next_poll_at=clock.now())
    polling.poll_due(clock.now())
    assert Mention.objects.count() == 1, "the copy in our own mailbox is ours, and no mention"


def test_a_lost_answer_is_found_and_nothing_goes_out_twice(
    acme: Cast, boxes: Mailboxes, connected: Connection, sign_in: Any
) -> None:
    RoutingRule.objects.create(name="All", department=acme.care)
    _write(boxes)
    polling.poll_due(clock.now())
    _answer(acme, sign_in)
    boxes.lose_next_answer = True
    assert outbox.deliver_next(now=clock.now)
    assert Reply.objects.get().state == Reply.State.UNKNOWN
    Reply.objects.update(next_attempt_at=clock.now())
    assert outbox.look_next(now=clock.now)
    assert Reply.objects.get().state == Reply.State.ACCEPTED and len(boxes.taken) == 1
    assert list(Delivery.objects.order_by("pk").values_list("kind", "outcome")) == [
        ("send", "unknown"), ("look", "found"),
    ]  # fmt: skip


def test_a_changed_password_stops_it_with_the_reason(
    acme: Cast, boxes: Mailboxes, connected: Connection, sign_in: Any
) -> None:
    boxes.password = "another"
    for _time in range(3):
        Source.objects.update(next_poll_at=clock.now(), lease_until=None)
        polling.poll_due(clock.now())
    assert "app password" in Source.objects.get().problem
    page = sign_in(acme.carla).get("/o/acme/connections/").content.decode()
    assert PASSWORD not in page and ADDRESS in page
