"""The stage of Mastodon: a double that keeps what it is given, behind a proxy that loses and refuses."""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any, Self

from aiohttp import web

from listening.networks.connecting import Connected
from listening.networks.feed.text import plain_text
from listening.networks.http import Http
from listening.networks.mastodon import network as mastodon
from listening.networks.protocols import Access
from tests.networks.conformance.stage import Stage
from tests.networks.lossy import Fate, LossyProxy
from tests.networks.mastodon.conftest import Server, begun

_for_all = ExitStack()
atexit.register(_for_all.close)


@cache
def _server() -> Server:
    """One server for all promises; each begins with nothing said on it."""
    return _for_all.enter_context(begun())


class MastodonStage(Stage):
    """A server on which Ada speaks, and the brand listens to her."""

    network, place = mastodon, "@ada@mock.local"

    def __enter__(self) -> Self:
        self.server, self.struck, self.loses = _server(), ExitStack(), False
        assert self.server.client.post("/api/v1/_mock/reset").status_code < 300
        self.proxy = self.struck.enter_context(LossyProxy(self.server.address, self._fate))
        self.connected: Connected = self.network.connect(Access(http=Http(["127.0.0.1"])), *self.filled())
        return self

    def __exit__(self, *_problem: object) -> None:
        self.struck.close()

    def _fate(self, request: web.Request) -> Fate:
        if not self.loses or request.method != "POST":
            return ""
        self.loses = False
        return "answer"

    def access(self) -> Access:
        found = self.connected
        return Access(
            http=Http(["127.0.0.1"]), credentials=found.credentials, account=found.account, server=found.server,
            facts=found.facts,
        )  # fmt: skip

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "token", {"server": self.proxy.address, "token": "brand_token"}

    def says(self, text: str) -> str:
        return self._named(self.server.say("ada", text))

    def edits(self, post: str, text: str) -> None:
        self.server.call("ada", "PUT", f"/api/v1/statuses/{_number(post)}", status=text)

    def deletes(self, post: str) -> None:
        self.server.call("ada", "DELETE", f"/api/v1/statuses/{_number(post)}")

    def answers_to(self, post: str) -> Sequence[str]:
        rows = [row for row in self.server.said_by("brand") if row["in_reply_to_id"] == _number(post)]
        return [plain_text(row["content"]).removeprefix("@ada ") for row in rows]

    def pieces(self) -> Sequence[str]:
        return [plain_text(row["content"]) for row in self.server.said_by("brand") if not row["in_reply_to_id"]]

    def loses_next_answer(self) -> None:
        self.loses = True

    def asks_to_wait(self, seconds: int) -> None:
        self.proxy.says_to = {"status": 429, "headers": {"Retry-After": str(seconds)}}

    def is_out_of_order(self) -> None:
        self.proxy.says_to = {"status": 503}

    def withdraws_access(self) -> None:
        self.proxy.says_to = {"status": 401}

    def _named(self, status: dict[str, Any]) -> str:
        return f"127.0.0.1:{self.proxy.port}/{status['id']}"


def _number(post: str) -> str:
    return post.rpartition("/")[2]
