"""Captured feeds from a real server on loopback: every entry becomes exactly one post, and stays it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet
from pytest_django import Settings

from listening import polling
from listening.identity import place_key
from listening.models import Poll, Post, Source
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import Unreadable
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.conftest import ApiClient
from tests.listening.servers import FeedServer

FEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "A_feeds"

pytestmark = pytest.mark.skipif(not FEEDS.exists(), reason="the corpus of captured feeds is not on this machine")


def documents() -> dict[str, bytes]:
    files = [json.loads(line)["file"] for line in (FEEDS / "manifest.jsonl").read_text().splitlines()]
    return {f"/{file}": (FEEDS / file).read_bytes() for file in files}


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        running.documents = documents()
        yield running


# Of these a person adds the source, and the whole document comes a second time: that each is read the same again is
# held by `test_feeds.py`, and that what was read the same adds nothing needs no four hundred.
EVERY = 4


def entries(body: bytes) -> int:
    """How many entries a document has, by the reader of feeds, which is compared with others elsewhere."""
    try:
        return len(parse_feed(body).posts)
    except Unreadable:
        return 0


def poll(sources: QuerySet[Source]) -> dict[int, tuple[str, int | None]]:
    """Poll these sources once; returns the outcome and status of each."""
    count = sources.update(next_poll_at=clock.now() - timedelta(seconds=1))
    last = Poll.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    polling.poll_due(clock.now())
    polls = list(Poll.objects.filter(pk__gt=last))
    assert len(polls) == count
    return {one.source_id: (one.outcome, one.status) for one in polls}


def stored() -> list[Any]:
    return list(Post.objects.order_by("pk").values_list("pk", "remote_id", "content_digest", "revision_count"))


def test_every_entry_becomes_one_post_and_later_polls_add_none(
    acme: Cast, api: Callable[[Any], ApiClient], server: FeedServer
) -> None:
    gita = api(acme.gita)
    paths = {}
    for path in list(server.documents)[::EVERY]:
        added = gita.post("/api/v1/sources/", {"network": "feed", "place": server.url(path)})
        assert added.status_code == 201, (path, added.json())
        paths[added.json()["id"]] = path
    some = Source.objects.filter(pk__in=[*paths])
    for path in server.documents.keys() - {*paths.values()}:
        place = server.url(path)
        paths[factories.source(place=place, key=place_key("feed", place)).pk] = path
    expected = {key: entries(server.documents[path]) for key, path in paths.items()}
    assert sum(expected.values()) > 3000

    every = Source.objects.all()
    first = poll(every)
    assert {*first.values()} == {("taken", 200), ("unreadable", None)}
    found = Counter(Post.objects.values_list("source", flat=True))
    assert {paths[key]: found[key] for key in paths} == {paths[key]: expected[key] for key in paths}
    unreadable = Poll.objects.filter(outcome="unreadable")
    assert all(poll.problem for poll in unreadable)
    before = stored()

    # What was readable says 304 now; then a server that knows no validators sends everything again.
    unchanged = {("taken", 200): ("unchanged", 304)}
    assert poll(every) == {key: unchanged.get(told, told) for key, told in first.items()}
    assert stored() == before
    server.validators = False
    again = poll(some)
    assert again == {key: first[key] for key in again} and len(again) == len([*server.documents][::EVERY])
    assert stored() == before
    assert not Poll.objects.filter(outcome="running").exists()
    assert not Poll.objects.exclude(pk__in=Poll.objects.order_by("pk")[: len(paths)]).exclude(new=0).exists()
