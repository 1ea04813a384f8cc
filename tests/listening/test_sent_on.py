"""Whoever is sent on to another server is polite there as well: in turn, guarded, not where it is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from pytest_django import Settings

from listening import politeness, polling
from listening.housekeeping import claim_due
from listening.models import Host, Poll, Source
from listening.networks.feed import network
from listening.networks.http import Http
from listening.networks.protocols import Access, NetworkError, NotOurTurn, RateLimited, Unreachable
from listening.politeness import note_hosts
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.listening.networks.servers import Handler, saying, sending_on, serving
from tests.listening.servers import FeedServer, feed

BOTH = ["127.0.0.1", "localhost"]


def sent_on(there: Handler, turns: Callable[[str], Awaitable[float]] | None, *, to: str = "http://localhost") -> None:
    """Read a feed at 127.0.0.1 that sends everybody on to another server."""

    async def go() -> None:
        async with serving({"/there": there}) as address:
            target = f"{to}:{address.rpartition(':')[2]}/there"
            async with serving({"/feed": sending_on(target)}) as first, Http(BOTH, turns=turns) as http:
                await network.read(Access(http=http), f"{first}/feed", {})

    asyncio.run(go())


def test_one_stands_in_line_there_for_a_while_and_not_for_long() -> None:
    asked: list[str] = []

    async def soon(host: str) -> float:
        asked.append(host)
        return 0.01

    async def late(_host: str) -> float:
        return 60.0

    sent_on(saying(feed("One")), soon)
    assert asked == ["localhost"]
    sent_on(saying(feed("One")), soon, to="http://127.0.0.1")
    assert asked == ["localhost"], "in the same place one has one's turn already"
    seen: list[str] = []

    async def noting(request: object) -> object:
        seen.append("asked")
        raise AssertionError

    with pytest.raises(NotOurTurn, match="localhost, which is visited later") as problem:
        sent_on(noting, late)  # type: ignore[arg-type]
    assert (problem.value.wait, problem.value.host, seen) == (60.0, "localhost", [])


def test_what_goes_wrong_there_is_said_of_that_server() -> None:
    with pytest.raises(RateLimited) as limited:
        sent_on(saying(b"", status=429, Retry_After="90"), None)
    assert (limited.value.host, limited.value.wait) == ("localhost", 90)
    with pytest.raises(NetworkError, match="not fetched"):
        sent_on(saying(b""), None, to="http://127.0.0.2")

    async def nobody() -> None:
        async with serving({"/feed": sending_on("http://localhost:9/")}) as first, Http(BOTH) as http:
            await network.read(Access(http=http), f"{first}/feed", {})

    with pytest.raises(Unreachable, match="localhost refuses") as away:
        asyncio.run(nobody())
    assert away.value.host == "localhost"


def test_trouble_is_noted_where_it_was(acme: Cast, settings: Settings) -> None:
    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = 1000
    factories.source(place="https://first.example/feed")
    at = clock.now() + timedelta(seconds=1)
    [claim] = claim_due(at)
    Host.objects.create(name="second.example", next_visit_at=at)
    problem = RateLimited("Wait.", wait=600)
    problem.host = "second.example"
    note_hosts([(claim, problem)], at=at)
    closed = dict(Host.objects.values_list("name", "closed_until"))
    assert closed == {"first.example": None, "second.example": at + timedelta(seconds=600)}
    ours = NotOurTurn("Later.", wait=30)
    ours.host = "second.example"
    Host.objects.update(closed_until=None, failures_in_row=0)
    note_hosts([(claim, ours)], at=at)
    assert set(Host.objects.values_list("closed_until", "failures_in_row")) == {(None, 0)}, "that was our own line"


def test_a_poll_takes_its_turn_at_both(acme: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = BOTH
    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = 1000
    monkeypatch.setattr(politeness, "is_own", lambda host: host == "127.0.0.1")
    with FeedServer() as server:
        server.documents["/there"] = feed("One")
        server.moves["/feed"] = server.url("/there").replace("127.0.0.1", "localhost")
        factories.source(place=server.url("/feed"))
        polling.poll_due(clock.now())
        assert Host.objects.get(name="localhost").next_visit_at and server.requests == ["/feed", "/there"]
        Host.objects.update(closed_until=clock.now() + timedelta(minutes=10))
        Source.objects.update(next_poll_at=clock.now(), lease_until=None)
        polling.poll_due(clock.now())
        assert server.requests == ["/feed", "/there", "/feed"], "what is left alone is left alone by all"
    poll = Poll.objects.latest("pk")
    assert "localhost, which is visited later" in poll.problem
    assert Source.objects.get().next_poll_at > clock.now() + timedelta(minutes=9)
