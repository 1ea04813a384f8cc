"""The event stream: pages hear where to look again, each organization its own, and no database is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings

from config import events
from roles import clock
from roles.tickets import ticket

ACME, ELSEWHERE = 7_000_001, 7_000_002
Say = Callable[[int, bytes], None]


class Page:
    """A page that follows its organization's events: what it was sent, as it arrives."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.heard.put_nowait(message["body"])

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.heard.get(), 20)


def scope(path: str, query: str = "") -> dict[str, Any]:
    return {"type": "http", "path": path, "query_string": query.encode()}


@asynccontextmanager
async def following(value: str) -> AsyncIterator[Page]:
    page = Page()
    task = asyncio.create_task(events.application(scope("/events", f"ticket={value}"), page.receive, page.send))
    try:
        yield page
    finally:
        page.closed.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def say(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Say]:
    """Tell an organization's pages something, as an action does after its commit."""
    broadcaster = events.Broadcaster(settings.REDIS_URL)
    monkeypatch.setattr(events, "broadcaster", broadcaster)
    broker = redis.Redis.from_url(settings.REDIS_URL)
    yield lambda organization, topics: broker.publish(f"touchline:{organization}", topics)
    at_work = set(broadcaster.at_work.values())
    while at_work:
        # Once is not always enough: who is cancelled while connecting takes it for a failure, and tries again.
        for task in at_work:
            task.cancel()
        _done, at_work = await asyncio.wait(at_work, timeout=0.1)


def ticket_of(member: int, organization: int, *, ago: float = 0) -> str:
    return ticket(member, organization, at=clock.now() - timedelta(seconds=ago))


async def test_a_page_hears_what_its_organization_is_told_and_nothing_of_another(say: Say) -> None:
    async with following(ticket_of(1, ACME)) as ours, following(ticket_of(2, ELSEWHERE)) as theirs:
        assert await ours.next() == await theirs.next() == b"retry: 3000\n\n"
        # Whoever begins to listen has missed what was said before.
        everything = b"event: look\ndata: everything\n\n"
        assert await ours.next() == await theirs.next() == everything
        say(ELSEWHERE, b"stream")
        say(ACME, b"queue queue:7")
        assert await ours.next() == b"event: look\ndata: queue queue:7\n\n"
        assert await theirs.next() == b"event: look\ndata: stream\n\n"
        assert ours.status == 200 and ours.headers[b"content-type"].startswith(b"text/event-stream")
        assert ours.heard.empty() and theirs.heard.empty()


@pytest.mark.parametrize("value", ["", "forged", "WzEsMl0:1:forged"])
async def test_without_a_valid_ticket_nothing_is_heard(say: Say, value: str) -> None:
    async with following(value) as page:
        assert b"not valid any more" in await page.next()
        assert page.status == 403


async def test_a_page_is_told_what_was_said_after_it_was_drawn(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    async with following(ticket_of(1, ACME)) as early:
        assert [await early.next(), await early.next()][1] == b"event: look\ndata: everything\n\n"
        for topics in (b"queue queue:7", b"queue stream"):
            say(ACME, topics)
            assert topics in await early.next()
        async with following(ticket_of(2, ACME)) as late, following(ticket_of(3, ELSEWHERE)) as theirs:
            await late.next()
            assert await late.next() == b"event: look\ndata: everything queue:7 queue stream\n\n"
            await theirs.next()
            assert theirs.heard.empty()
    # Of what was said long before nothing is known any more.
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + events.KEPT_SECONDS + 1)
    events.broadcaster.tell(ACME, b"measure")
    assert list(events.broadcaster.said[ACME]) == [b"measure"]


async def test_who_reads_too_slowly_looks_everywhere_and_keeps_nobody_waiting(say: Say) -> None:
    stream = events.broadcaster.open(ACME, drawn=0)
    for number in range(100):
        events.broadcaster.tell(ACME, b"%d" % number)
    # All that is kept comes at once.
    words = await stream.news()
    assert words.count(b"data: ") == events.MOST_UNTOLD < 100
    assert words.endswith(b"data: everything\n\n")
    events.broadcaster.close(ACME, stream)
    assert ACME not in events.broadcaster.streams


async def test_a_stream_whose_server_ends_is_ended_in_order(say: Say) -> None:
    """What uvicorn does with streams that are open when its time is up; a fault would be a traceback for each page."""
    page = Page()
    query = f"ticket={ticket_of(1, ACME)}"
    task = asyncio.create_task(events.application(scope("/events", query), page.receive, page.send))
    assert await page.next() == b"retry: 3000\n\n"
    await page.next()
    task.cancel()
    await task
    assert await page.next() == b"" and not events.broadcaster.streams


def test_a_message_without_a_topic_ends_nothing() -> None:
    broadcaster = events.Broadcaster(settings.REDIS_URL)
    broadcaster.tell(ACME, b"")
    assert broadcaster.said[ACME] == {}


async def test_who_waits_is_told_all_that_came_at_once() -> None:
    stream = events.Stream()
    waiting = asyncio.create_task(stream.news())
    await asyncio.sleep(0)
    stream.tell(b"queue ")
    stream.tell(b"stream")
    assert await asyncio.wait_for(waiting, 20) == b"queue stream"


async def test_a_stream_with_nothing_to_say_says_that_it_lives(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_SECONDS", 0.05)
    stream = events.broadcaster.open(ACME, drawn=0)
    words = b""
    while events.STILL_HERE not in words:
        words += await asyncio.wait_for(stream.news(), 20)
    events.broadcaster.close(ACME, stream)


async def test_other_addresses_are_not_there() -> None:
    for path, status in (("/health/", 200), ("/", 404)):
        page = Page()
        await events.application(scope(path), page.receive, page.send)
        assert page.status == status
