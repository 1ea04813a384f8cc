"""Listens for words in the stream of all posts (Jetstream v2): from where it stopped, up to the present."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp

from listening.networks.bluesky.client import Server
from listening.networks.bluesky.ids import POSTS, Address
from listening.networks.bluesky.parse import post_of, read_moment
from listening.networks.bluesky.reading import TOGETHER, views_of
from listening.networks.bluesky.words import Words
from listening.networks.http import Http
from listening.networks.protocols import Cursor, NetworkError, Page, RateLimited, RemotePost, Unreachable
from listening.networks.words import _

STREAM = "network.bsky.jetstream.subscribeEvents"
PROTOCOL = "xrpc.v1.json"
# When nothing comes for so long, there is nothing more: on the whole network something is said many times a second.
SILENCE = 2.0
# A visit may take so long, and so many events; what is left is for the next one, which comes soon.
SECONDS, EVENTS = 25.0, 150_000
# So much of it at most, for each is looked at as it is shown; and so long that may take.
MOST_MATCHES, SHOWN_SECONDS = 500, 12.0
REMEMBERED = 1000
# A greater number is not a place in one server's list but a moment, in microseconds, that every server knows.
_MOMENTS_FROM = 10**15


class _Unknown(Exception):
    """The server does not know the place: it does not go back so far, or has not come so far."""


@dataclass
class _Heard:
    """What one visit heard: posts by address, where it stopped, and whether something may be missing."""

    cursor: int
    at: str = ""
    posts: dict[str, RemotePost | None] = field(default_factory=dict)
    raw: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    gap: bool = False
    is_live: bool = False


async def listen(http: Http, stream: str, server: Server, words: Words, since: Cursor, *, at: datetime) -> Page:
    """Hear all that was said since the cursor, and keep what has one of the words."""
    known = [str(key) for key in since.get("known") or ()]
    heard = await _hear(http, stream, words, since, set(known), at=at)
    views = await _as_shown(server, [uri for uri, post in heard.posts.items() if post is None])
    posts = {}
    for uri, post in heard.posts.items():
        found = post or post_of(views.get(uri, {})) or post_of(heard.raw[uri])
        if found is not None:
            posts[uri] = found
    known = [uri for uri in known if uri not in posts] + [uri for uri, post in posts.items() if not post.deleted]
    cursor = {"server": stream, "seq": heard.cursor, "at": heard.at, "known": known[-REMEMBERED:]}
    return Page(posts=tuple(posts.values()), cursor=cursor, gap=heard.gap, status=200)


async def _hear(http: Http, stream: str, words: Words, since: Cursor, known: set[str], *, at: datetime) -> _Heard:
    """Go on from where it stopped; where the server does not remember, from the moment; else from now, with a gap."""
    now = int(at.timestamp() * 1_000_000)
    place, told = since.get("seq"), read_moment(since.get("at"))
    moment = int(told.timestamp() * 1_000_000) if told else None
    if place is None:
        ways = [(now, False)]
    else:
        # A server's numbers mean nothing to another one.
        own = [(int(place), False)] if since.get("server") == stream or int(place) >= _MOMENTS_FROM else []
        ways = [*own, *([(moment, False)] if moment and int(place) < _MOMENTS_FROM else []), (now, True)]
    for cursor, gap in ways:
        try:
            heard = _Heard(cursor=cursor, at=str(since.get("at") or ""), gap=gap)
            return await _from(http, stream, words, heard, known, until=at)
        except _Unknown:
            continue
    raise Unreachable(_("The stream of posts does not take up again."))


async def _from(http: Http, stream: str, words: Words, heard: _Heard, known: set[str], *, until: datetime) -> _Heard:
    start = heard.cursor
    asked = urlencode({"collections": POSTS, "kinds": "commit", "cursor": start})
    try:
        async with http.socket(f"{stream}/xrpc/{STREAM}?{asked}", protocols=(PROTOCOL,)) as socket:
            async for event in _events(socket):
                _take(heard, event, words, known, after=start, until=until)
                if heard.is_live or len(heard.posts) >= MOST_MATCHES:
                    break
    except aiohttp.WSServerHandshakeError as error:
        raise _why(error) from error
    except (aiohttp.ClientError, OSError) as error:
        if heard.cursor == start:
            raise Unreachable(_("The stream of posts broke off.")) from error
    return heard


async def _events(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Mapping[str, Any]]:
    """Give events until none comes for a while, or the bounds are reached."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SECONDS
    for _event in range(EVENTS):
        left = until - loop.time()
        if left <= 0:
            return
        try:
            message = await socket.receive(timeout=min(SILENCE, left))
        except TimeoutError:
            return
        if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING}:
            return
        if message.type == aiohttp.WSMsgType.ERROR:
            raise Unreachable(_("The stream of posts broke off."))
        if message.type == aiohttp.WSMsgType.TEXT and (event := _payload(message.data)):
            yield event


