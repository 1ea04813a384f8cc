"""Snoozed until something happens: the author writes again, the post is edited; two weeks at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from engagement.actions.assignments import snooze
from engagement.models import Assignment, Satisfaction
from engagement.reason_words import in_words
from listening.ingest import ingest
from listening.models import Post, Source
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from tests import factories
from tests.cast import Cast

PABLO, KIM = RemoteAuthor(id="1", handle="pablo"), RemoteAuthor(id="2", handle="kim")


@pytest.fixture
def field(acme: Cast) -> Source:
    return factories.source(network="practice", place="everything")


@pytest.fixture
def hear(field: Source, at: datetime) -> Callable[..., None]:
    """Have the practice field say something."""

    def say(key: str, text: str, author: RemoteAuthor, minutes: int = 0, **fields: Any) -> None:
        moment = at + timedelta(minutes=minutes)
        post = RemotePost(id=key, text=text, author=author, published_at=moment, conversation="1", **fields)
        ingest(field, Page(posts=(post,)), at=moment)

    return say


@pytest.fixture
def asked(acme: Cast, hear: Callable[..., None], at: datetime) -> Assignment:
    factories.query("acme")
    hear("1", "Is Acme down?", PABLO)
    post = Post.objects.get()
    return factories.assignment(
        department=acme.care, member=acme.rosa, state="claimed", claimed_at=at, mention=post.mention
    )


def test_the_author_wakes_it_by_writing_again(acme: Cast, asked: Assignment, hear: Any, at: datetime) -> None:
    snooze(asked, wakes_on="author_writes", by=acme.rosa, at=at)
    hear("2", "I have it too", KIM, 1, in_reply_to="1")
    asked.refresh_from_db()
    assert (asked.state, asked.snoozed_until) == ("snoozed", at + timedelta(days=14))
    hear("3", "It is back", PABLO, 2, in_reply_to="1")
    asked.refresh_from_db()
    assert (asked.state, asked.wakes_on) == ("claimed", "")
    assert in_words(asked.reasons)[-1] == "It is awake because the author wrote again."


def test_an_edit_wakes_what_waits_for_it(acme: Cast, asked: Assignment, hear: Any, at: datetime) -> None:
    snooze(asked, wakes_on="post_edited", until=at + timedelta(days=1), by=acme.rosa, at=at)
    hear("3", "And Acme's shop?", PABLO, 1, in_reply_to="1")
    asked.refresh_from_db()
    assert (asked.state, asked.snoozed_until) == ("snoozed", at + timedelta(days=1))
    hear("1", "Is Acme down? Edit: no.", PABLO, updated_at=at + timedelta(minutes=2))
    asked.refresh_from_db()
    assert asked.state == "claimed"


def test_it_sleeps_until_a_time_or_an_event_and_nothing_else(acme: Cast, asked: Assignment, at: datetime) -> None:
    with pytest.raises(ValidationError):
        snooze(asked, by=acme.rosa, at=at)
    with pytest.raises(ValidationError):
        snooze(asked, wakes_on="full_moon", by=acme.rosa, at=at)


def test_the_authors_thanks_are_noted_as_theirs(acme: Cast, asked: Assignment, hear: Any, at: datetime) -> None:
    hear("2", "Thanks @acme", PABLO, 1, in_reply_to="1")
    assert not Satisfaction.objects.exists()  # nothing was answered yet
    asked.replies.create(
        post=asked.mention.post, channel=factories.channel(), by=acme.rosa, text="Yes.", key="k", state="accepted",
        written_at=at, next_attempt_at=at,
    )  # fmt: skip
    hear("3", "Thanks, acme!", PABLO, 2, in_reply_to="1")
    kept = Satisfaction.objects.get()
    assert (kept.assignment, kept.source, kept.by) == (asked, "author", None)
    assert kept.post is not None and kept.post.text == "Thanks, acme!"
