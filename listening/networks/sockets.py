"""Conversations over WebSocket with the outside: guarded as every request is, and never sent elsewhere."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientWebSocketResponse

from listening.networks.guard import Guard, PinningResolver, Resolve
from listening.networks.protocols import Unreachable
from listening.networks.words import _

LARGEST_MESSAGE = 1_000_000


@asynccontextmanager
async def conversation(
    url: str,
    *,
    guard: Guard,
    resolve: Resolve,
    agent: str,
    protocols: Sequence[str] = (),
    connect: float = 6.0,
    ssl_context: ssl.SSLContext | None = None,
) -> AsyncIterator[ClientWebSocketResponse]:
    """Open a WebSocket at an address that begins with https:// or http://, and close it at the end.

    A server that answers with a status instead is an `aiohttp.WSServerHandshakeError`, for what it means differs.
    """
    asked: list[str] = []

    async def only_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        # aiohttp would follow a redirect by itself, and looks up no name where the address is a number.
        if asked:
            raise Unreachable(_("The server sent us on to another address, which is not done here."))
        asked.append(str(request.url))
        return await handler(request)

    connector = aiohttp.TCPConnector(resolver=PinningResolver(guard, resolve), ssl=ssl_context or True)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(only_once,),
        headers={"User-Agent": agent},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=None),
    )
    async with (
        session,
        session.ws_connect(guard.check_url(url), protocols=protocols, max_msg_size=LARGEST_MESSAGE) as socket,
    ):
        yield socket
