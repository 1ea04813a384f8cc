"""Find the feeds of a site: those that its page names, else those that lie where feeds usually lie."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urljoin, urlsplit

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.utils.translation import gettext as _

from listening.networks.feed import network
from listening.networks.feed.client import ACCEPT, raise_for_status
from listening.networks.feed.encoding import decode
from listening.networks.feed.parse import feeds_named_by, parse_aside
from listening.networks.http import Answer, Bounds, Http
from listening.networks.protocols import NetworkError, RemotePost, Unreadable
from listening.politeness import turn_at

USUAL_PLACES = ("/feed", "/rss", "/feed.xml", "/atom.xml", "/rss.xml", "/index.xml", "/feed.json")
MOST_CANDIDATES = 6
NEWEST_SHOWN = 3
SECONDS_IN_ALL = 25.0
BOUNDS = Bounds(total=8, size=5_000_000)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed of a site, with what it brings: its name, its newest posts, and when it was read."""

    address: str
    title: str
    count: int
    newest: tuple[RemotePost, ...]
    dated: bool


def find_feeds(address: str, *, at: datetime) -> list[FoundFeed]:
    """Return the feeds at an address or of the page there, each read once; raises with the reason where none is."""
    return async_to_sync(_Search(at).run)(network.check_place(address))


class _Search:
    """One look at a site, politely: one request after the other, each in its turn among all that visit the server."""

    def __init__(self, at: datetime) -> None:
        self._at, self._start = at, monotonic()

    async def run(self, place: str) -> list[FoundFeed]:
        allowed, contact = settings.FETCH_ALLOWED_PRIVATE_HOSTS, settings.FETCH_CONTACT_URL
        async with Http(allowed, contact, BOUNDS, turns=self._turn) as http:
            answer = await self._get(http, place)
            raise_for_status(answer)
            if found := await _feed(answer, place):
                return [found]
            page = decode(answer.body, answer.content_type)[0]
            named = feeds_named_by(page, answer.url)
            found_feeds = await self._read_all(http, named[:MOST_CANDIDATES], enough=MOST_CANDIDATES)
            if not found_feeds:
                usual = [urljoin(answer.url, path) for path in USUAL_PLACES]
                found_feeds = await self._read_all(http, [place for place in usual if place not in named], enough=1)
        if not found_feeds:
            raise Unreadable(_("No feed was found: the page names none, and none lies where feeds usually lie."))
        return found_feeds

    async def _read_all(self, http: Http, places: list[str], *, enough: int) -> list[FoundFeed]:
        found: dict[str, FoundFeed] = {}
        for place in places:
            if len(found) >= enough or monotonic() - self._start > SECONDS_IN_ALL:
                break
            try:
                answer = await self._get(http, network.check_place(place))
                raise_for_status(answer)
            except (ValueError, NetworkError):
                continue
            if feed := await _feed(answer, place):
                found.setdefault(answer.url, feed)
        return list(found.values())

    async def _get(self, http: Http, place: str) -> Answer:
        wait = await self._turn((urlsplit(place).hostname or "").lower())
        if wait > SECONDS_IN_ALL - (monotonic() - self._start):
            raise Unreadable(_("This server wants to be left alone for now. Try again in a few minutes."))
        await asyncio.sleep(wait)
        return await http.get(place, accept=ACCEPT)

    async def _turn(self, host: str) -> float:
        now = self._at + timedelta(seconds=monotonic() - self._start)
        return await sync_to_async(turn_at)(host, at=now)


async def _feed(answer: Answer, place: str) -> FoundFeed | None:
    try:
        feed = await parse_aside(answer.body, content_type=answer.content_type, base=answer.url, at=answer.received_at)
    except Unreadable:
        return None
    dated = [(post.published_at, place, post) for place, post in enumerate(feed.posts) if post.published_at]
    newest = [post for _at, _place, post in sorted(dated, key=lambda row: row[:2], reverse=True)] or feed.posts
    address = network.check_place(answer.moved_to or place)
    return FoundFeed(address, feed.title, len(feed.posts), tuple(newest[:NEWEST_SHOWN]), bool(dated))
