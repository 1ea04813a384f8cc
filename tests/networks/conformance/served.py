"""A stage whose network is a double behind HTTP: in a thread of its own, and told to answer everything in one way."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Self

import pytest
from aiohttp import web

from listening.networks.connecting import Connected
from listening.networks.http import Http
from listening.networks.protocols import Access
from tests.networks.conformance.stage import Stage
from tests.networks.running import running

Trouble = tuple[int, Any, dict[str, str]]


class ServedStage(Stage):
    """Give `app`, and what `begins` once the address is known."""

    address = ""

    def app(self) -> web.Application:
        """The double, new for each test."""
        raise NotImplementedError

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        """Point the adapter to the address, where nobody types it."""

    def __enter__(self) -> Self:
        self.trouble: Trouble | None = None
        self.loses = False
        self.struck = ExitStack()
        app = self.app()
        app.middlewares.insert(0, self._troubled)
        self.address = self.struck.enter_context(running(app))
        self.begins(self.struck.enter_context(pytest.MonkeyPatch.context()))
        self.connected: Connected | None = None
        if self.plays("filled"):
            self.connected = self.network.connect(Access(http=Http(["127.0.0.1"])), *self.filled())
        return self

    def __exit__(self, *_problem: object) -> None:
        self.struck.close()

    def access(self) -> Access:
        found = self.connected
        if found is None:
            return super().access()
        return Access(
            http=Http(["127.0.0.1"]), credentials=found.credentials, account=found.account, server=found.server,
            facts=found.facts,
        )  # fmt: skip

    def is_out_of_order(self) -> None:
        self.trouble = (503, {}, {})

    @web.middleware
    async def _troubled(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.trouble is not None:
            status, told, headers = self.trouble
            return web.json_response(told, status=status, headers=headers)
        answer: web.StreamResponse = await handler(request)
        if self.loses and request.method == "POST" and request.transport is not None:
            self.loses = False
            request.transport.abort()
        return answer
