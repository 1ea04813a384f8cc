"""A Mastodon double that keeps what it is given, three people on it, and an access as the brand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from listening.networks.http import Http
from listening.networks.mastodon import network
from listening.networks.protocols import Access, Cursor, Page

LOOPBACK = ["127.0.0.1", "127.0.0.2"]


class Server:
    """A server of the Mastodon API, as people use it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.host = address.removeprefix("http://")
        self.client = httpx.Client(base_url=address, timeout=20)

    def call(self, who: str, method: str, path: str, **form: Any) -> Any:
        """Do something as somebody, and return what the server says."""
        answer = self.client.request(method, path, data=form or None, headers={"Authorization": f"Bearer {who}_token"})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def say(self, who: str, text: str, **form: Any) -> dict[str, Any]:
        """Post something as somebody."""
        found: dict[str, Any] = self.call(who, "POST", "/api/v1/statuses", status=text, **form)
        return found

    def said_by(self, who: str) -> list[dict[str, Any]]:
        """Return everything that somebody posted, the newest first."""
        account = self.call(who, "GET", "/api/v1/accounts/verify_credentials")["id"]
        found: list[dict[str, Any]] = []
        path = f"/api/v1/accounts/{account}/statuses?limit=40"
        while page := self.call(who, "GET", path + (f"&max_id={found[-1]['id']}" if found else "")):
            found += page
        return found


@contextmanager
def begun() -> Iterator[Server]:
    """A server with three people."""
    pytest.importorskip("mastodon_mock")
    from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig, StreamingConfig
    from mastodon_mock.testing.server import MockServer

    people = [SeedAccount(username=name, access_token=f"{name}_token") for name in ("brand", "ada", "ben")]
    config = MastodonMockConfig(
        database=DatabaseConfig(path=":memory:"),
        seed=SeedConfig(accounts=people),
        streaming=StreamingConfig(heartbeat_seconds=0.2),
    )
    with MockServer(config=config, log_level="error") as server:
        yield Server(server.base_url)


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    """The server, started once."""
    with begun() as found:
        yield found


@pytest.fixture
def server(running: Server) -> Server:
    """The server with nothing on it but three people."""
    assert running.client.post("/api/v1/_mock/reset").status_code < 300
    return running


def connect(address: str) -> Access:
    """Connect as the brand."""
    http = Http(LOOPBACK)
    made = network.connect(Access(http=http), "token", {"server": address, "token": "brand_token"})
    return Access(http=http, credentials=made.credentials, account=made.account, server=made.server, facts=made.facts)


@pytest.fixture
def access(server: Server) -> Access:
    """The brand's access to the server."""
    return connect(server.address)


def read(access: Access, place: str, since: Cursor | None = None) -> Page:
    """Read a place once."""

    async def go() -> Page:
        async with Http(LOOPBACK) as http:
            return await network.read(replace(access, http=http), place, since or {})

    return asyncio.run(go())


@pytest.fixture
def texts() -> Callable[[Page], list[str]]:
    """What the posts of a page say."""
    return lambda page: [post.text for post in page.posts]
