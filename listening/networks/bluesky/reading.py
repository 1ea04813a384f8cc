"""Reads what an account is told, and what an account says: lists that run from the newest backwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from listening.networks.bluesky.client import Said, Server
from listening.networks.bluesky.ids import moment
from listening.networks.bluesky.parse import post_of, posts_in_thread, read_moment
from listening.networks.protocols import Cursor, Page, RemotePost, Unreadable
from listening.networks.words import _

PAGE_SIZE = 100
PAGES_AT_ONCE = 10
TOGETHER = 25
# Lists are sorted by when something was seen, which may be told a little late.
OVERLAP = timedelta(minutes=10)
SPOKEN_TO = ("mention", "reply", "quote")
THREADS_AT_ONCE = 10

Item = Mapping[str, Any]
Ask = Callable[[str], Awaitable[tuple[list[Item], str]]]


async def read_notifications(server: Server, account: str, since: Cursor) -> Page:
    """Read who spoke to the account since the cursor: mentions, answers and quotes."""

    async def ask(cursor: str) -> tuple[list[Item], str]:
        found = await server.query(
            "app.bsky.notification.listNotifications", limit=PAGE_SIZE, cursor=cursor, reasons=list(SPOKEN_TO)
        )
        return _items(found, "notifications"), str(found.get("cursor") or "")

    items, newest, gap = await _back_to(ask, since, seen_at=lambda item: item.get("indexedAt"))
    spoken = {str(item.get("uri")): item for item in items if item.get("reason") in SPOKEN_TO}
    known = str(since.get("newest") or "")
    fresh = [uri for uri, item in spoken.items() if str(item.get("indexedAt") or "") >= known]
    # A notification has the record and no pictures; what is new is looked at as it is shown.
    whole = {str(view.get("uri")): view for view in await views_of(server, fresh)}
    posts = [post_of(whole.get(uri, item), to=account) for uri, item in spoken.items()]
    return Page(posts=_kept(posts), cursor={"newest": newest}, gap=gap, status=200)


async def read_author(server: Server, actor: str, since: Cursor) -> Page:
    """Read what an account wrote since the cursor, without what it only passed on."""

    async def ask(cursor: str) -> tuple[list[Item], str]:
        found = await server.query("app.bsky.feed.getAuthorFeed", actor=actor, limit=PAGE_SIZE, cursor=cursor)
        own = [item for item in _items(found, "feed") if not item.get("reason")]
        return [_mapping(item.get("post")) for item in own], str(found.get("cursor") or "")

    items, newest, gap = await _back_to(ask, since, seen_at=lambda item: item.get("indexedAt"))
    author = _mapping(items[0].get("author")) if items else {}
    title = str(author.get("displayName") or author.get("handle") or "")
    return Page(posts=_kept(map(post_of, items)), cursor={"newest": newest}, gap=gap, status=200, title=title)


async def views_of(server: Server, uris: Sequence[str]) -> list[Item]:
    """Look at posts as they are shown now; what is not there is left out."""
    found: list[Item] = []
    for start in range(0, len(uris), TOGETHER):
        some = list(uris[start : start + TOGETHER])
        found.extend(_items(await server.query("app.bsky.feed.getPosts", uris=some), "posts"))
    return found


async def thread_of(server: Server, uri: str, *, depth: int = 6, above: int = 20) -> list[RemotePost]:
    """Read the thread around a post; empty where it is not there."""
    try:
        found = await server.query("app.bsky.feed.getPostThread", uri=uri, depth=depth, parentHeight=above)
    except Said:
        return []
    return posts_in_thread(_mapping(found.get("thread")))


async def _back_to(ask: Ask, since: Cursor, *, seen_at: Callable[[Item], Any]) -> tuple[list[Item], str, bool]:
    """Turn pages back to what was known; returns the items, the newest moment, and whether something may be missing."""
    known = read_moment(since.get("newest"))
    until = known - OVERLAP if known else None
    newest: datetime | None = known
    items: list[Item] = []
    cursor, reached = "", until is None
    for _page in range(PAGES_AT_ONCE if until else 1):
        found, cursor = await ask(cursor)
        moments = [at for at in map(read_moment, map(seen_at, found)) if at]
        newest = max([*moments, *([newest] if newest else [])], default=None)
        items.extend(item for item in found if until is None or (read_moment(seen_at(item)) or until) >= until)
        if not cursor or (until is not None and moments and min(moments) < until):
            reached = True
            break
    return items, moment(newest) if newest else "", not reached


def _kept(posts: Iterable[RemotePost | None]) -> tuple[RemotePost, ...]:
    return tuple({post.id: post for post in posts if post is not None}.values())


def _items(found: Mapping[str, Any], name: str) -> list[Item]:
    items = found.get(name)
    if not isinstance(items, list):
        raise Unreadable(_("Bluesky answered without “%(name)s”.", name=name))
    return [item for item in items if isinstance(item, Mapping)]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
