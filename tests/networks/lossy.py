"""A proxy on loopback that loses answers, or requests, as the test wants: done over there, unknown here."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal, Self

import aiohttp
from aiohttp import web
from yarl import URL

Fate = Literal["", "answer", "request"]
_OF_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "content-encoding"}


def losing(share: float, *, requests: float = 0.0, seed: int = 1) -> Callable[[web.Request], Fate]:
    """Lose this share of the answers and that share of the requests, the same ones at every run."""
    dice = random.Random(seed)

    def decide(request: web.Request) -> Fate:
        cast = dice.random()
        return "answer" if cast < share else "request" if cast < share + requests else ""

    return decide


class LossyProxy:
    """Hands requests on to a server; `decide` says what becomes of each, `lost` counts by method and path's end."""

    def __init__(self, upstream: str, decide: Callable[[web.Request], Fate]) -> None:
        self.upstream, self.decide = upstream.rstrip("/"), decide
        self.lost: Counter[tuple[str, str]] = Counter()
        self.port = 0
        # How many requests are on their way through.
        self.busy = 0
        # What everything is answered with, instead of being handed on.
        self.says_to: dict[str, Any] | None = None
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def address(self) -> str:
        """Where the proxy is found."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._stop())
        self._loop.close()

    def rest(self) -> None:
        """Wait until nothing is on its way, as somebody does who looks at the network a minute later."""
        while self.busy:
            time.sleep(0.02)

    def losses(self) -> Counter[str]:
        """How many answers, and how many requests, to what changes something were lost."""
        found: Counter[str] = Counter()
        for (method, fate), times in self.lost.items():
            found[fate] += times if method not in {"GET", "HEAD"} else 0
        return found

    async def _start(self) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/{path:.*}", self._hand_on)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=512)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        self.busy += 1
        try:
            return await self._handed_on(request)
        finally:
            self.busy -= 1

    async def _handed_on(self, request: web.Request) -> web.StreamResponse:
        if self.says_to is not None:
            return web.json_response({"error": "No."}, **self.says_to)
        body, fate = await request.read(), self.decide(request)
        if fate:
            self.lost[request.method, fate] += 1
        if fate == "request":
            return self._break_off(request)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_ONE_HOP}
        address = self.upstream + request.raw_path
        async with self._session.request(
            request.method, URL(address, encoded=True), headers=headers, data=body, allow_redirects=False
        ) as answer:
            told = await answer.read()
        if fate == "answer":
            return self._break_off(request)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_ONE_HOP}
        if coded := answer.headers.get("Content-Encoding"):
            kept["Content-Encoding"] = coded
        return web.Response(status=answer.status, body=told, headers=kept)

    def _break_off(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
