"""The stage of Bluesky: the strict double, beside the test in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from aiohttp import web

from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.networks.http import Http
from listening.networks.protocols import Access
from tests.listening.networks.bluesky.double import Account, Double, Record
from tests.networks.conformance.stage import Stage


class Troubled(Double):
    """The double, which can be told to answer everything in one way."""

    def __init__(self) -> None:
        super().__init__()
        self.says_to: dict[str, Any] = {}

    async def _xrpc(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "x"}, **self.says_to) if self.says_to else await super()._xrpc(request)


class BlueskyStage(Stage):
    """A town on loopback in which Ada speaks to us."""

    place = "notifications"
    network: ClassVar[Bluesky] = Bluesky()
    unplayed: ClassVar[Mapping[str, str]] = {"edits": "Apps of Bluesky show the first version of a post, and no other."}

    def __enter__(self) -> Self:
        self.double, self.loop = Troubled(), asyncio.new_event_loop()
        self.begun, self.ended = threading.Event(), asyncio.Event()
        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(self._serve()), daemon=True)
        self.thread.start()
        assert self.begun.wait(10)
        self.us: Account = self.double.join("brand.test", name="Brand")
        self.ada: Account = self.double.join("ada.test", name="Ada")
        address = self.double.address
        self.network.directories = Directories(plc=address, view=address, jetstream=address)
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
            http=Http(["127.0.0.1"]), credentials=found.credentials, account=found.account, server=found.server
        )

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "app-password", {"handle": self.us.handle, "password": self.us.handle[::-1], "server": ""}

    def says(self, text: str) -> str:
        ours = {"uri": self._question().uri, "cid": self._question().cid}
        return self.double.say(self.ada, text, reply={"root": ours, "parent": ours}).uri

    def deletes(self, post: str) -> None:
        self.double.delete(self._record(post))

    def answers_to(self, post: str) -> Sequence[str]:
        rows = [record for record in self.double.records.values() if record.did == self.us.did]
        return [row.value["text"] for row in rows if row.value.get("reply", {}).get("parent", {}).get("uri") == post]

    def pieces(self) -> Sequence[str]:
        rows = [record.value for record in self.double.records.values() if record.did == self.us.did]
        return [value["text"] for value in rows if "reply" not in value]

    def loses_next_answer(self) -> None:
        self.double.lose.add("com.atproto.repo.putRecord")

    def asks_to_wait(self, seconds: int) -> None:
        self.double.says_to = {"status": 429, "headers": {"Retry-After": str(seconds)}}

    def is_out_of_order(self) -> None:
        self.double.says_to = {"status": 502}

    def withdraws_access(self) -> None:
        self.us.is_taken_down = True

    def _question(self) -> Record:
        """What we said first, and they answer."""
        found = [record for record in self.double.records.values() if record.did == self.us.did]
        return found[0] if found else self.double.say(self.us, "We opened")

    def _record(self, uri: str) -> Record:
        return next(record for record in self.double.records.values() if record.uri == uri)
