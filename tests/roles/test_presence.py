"""Presence: seen at once, fading by itself, never one's own, never somebody else's organization, never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roles import clock, live, presence
from roles.presence import Present, others, say
from roles.tenancy import acting_for
from tests.cast import Cast, assemble

SUBJECT = "assignment:1"


@pytest.fixture
def at(acme: Cast) -> Iterator[datetime]:
    yield clock.now()
    live.broker().delete(presence._key(SUBJECT))


def seen(acme: Cast, at: datetime, by: Any = None) -> list[tuple[str, bool]]:
    people = others([SUBJECT], but=by or acme.carla, at=at).get(SUBJECT, [])
    return [(person.name, person.writes) for person in people]


def test_others_are_seen_and_oneself_is_not(acme: Cast, at: datetime) -> None:
    say(SUBJECT, by=acme.rosa, window="aaaa", doing="looking", at=at)
    say(SUBJECT, by=acme.rui, window="bbbb", doing="writing", at=at)
    assert seen(acme, at) == [("Rui", True), ("Rosa", False)]
    assert seen(acme, at, acme.rosa) == [("Rui", True)]
    assert others(["assignment:2"], but=acme.carla, at=at) == {}


def test_several_windows_are_one_person(acme: Cast, at: datetime) -> None:
    for window, doing in (("aaaa", "looking"), ("bbbb", "writing")):
        say(SUBJECT, by=acme.rosa, window=window, doing=doing, at=at)
    assert seen(acme, at) == [("Rosa", True)]
    say(SUBJECT, by=acme.rosa, window="bbbb", doing="gone", at=at)
    assert seen(acme, at) == [("Rosa", False)]
    say(SUBJECT, by=acme.rosa, window="aaaa", doing="gone", at=at)
    assert seen(acme, at) == []


def test_what_is_not_said_again_fades(acme: Cast, at: datetime) -> None:
    say(SUBJECT, by=acme.rosa, window="aaaa", doing="writing", at=at)
    assert seen(acme, at + timedelta(seconds=presence.WRITING_SECONDS + 1)) == [("Rosa", False)]
    assert seen(acme, at + timedelta(seconds=presence.LOOKING_SECONDS + 1)) == []
    assert 0 < live.broker().ttl(presence._key(SUBJECT)) <= presence.KEPT_SECONDS


def test_another_organization_sees_nothing(acme: Cast, at: datetime) -> None:
    say(SUBJECT, by=acme.rosa, window="aaaa", doing="looking", at=at)
    with acting_for(acme.elsewhere):
        assert others([SUBJECT], but=acme.sam, at=at) == {}


@pytest.mark.parametrize(
    ("window", "doing"), [("a b:c", "looking"), ("aaaa", "dancing"), ("", "gone"), ("a" * 40, "gone")]
)
def test_nonsense_is_refused(acme: Cast, at: datetime, window: str, doing: str) -> None:
    with pytest.raises(ValueError, match="window"):
        say(SUBJECT, by=acme.rosa, window=window, doing=doing, at=at)


def test_only_news_is_told(acme: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(presence, "look_again", lambda *topics: told.append(topics))

    def news(doing: str, seconds: int) -> int:
        before = len(told)
        say(SUBJECT, by=acme.rosa, window="aaaa", doing=doing, at=at + timedelta(seconds=seconds))
        return len(told) - before

    steps = [("looking", 0), ("looking", 20), ("writing", 21), ("writing", 26), ("looking", 34), ("gone", 40)]
    assert [news(doing, seconds) for doing, seconds in steps] == [1, 0, 1, 0, 1, 1]
    assert set(told) == {("presence", f"presence:{SUBJECT}")}


def test_nothing_is_read_from_or_written_to_the_database(acme: Cast, at: datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        say(SUBJECT, by=acme.rosa, window="aaaa", doing="looking", at=at)
        assert others([SUBJECT], but=acme.carla, at=at) == {SUBJECT: [Present(acme.rosa.pk, "Rosa", False)]}
    assert [query["sql"] for query in queries.captured_queries] == []


def test_without_the_broker_nobody_is_shown_and_nothing_fails(
    acme: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr(presence, "broker", lambda: away)
    monkeypatch.setattr(presence, "_broker", presence._Broker())
    say(SUBJECT, by=acme.rosa, window="aaaa", doing="looking", at=at)
    assert seen(acme, at) == []


@pytest.mark.django_db(transaction=True)
def test_open_pages_are_told_at_once() -> None:
    cast = assemble()
    with acting_for(cast.organization), live.broker().pubsub(ignore_subscribe_messages=True) as pages:
        pages.subscribe(f"touchline:{cast.organization.pk}")
        pages.get_message(timeout=5)
        say(SUBJECT, by=cast.rosa, window="aaaa", doing="looking", at=clock.now())
        told = pages.get_message(timeout=5) or pages.get_message(timeout=5)
        live.broker().delete(presence._key(SUBJECT))
    assert told["data"] == f"presence presence:{SUBJECT}".encode()
