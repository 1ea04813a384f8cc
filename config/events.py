"""The event stream: one subscription to the broker, no database, and only “look again” to say."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio
from django.conf import settings
from django.core.signing import BadSignature
from django.utils.log import configure_logging

from config.memory import settle
from roles.tickets import read_ticket

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# No apps are loaded here: what this process needs of Django is the settings and the signature of a ticket.
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
log = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
KEEP_ALIVE_SECONDS, KEPT_AT_ONCE = 20.0, 100
STILL_HERE = b": still here\n\n"
MOST_UNTOLD = 16
LOOK = b"event: look\ndata: %s\n\n"
EVERYTHING = b"everything"
# So long is known what was said; a page begins to listen a moment after it was read, which took a moment too.
KEPT_SECONDS, DRAWING_SECONDS = 60.0, 5.0
MOST_NAMED = 50


class Stream:
    """One open page, and what it has not been told yet."""

    # There are thousands of them, and each message wakes many: no queue, no timer and no task of its own for either.
    __slots__ = ("_untold", "_waiting")

    def __init__(self) -> None:
        self._untold: list[bytes] = []
        self._waiting: asyncio.Future[None] | None = None

    def tell(self, words: bytes) -> None:
        """Have the page told; a reader too slow to take it all is told at last to look everywhere."""
        if len(self._untold) < MOST_UNTOLD:
            self._untold.append(words)
        else:
            self._untold[-1] = LOOK % EVERYTHING
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def news(self) -> bytes:
        """Wait until there is something to tell, and take all of it."""
        if not self._untold:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
            self._waiting = None
        words = b"".join(self._untold)
        self._untold.clear()
        return words


class Broadcaster:
    """Hands each message of the broker to the streams of its organization."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.streams: defaultdict[int, set[Stream]] = defaultdict(set)
        # When each topic of an organization was last spoken of, the longest ago first.
        self.said: defaultdict[int, dict[bytes, float]] = defaultdict(dict)
        self.at_work: dict[str, asyncio.Task[None]] = {}

    async def listen(self) -> None:
        """Follow the broker for ever; when it is away, try again and then tell everyone to look."""
        while True:
            try:
                async with redis.asyncio.Redis.from_url(self.url, socket_connect_timeout=5) as client:
                    subscription = client.pubsub(ignore_subscribe_messages=True)
                    await subscription.psubscribe("touchline:*")
                    self.tell_everyone(EVERYTHING)
                    async for message in subscription.listen():
                        organization = int(message["channel"].rpartition(b":")[2])
                        self.tell(organization, message["data"])
            except (redis.RedisError, OSError) as problem:
                log.warning("The broker is away: %s", problem)
                await asyncio.sleep(1)

    def tell(self, organization: int, topics: bytes) -> None:
        """Pass a message to every stream of the organization, and know it a while for those that are about to open."""
        words, said, now = LOOK % topics, self.said[organization], time.time()
        for topic in topics.split():
            said.pop(topic, None)
            said[topic] = now
        while said and now - said[oldest := next(iter(said))] > KEPT_SECONDS:
            del said[oldest]
        for stream in self.streams.get(organization, ()):
            stream.tell(words)

    def tell_everyone(self, topics: bytes) -> None:
        """After an interruption nobody knows what was missed: everyone looks again."""
        for organization in list(self.streams):
            self.tell(organization, topics)

    async def keep_alive(self) -> None:
        """Say for ever to every stream now and then that it is alive, to some at a time."""
        while True:
            everyone = [stream for streams in self.streams.values() for stream in streams]
            rounds = len(everyone) // KEPT_AT_ONCE + 1
            for number in range(rounds):
                await asyncio.sleep(KEEP_ALIVE_SECONDS / rounds)
                for stream in everyone[number::rounds]:
                    stream.tell(STILL_HERE)

    def open(self, organization: int, *, drawn: float) -> Stream:
        """Begin a stream that hears the organization's messages, and first what was said since its page was drawn."""
        for work in (self.listen, self.keep_alive):
            if (task := self.at_work.get(work.__name__)) is None or task.done():
                self.at_work[work.__name__] = asyncio.create_task(work())
        stream = Stream()
        since = drawn - DRAWING_SECONDS
        if missed := [topic for topic, moment in self.said[organization].items() if moment > since]:
            stream.tell(LOOK % (b" ".join(missed) if len(missed) <= MOST_NAMED else EVERYTHING))
        self.streams[organization].add(stream)
        return stream

    def close(self, organization: int, stream: Stream) -> None:
        """End a stream."""
        self.streams[organization].discard(stream)
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
        organization, _member, drawn = read_ticket(ticket)
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
    # Before the page hears that it is open: from then on it misses nothing.
    stream = broadcaster.open(organization, drawn=drawn)
    saying = asyncio.create_task(_say(stream, send, headers))
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        # The server ends. Each stream ends in order, else it would be a fault in the log; its page asks again.
        saying.cancel()
        await send({"type": "http.response.body", "body": b""})
    finally:
        saying.cancel()
        broadcaster.close(organization, stream)


async def _say(stream: Stream, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
    while True:
        await send({"type": "http.response.body", "body": await stream.news(), "more_body": True})


def _allow_many() -> None:
    """Each stream is an open file, of which a process may have more than it has at first."""
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


_allow_many()
settle()
