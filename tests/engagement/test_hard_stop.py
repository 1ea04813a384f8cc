"""Sending stops where somebody answered meanwhile, or where the post is not what was read; the text is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.models import Assignment, Draft, Reply
from engagement.refusals import Changed
from listening.models import Author, Post, Revision
from tests import factories
from tests.cast import Cast
from tests.engagement.doubles import Town

Given = Callable[..., Assignment]


@pytest.fixture
def asked(acme: Cast, claimed: Given, town: Town) -> Assignment:
    """A question in the town, that Rosa has claimed."""
    factories.channel(network="town", handle="acme")
    row = claimed(network="town")
    Post.objects.filter(pk=row.mention.post_id).update(conversation="talk", in_reply_to="")
    return Assignment.objects.with_mentions().get(pk=row.pk)


def edit(post: Post, text: str, at: datetime) -> None:
    Revision.objects.create(post=post, number=post.revision_count, text=post.text, seen_at=at)
    Post.objects.filter(pk=post.pk).update(text=text, edited_at=at, revision_count=post.revision_count + 1)


def answer_there(row: Assignment, text: str = "Yes, from the app.") -> Post:
    ours = Author.objects.create(network="town", remote_id="us", name="Acme")
    post = row.mention.post
    return factories.post(
        text, network="town", conversation="talk", in_reply_to=post.remote_id, is_ours=True, author=ours
    )


def seen(row: Assignment) -> dict[str, Any]:
    return {"seen_version": row.version, "seen_revision": row.mention.post.revision_count,
            "seen_until": row.mention.post_id}  # fmt: skip


def test_an_edit_since_it_was_read_stops_it_and_is_shown(acme: Cast, asked: Assignment, at: datetime) -> None:
    read = seen(asked)
    edit(asked.mention.post, "Never mind, it works.", at)
    with pytest.raises(Changed) as stopped:
        reply(asked, text="Yes.", by=acme.rosa, at=at, **read)
    assert (stopped.value.before, stopped.value.now) == ("Is Acme down?", "Never mind, it works.")
    assert (Reply.objects.count(), Draft.objects.get().text) == (0, "Yes.")


def test_whoever_has_seen_the_edit_may_send_all_the_same(acme: Cast, asked: Assignment, at: datetime) -> None:
    edit(asked.mention.post, "Is Acme down today?", at)
    now = Assignment.objects.with_mentions().get()
    assert reply(now, text="Yes.", by=acme.rosa, at=at, **seen(now)).post_revision == 2


def test_an_answer_of_our_own_at_the_network_stops_it(acme: Cast, asked: Assignment, at: datetime) -> None:
    read = seen(asked)
    theirs = answer_there(asked)
    with pytest.raises(Changed, match="Acme has answered this at the network") as stopped:
        reply(asked, text="Yes.", by=acme.rosa, at=at, **read)
    assert (stopped.value.now, stopped.value.until) == ("Yes, from the app.", theirs.pk)
    assert Draft.objects.get().text == "Yes."
    made = reply(asked, text="Yes.", by=acme.rosa, at=at, **{**read, "seen_until": stopped.value.until})
    assert made.state == "ready"


def test_our_own_replies_that_come_back_are_no_strangers(
    acme: Cast, asked: Assignment, town: Town, at: datetime
) -> None:
    read = seen(asked)
    reply(asked, text="First.", by=acme.rosa, at=at, resolves=False, **read)
    assert outbox.deliver_next(now=lambda: at)
    echo = answer_there(asked, "First.")
    Post.objects.filter(pk=echo.pk).update(remote_id=Reply.objects.get().remote_id)
    now = Assignment.objects.with_mentions().get()
    assert reply(now, text="Second.", by=acme.rosa, at=at, **{**read, "seen_version": now.version})


def test_an_answer_to_somebody_else_in_the_thread_is_none_to_this(acme: Cast, asked: Assignment, at: datetime) -> None:
    other = answer_there(asked)
    Post.objects.filter(pk=other.pk).update(in_reply_to="somebody else")
    assert reply(asked, text="Yes.", by=acme.rosa, at=at, **seen(asked)).state == "ready"


def test_a_post_that_was_taken_down_is_never_answered(acme: Cast, asked: Assignment, at: datetime) -> None:
    read = seen(asked)
    Post.objects.filter(pk=asked.mention.post_id).update(withdrawn_at=at, text="")
    for _again in range(2):
        with pytest.raises(PermissionDenied, match="withdrawn"):
            reply(Assignment.objects.get(), text="Yes.", by=acme.rosa, at=at, **read)
    assert Draft.objects.get().text == "Yes."


@pytest.mark.parametrize("what", ["edited", "answered", "taken down"])
def test_what_waited_in_the_outbox_is_looked_at_once_more(
    acme: Cast, asked: Assignment, town: Town, at: datetime, what: str
) -> None:
    made = reply(asked, text="Yes.", by=acme.rosa, at=at)
    if what == "edited":
        edit(asked.mention.post, "Never mind.", at)
    elif what == "answered":
        answer_there(asked)
    else:
        Post.objects.filter(pk=asked.mention.post_id).update(withdrawn_at=at, text="")
    assert outbox.deliver_next(now=lambda: at)
    made.refresh_from_db()
    assert (town.taken, made.state, Draft.objects.get().text) == ([], "refused", "Yes.")
    assert made.put_before_person_at == at
    if what == "taken down":
        return
    settle_delivery(made, decision="send_again", by=acme.rosa, at=at)
    assert outbox.deliver_next(now=lambda: at)
    assert town.texts == ["Yes."]
