"""A forum in the house: two accounts of it side by side, and what it tells by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import polling
from listening.actions import connections, webhooks
from listening.models import Connection, InboundBody, InboundWebhook, Mention, Post, Source
from roles import clock
from roles.models import AuditEntry
from roles.sealing import unseal
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.networks.discourse.double import KEYS, Board
from tests.networks.running import running

LONG = "We are on it, and tell you here when it is done."


@pytest.fixture
def board(settings: Any) -> Iterator[Board]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    found = Board()
    found.say("ben", "Welcome to all who are new here.", title="Welcome")
    with running(found.app()) as address:
        found.address = address
        yield found


def connect(acme: Cast, board: Board, name: str = "acme") -> Connection:
    filled = {"server": board.address, "username": name, "key": KEYS[name]}
    return connections.connect(
        acme.organization, network="discourse", way="key", filled=filled, by=acme.carla, at=clock.now()
    )


def poll() -> None:
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        polling.poll_due(clock.now())


def test_two_accounts_of_one_forum_stand_side_by_side(acme: Cast, board: Board, sign_in: Any) -> None:
    one, other = connect(acme, board), connect(acme, board, "acme_help")
    assert one.pk != other.pk and one.server == other.server
    assert Source.objects.filter(connection=one).count() == Source.objects.filter(connection=other).count() == 2
    RoutingRule.objects.create(name="All", department=acme.care)
    board.say("ada", "Dear @acme, the soup is cold.", topic=1)
    board.say("ada", "@acme_help where is my order?", topic=1)
    poll()
    poll()
    said = {mention.post.text: mention for mention in Mention.objects.all()}
    assert len(said) == 2, "each is there once, though four sources heard it"
    for text, row in (("Dear @acme, the soup is cold.", one), ("@acme_help where is my order?", other)):
        mention = said[text]
        assert mention.channel == row.channels.get(), text
        assignment, rosa = Assignment.objects.get(mention=mention), sign_in(acme.rosa)
        rosa.post(f"/o/acme/queue/{assignment.pk}/claim/")
        rosa.post(f"/o/acme/queue/{assignment.pk}/reply/", {"text": f"{LONG} {row.handle}"})
    with acting_for(None):
        while outbox.deliver_next(now=clock.now):
            pass
    assert {reply.state for reply in Reply.objects.all()} == {Reply.State.ACCEPTED}
    written = {post["username"]: post["reply_to_post_number"] for post in board.posts.values() if LONG in post["raw"]}
    assert written == {"acme": 2, "acme_help": 3}
    poll()
    assert Mention.objects.count() == 2 and Post.objects.filter(is_ours=True).count() == 2, "no word of ours comes back"


def told(row: InboundWebhook, pushed: tuple[dict[str, str], bytes]) -> int:
    headers, body = pushed
    answer = Client().post(f"/hooks/{row.key}/", body, content_type="application/json", headers=headers)
    return int(answer.status_code)


@pytest.fixture
def address(acme: Cast, board: Board) -> tuple[InboundWebhook, str]:
    connect(acme, board)
    source = Source.objects.get(place__startswith="everything")
    Source.objects.exclude(pk=source.pk).delete()
    poll()
    return webhooks.open_address(source, by=acme.carla, at=clock.now())


def test_what_a_forum_tells_is_kept_first_and_heard_without_asking_it(
    acme: Cast, board: Board, address: tuple[InboundWebhook, str]
) -> None:
    row, secret = address
    own = board.say("ada", "Dear @acme, the soup is cold.", topic=1)["id"]
    assert told(row, board.tells("ping", own, secret)) == 202
    assert told(row, board.tells("post_created", own, secret, key="e1")) == 202
    assert told(row, board.tells("post_created", own, secret, key="e1")) == 202, "told again, for thanks was lost"
    body = InboundBody.objects.get(event="post_created")
    assert json.loads(bytes(body.body))["post"]["id"] == own and body.taken_at is None and not Mention.objects.exists()
    asked = len(board.asked)
    poll()
    assert len(board.asked) == asked, "its words came along"
    mention = Mention.objects.get()
    assert mention.channel is not None and mention.post.text == "Dear @acme, the soup is cold."

    board.edit(own, "Dear @acme, the soup is cold, and no spoon.")
    told(row, board.tells("post_edited", own, secret))
    poll()
    assert InboundBody.objects.filter(taken_at=None).count() == 1, "crossed off when its posts are stored, not before"
    post = Post.objects.get(pk=mention.post_id)
    assert (post.text, post.revision_count) == ("Dear @acme, the soup is cold, and no spoon.", 2)
    told(row, board.tells("post_destroyed", own, secret))
    poll()
    post.refresh_from_db()
    assert post.withdrawn_at is not None and post.text == ""
    poll()
    assert not InboundBody.objects.filter(taken_at=None).exists()


def test_what_is_not_the_forums_or_not_for_everybody_is_left_out(
    board: Board, address: tuple[InboundWebhook, str]
) -> None:
    row, secret = address
    own = board.say("ada", "Dear @acme, the soup is cold.", topic=1)["id"]
    headers, body = board.tells("post_created", own, secret)
    assert told(row, board.tells("post_created", own, "another secret")) == 401
    assert told(row, (headers, body.replace(b"cold", b"warm"))) == 401
    assert told(row, ({}, body)) == 401
    row.refresh_from_db()
    assert row.forged == 3 and not InboundBody.objects.exists()
    for changes in ({"topic_archetype": "private_message"}, {"post_type": 4}, {"hidden": True}):
        assert told(row, board.tells("post_created", own, secret, **changes)) == 202
    board.posts[own]["deleted_at"] = "x"
    poll()
    assert not Post.objects.filter(remote_id__endswith=f"/{own}").exists()


def test_what_nobody_told_is_found_by_walking(board: Board, address: tuple[InboundWebhook, str]) -> None:
    row, secret = address
    silent = board.say("ada", "Dear @acme, the soup is cold.", topic=1)["id"]
    own = board.say("ada", "And @acme, the bread is old.", topic=1)["id"]
    told(row, board.tells("post_created", own, secret))
    poll()
    assert not Post.objects.filter(remote_id__endswith=f"/{silent}").exists()
    source = Source.objects.get()
    source.cursor = {**source.cursor, "walked": (clock.now() - timedelta(minutes=6)).isoformat()}
    source.save()
    told(row, board.tells("post_created", own, secret))
    poll()
    assert Mention.objects.count() == 2


def test_a_coach_opens_the_address_and_reads_what_to_do(acme: Cast, board: Board, sign_in: Any, api: Any) -> None:
    connect(acme, board)
    client = sign_in(acme.carla)
    everything = Source.objects.get(place__startswith="everything")
    mentions = Source.objects.get(place__startswith="mentions")
    assert "Let the server tell us at once" in client.get(f"/o/acme/sources/{everything.pk}/").content.decode()
    assert "Let the server tell us at once" not in client.get(f"/o/acme/sources/{mentions.pk}/").content.decode()
    answer = client.post(f"/o/acme/sources/{everything.pk}/open-address/")
    row = InboundWebhook.objects.get()
    page = answer.content.decode()
    assert unseal(row.sealed) in page and f"/hooks/{row.key}/" in page and "make a new one with the address" in page
    assert answer.headers["Cache-Control"] == "no-store" and "JMESPath" not in page
    assert AuditEntry.objects.filter(verb="open_address").count() == 1
    assert unseal(row.sealed) not in client.get(f"/o/acme/webhooks/in/{row.pk}/").content.decode()
    for source, said in (
        (everything, "It has an address already."),
        (mentions, "This source cannot tell us by itself"),
    ):
        assert said in client.post(f"/o/acme/sources/{source.pk}/open-address/", follow=True).content.decode()
    program = api(acme.carla)
    assert program.post(f"/api/v1/sources/{mentions.pk}/open-address/").status_code == 400
    row.delete()
    assert program.post(f"/api/v1/sources/{everything.pk}/open-address/").json()["secret"]
    assert sign_in(acme.gita).post(f"/o/acme/sources/{everything.pk}/open-address/").status_code == 403
    assert sign_in(acme.sam).post(f"/o/acme/sources/{everything.pk}/open-address/").status_code == 404
