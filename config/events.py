"""The event stream: one subscription to the broker, no database, and only “look again” to say."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio
from django.conf import settings
from django.core.signing import BadSignature
from django.utils.log import configure_logging

from roles.tickets import read_ticket

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# No apps are loaded here: what this process needs of Django is the settings and the signature of a ticket.
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
log = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
KEEP_ALIVE_SECONDS = 20


class Broadcaster:
    """Hands each message of the broker to the streams of its organization."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.streams: defaultdict[int, set[asyncio.Queue[bytes]]] = defaultdict(set)
        self.listening: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Follow the broker for ever; when it is away, try again and then tell everyone to look."""
        while True:
            try:
                async with redis.asyncio.Redis.from_url(self.url, socket_connect_timeout=5) as client:
                    subscription = client.pubsub(ignore_subscribe_messages=True)
                    await subscription.psubscribe("touchline:*")
                    self.tell_everyone(b"everything")
                    async for message in subscription.listen():
                        organization = int(message["channel"].rpartition(b":")[2])
                        self.tell(organization, message["data"])
            except (redis.RedisError, OSError) as problem:
                log.warning("The broker is away: %s", problem)
                await asyncio.sleep(1)

    def tell(self, organization: int, topics: bytes) -> None:
        """Pass a message to every stream of the organization; a reader too slow to take it will look later anyway."""
        for queue in self.streams.get(organization, ()):
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(topics)

    def tell_everyone(self, topics: bytes) -> None:
        """After an interruption nobody knows what was missed: everyone looks again."""
        for organization in list(self.streams):
            self.tell(organization, topics)

    @contextlib.contextmanager
    def stream(self, organization: int) -> Any:
        """Lend a queue that receives the organization's messages."""
        if self.listening is None or self.listening.done():
            self.listening = asyncio.create_task(self.listen())
        queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=16)
        self.streams[organization].add(queue)
        try:
            yield queue
        finally:
            self.streams[organization].discard(queue)
            if not self.streams[organization]:
                del self.streams[organization]


broadcaster = Broadcaster(settings.REDIS_URL)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve /events?ticket=... as server-sent events, and /health/."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        return
    elif scope["path"] == "/health/":
        await _answer(send, 200, b"ok")
    elif scope["path"] != "/events":
        await _answer(send, 404, b"There is nothing at this address.")
    else:
        await _events(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _events(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
    try:
        organization, _member = read_ticket(ticket)
    except (BadSignature, ValueError, TypeError):
        await _answer(send, 403, b"This ticket is not valid any more. Reload the page.")
        return
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        # The ticket is the permission, no cookie is looked at; so any origin that holds one may read.
        (b"access-control-allow-origin", b"*"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
    with broadcaster.stream(organization) as queue:
        gone = asyncio.create_task(_wait_until_gone(receive))
        try:
            while not gone.done():
                await send({"type": "http.response.body", "body": await _next(queue), "more_body": True})
        except OSError:
            pass  # the reader closed the page
        finally:
            gone.cancel()


async def _next(queue: asyncio.Queue[bytes]) -> bytes:
    try:
        topics = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
    except TimeoutError:
        return b": still here\n\n"
    return b"event: look\ndata: " + topics + b"\n\n"


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
