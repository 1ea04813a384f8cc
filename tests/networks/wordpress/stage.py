"""The stage of WordPress: the strict double, beside the test in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import Any, Self

from aiohttp import web

from listening.networks.feed.text import plain_text
from listening.networks.http import Http
from listening.networks.protocols import Access
from listening.networks.wordpress import network as wordpress
from tests.listening.networks.wordpress.double import Double
from tests.networks.conformance.stage import Stage


class Troubled(Double):
    """The double, which can be told to answer everything in one way."""

    says_to: dict[str, Any] | None = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({}, **self.says_to) if self.says_to else await super()._answer(request)


class WordPressStage(Stage):
    """A site on loopback whose visitors comment."""

    network, place = wordpress, "comments"

    def __enter__(self) -> Self:
        self.double, self.loop = Troubled(), asyncio.new_event_loop()
        self.begun, self.ended = threading.Event(), asyncio.Event()
        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(self._serve()), daemon=True)
        self.thread.start()
        assert self.begun.wait(10)
        self.connected = self.network.connect(Access(http=Http(["127.0.0.1"])), *self.filled())
        return self

    def __exit__(self, *_problem: object) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(5)

    async def _serve(self) -> None:
        async with self.double.running():
            self.begun.set()
            await self.ended.wait()

    def access(self) -> Access:
        found = self.connected
        return Access(
            http=Http(["127.0.0.1"]), credentials=found.credentials, account=found.account, server=found.server,
            facts=found.facts,
        )  # fmt: skip

    def filled(self) -> tuple[str, Mapping[str, str]]:
        filled = {"site": self.double.address, "user": "admin", "password": self.double.password}
        return "application-password", filled

    def says(self, text: str) -> str:
        return f"{self.key}/comment/{self.double.comment(escape(text))}"

    def edits(self, post: str, text: str) -> None:
        self._row(post)["content"] = text

    def deletes(self, post: str) -> None:
        self._row(post)["status"] = "trash"

    def answers_to(self, post: str) -> Sequence[str]:
        number = int(post.rpartition("/")[2])
        rows = self.double.rows["comments"].values()
        return [unescape(row["content"]) for row in rows if row["parent"] == number and row["author"] == 1]

    def pieces(self) -> Sequence[str]:
        first, posts = self.double.article["id"], self.double.rows["posts"]
        rows = [row for number, row in posts.items() if number != first and row["status"] == "publish"]
        return [plain_text(row["content"]) for row in rows]

    def loses_next_answer(self) -> None:
        self.double.lose |= {"POST comments", "POST posts"}

    def asks_to_wait(self, seconds: int) -> None:
        self.double.says_to = {"status": 429, "headers": {"Retry-After": str(seconds)}}

    def is_out_of_order(self) -> None:
        self.double.says_to = {"status": 503}

    def withdraws_access(self) -> None:
        self.double.password = "another"

    @property
    def key(self) -> str:
        return self.double.address.removeprefix("http://")

    def _row(self, post: str) -> dict[str, Any]:
        return self.double.rows["comments"][int(post.rpartition("/")[2])]
