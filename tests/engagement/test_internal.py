"""What was said internally is never answered in public: refused by the rule, and once more as the reply goes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.models import Assignment, Reply
from engagement.refusals import Refusal
from listening.actions.sources import change_source
from listening.models import Channel, Post, Source
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.conftest import ApiClient
from tests.engagement.doubles import Town

REASON = "internally"


@pytest.fixture
def about(acme: Cast, town: Town, claimed: Callable[..., Assignment]) -> Callable[..., Assignment]:
    """Make an assignment that Rosa has claimed, about a post of a source."""

    def make(**fields: Any) -> Assignment:
        Channel.objects.get_or_create(network="town", defaults={"account_id": "1", "handle": "acme", "name": "Acme"})
        source = factories.source(network="town", **fields)
        post = factories.post(network="town", source=source)
        return claimed(mention=factories.mention(post=post, source=source, department=acme.care, state="routed"))

    return make


def deliver(at: datetime) -> None:
    with acting_for(None):
        while outbox.deliver_next(now=lambda: at):
            pass


def make_internal(source: Source, acme: Cast, at: datetime, *, is_internal: bool = True) -> None:
    change_source(source, name=source.name, is_internal=is_internal, by=acme.carla, at=at)


def test_the_rule_refuses_what_an_internal_source_brought(acme: Cast, about: Any, at: datetime) -> None:
    row = about()
    make_internal(Source.objects.get(), acme, at)
    with pytest.raises(PermissionDenied, match=REASON):
        reply(row, text="Yes.", by=acme.rosa, at=at)
    assert not Reply.objects.exists()


def test_the_rule_looks_at_the_source_too(acme: Cast, about: Any, at: datetime) -> None:
    """A post that was written down at the very moment in which its source became internal."""
    row = about(is_internal=True)
    assert not Post.objects.get().is_internal
    with pytest.raises(PermissionDenied, match=REASON):
        reply(row, text="Yes.", by=acme.rosa, at=at)


def test_what_was_internal_once_stays_so(acme: Cast, about: Any, at: datetime) -> None:
    row, source = about(), Source.objects.get()
    make_internal(source, acme, at)
    make_internal(source, acme, at, is_internal=False)
    assert Post.objects.get().is_internal
    with pytest.raises(PermissionDenied, match=REASON):
        reply(row, text="Yes.", by=acme.rosa, at=at)


def test_the_outbox_refuses_when_the_source_became_internal_after_writing(
    acme: Cast, about: Any, town: Town, at: datetime
) -> None:
    made = reply(about(), text="Yes.", by=acme.rosa, at=at)
    make_internal(Source.objects.get(), acme, at)
    deliver(at)
    made.refresh_from_db()
    assert (town.texts, made.state) == ([], "refused")
    assert REASON in made.problem
    assert not made.deliveries.exists()
    with pytest.raises(Refusal, match=REASON):
        settle_delivery(made, decision="send_again", by=acme.rosa, at=at)


def test_the_outbox_does_not_rely_on_the_rule(
    acme: Cast, about: Any, town: Town, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reply(about(), text="Yes.", by=acme.rosa, at=at)
    monkeypatch.setattr(outbox, "decide", lambda *_asked: True)
    Post.objects.update(is_internal=True)
    deliver(at)
    made.refresh_from_db()
    assert (town.texts, made.state) == ([], "refused")


@pytest.mark.django_db(transaction=True)
def test_a_delivery_waits_for_who_makes_the_source_internal(acme: Cast, about: Any, town: Town, at: datetime) -> None:
    made = reply(about(), text="Yes.", by=acme.rosa, at=at)

    def worker() -> None:
        deliver(at)
        connection.close()

    thread = Thread(target=worker)
    with transaction.atomic():
        make_internal(Source.objects.get(), acme, at)
        thread.start()
        thread.join(timeout=1.0)
        assert thread.is_alive()
        assert town.texts == []
    thread.join(timeout=20)
    made.refresh_from_db()
    assert (town.texts, made.state) == ([], "refused")


def test_pages_and_api_say_so(
    acme: Cast, about: Any, at: datetime, sign_in: Callable[[Any], Client], api: Callable[[Any], ApiClient]
) -> None:
    row = about()
    make_internal(Source.objects.get(), acme, at)
    rosa = sign_in(acme.rosa)
    shown = rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert 'id="reply_text"' not in shown
    assert "it can never be answered in public" in shown
    assert "Internal" in rosa.get("/o/acme/queue/").content.decode()
    mention = sign_in(acme.gita).get(f"/o/acme/mentions/{row.mention_id}/").content.decode()
    assert "never to be answered in public" in mention
    answer = api(acme.rosa).post("/api/v1/replies/", {"assignment": row.pk, "text": "Yes."})
    assert answer.status_code == 403
    assert REASON in answer.json()["detail"]
    assert not Reply.objects.exists()
