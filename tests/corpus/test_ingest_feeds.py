"""Captured feeds from a real server on loopback: every entry becomes exactly one post, and stays it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from listening import polling
from listening.models import Poll, Post, Source
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import Unreadable
from roles import clock
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


def entries(body: bytes) -> int:
    """How many entries a document has, by the reader of feeds, which is compared with others elsewhere."""
    try:
        return len(parse_feed(body).posts)
    except Unreadable:
        return 0


def poll_all() -> Counter[tuple[str, int | None]]:
    """Poll every source once; returns how often each outcome and status came."""
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    last = Poll.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    polling.poll_due(clock.now())
    polls = Poll.objects.filter(pk__gt=last)
    assert polls.count() == Source.objects.count()
    return Counter(polls.values_list("outcome", "status"))


def stored() -> list[Any]:
    return list(Post.objects.order_by("pk").values_list("pk", "remote_id", "content_digest", "revision_count"))


def test_every_entry_becomes_one_post_and_later_polls_add_none(
    acme: Cast, api: Callable[[Any], ApiClient], server: FeedServer
) -> None:
    gita = api(acme.gita)
    paths = {}
    for path in server.documents:
        added = gita.post("/api/v1/sources/", {"network": "feed", "place": server.url(path)})
        assert added.status_code == 201, (path, added.json())
        paths[added.json()["id"]] = path
    expected = {key: entries(server.documents[path]) for key, path in paths.items()}
    assert sum(expected.values()) > 3000

    first = poll_all()
    assert set(first) <= {("taken", 200), ("unreadable", None)}
    found = Counter(Post.objects.values_list("source", flat=True))
    assert {paths[key]: found[key] for key in paths} == {paths[key]: expected[key] for key in paths}
    unreadable = Poll.objects.filter(outcome="unreadable")
    assert all(poll.problem for poll in unreadable)
    before = stored()

    # What was readable says 304 now; then a server that knows no validators sends everything again.
    assert poll_all()[("unchanged", 304)] == first[("taken", 200)]
    assert stored() == before
    server.validators = False
    assert poll_all() == first
    assert stored() == before
    assert not Poll.objects.filter(outcome="running").exists()
    assert not Poll.objects.exclude(pk__in=Poll.objects.order_by("pk")[: len(paths)]).exclude(new=0).exists()
