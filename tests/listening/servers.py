"""A server of feeds on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from typing import Self

from aiohttp import web


def feed(*titles: str, title: str = "A feed") -> bytes:
    """A feed with an entry for each title, the first the oldest, a second apart."""
    entries = "".join(
        f"<item><guid>{name}</guid><title>{name}</title><link>https://a.example/{number}</link>"
        f"<pubDate>Fri, 10 Apr 2026 10:{number // 60 % 60:02d}:{number % 60:02d} GMT</pubDate></item>"
        for number, name in enumerate(titles)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{entries}</channel></rss>'.encode()


class FeedServer:
    """Serves `documents` by path, with validators; `answers` and `moves` go before them."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.moves: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.requests: list[str] = []
        self.validators = True
        self.slow: set[str] = set()
        # Cleared, it makes every request wait after it was noted.
        self.gate = threading.Event()
        self.gate.set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self.slow.clear()
        self.gate.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=512)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path
        self.requests.append(path)
        while path in self.slow or not self.gate.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if path in self.moves:
            return web.Response(status=301, headers={"Location": self.moves[path]})
        if path in self.answers:
            status, body = self.answers[path]
            return web.Response(status=status, body=body, headers=self.headers)
        body = self.documents.get(path, b"")
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, **self.headers} if self.validators else self.headers
        if self.validators and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type="application/rss+xml")