def _payload(text: str) -> Mapping[str, Any] | None:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(frame, dict):
        return None
    if frame.get("$type") == "error":
        # Such as ConsumerTooSlow: what was heard until now counts.
        return None
    payload = frame.get("payload")
    return payload if isinstance(payload, dict) else None


def _take(
    heard: _Heard, event: Mapping[str, Any], words: Words, known: set[str], *, after: int, until: datetime
) -> None:
    kind = str(event.get("$type") or "").rpartition("#")[2]
    if kind == "info":
        # Asked from a moment that it does not remember, the server begins later, and says so.
        heard.gap = heard.gap or event.get("name") == "OutdatedCursor"
        if event.get("name") == "FutureCursor" and after < _MOMENTS_FROM:
            raise _Unknown  # it numbers anew, or is another one behind the same name
        return
    number = event.get("seq")
    if not isinstance(number, int):
        return
    if after < _MOMENTS_FROM and number <= after:
        return  # The first one is the last one of the visit before.
    heard.cursor, heard.at = number, str(event.get("time") or event.get("witnessedAt") or heard.at)
    said_at = read_moment(heard.at)
    heard.is_live = said_at is not None and said_at >= until
    if kind == "commit" and event.get("collection") == POSTS:
        _take_post(heard, event, words, known)


def _take_post(heard: _Heard, event: Mapping[str, Any], words: Words, known: set[str]) -> None:
    uri = str(Address(str(event.get("did") or ""), POSTS, str(event.get("rkey") or "")))
    if event.get("operation") == "delete":
        # Everything that anybody deletes comes by here; only what was given before is anything to us.
        if uri in known or uri in heard.posts:
            heard.posts[uri] = RemotePost(id=uri, deleted=True)
        return
    record = event.get("record")
    # An edit of what was given before is told, whatever words it has left.
    if isinstance(record, dict) and (uri in known or words.are_in(record)):
        heard.posts[uri] = None
        heard.raw[uri] = {"uri": uri, "record": record, "indexedAt": event.get("time")}


async def _as_shown(server: Server, uris: list[str]) -> dict[str, Mapping[str, Any]]:
    """Look at posts as they are shown, with their authors' names; the stream has none of these."""
    found: dict[str, Mapping[str, Any]] = {}
    # What cannot be looked at, or not in time, is taken as it was streamed.
    with suppress(NetworkError, TimeoutError):
        async with asyncio.timeout(SHOWN_SECONDS):
            for start in range(0, len(uris), TOGETHER):
                views = await views_of(server, uris[start : start + TOGETHER])
                found |= {str(view.get("uri")): view for view in views}
    return found


def _why(error: aiohttp.WSServerHandshakeError) -> Exception:
    if error.status == 400:
        return _Unknown()
    if error.status == 429:
        return RateLimited(_("The stream of posts asks us to come less often."), wait=300.0)
    return Unreachable(_("The stream of posts is out of order (%(status)s).", status=error.status))
