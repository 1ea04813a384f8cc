"""Real servers on loopback: well-behaved ones that answer from a dictionary, and raw ones that do what they like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _answer(handler: Handler, request: web.Request) -> web.StreamResponse:
    return await handler(request)


@asynccontextmanager
async def serving(routes: dict[str, Handler]) -> AsyncIterator[str]:
    """Serve handlers by path; gives the address the paths begin at."""
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_route("*", path, partial(_answer, handler))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[str]:
    """Let a server say exactly what it wants on the wire, after the request's head has come in."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def saying(body: bytes, *, status: int = 200, **headers: str) -> Handler:
    """Answer with these bytes; `Content_Type="..."` sets a header."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return handler


def sending_on(place: str, status: int = 302) -> Handler:
    """Redirect to a place."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": place})

    return handler
