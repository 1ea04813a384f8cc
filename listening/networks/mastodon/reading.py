"""Reads places of a server: upward from the last seen where it can, downward to it where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from listening.networks.answers import Said, moment, objects, part, parts, word
from listening.networks.mastodon.client import Server, said, server_of
from listening.networks.mastodon.facts import reads_tags
from listening.networks.mastodon.parse import full_name, post_of, status_of
from listening.networks.mastodon.places import Place, place_of
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    Page,
    RateLimited,
    Refused,
    RemotePost,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _

PAGE_SIZE = 40
# A server allows 300 calls in five minutes; whoever reads leaves enough for those who answer.
CALLS_AT_ONCE = 60
PAGES_DOWN = 20
ASKED_AT_ONCE = 4
# A thread may be too large to be read, which must not keep back what was said in it; nor does one wait for all.
THREADS_THAT_FAIL = 3
REMEMBERED = 40
# What was written elsewhere arrives late, under the number of its time: that much is read again.
OVERLAP = timedelta(minutes=30)
ANCHORS = 12
# An id that a server does not understand makes it answer with what is far older than asked.
LOST_AFTER = timedelta(days=1)
_WANTED = frozenset(("mention", "quote"))


@dataclass
class Walk:
    """One walk through a place: what was asked, how many calls are left, and what was found."""

    server: Server
    path: str
    query: tuple[tuple[str, str], ...]
    since: Cursor
    calls: int
    found: dict[str, Said] = field(default_factory=dict)
    gap: bool = False
    more: bool = False
    way: str = ""

    async def page(self, *query: tuple[str, str]) -> list[Said]:
        """Ask for a page."""
        self.calls -= 1
        answer = await self.server.fetch(self.path, (*self.query, *query))
        if answer.status == 404:
            raise Refused(_("The server knows no such place (404)."), permanent=False)
        told = said(answer)
        return [row for row in objects(told if isinstance(told, list) else _statuses(told)) if word(row, "id")]

    def take(self, page: Iterable[Said]) -> int:
        """Keep what a page holds; returns how much of it is new."""
        before = len(self.found)
        self.found |= {word(row, "id"): row for row in page}
        return len(self.found) - before


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read what is new at a place."""
    server, wanted = server_of(access), place_of(place)
    _refuse_what_cannot_be(access, wanted)
    since = since if since.get("place") == place and since.get("server") == server.address else {}
    walk = Walk(server, *await _asked(server, access, wanted), since, calls=CALLS_AT_ONCE)
    if wanted.kind == "search":
        await _search(walk)
    elif not since.get("last"):
        walk.take(await walk.page(("limit", str(PAGE_SIZE))))
    else:
        await _catch_up(walk, overlaps=wanted.kind != "mentions")
    return await _page(walk, access, wanted, place)


def _refuse_what_cannot_be(access: Access, wanted: Place) -> None:
    own = access.account.handle.lower() or access.account.id
    if wanted.kind == "mentions" and wanted.name and own and wanted.name.lower() != own:
        raise Refused(
            _("These are the mentions of @%(name)s, but the connection is that of @%(own)s.", name=wanted.name, own=own)
        )
    if wanted.kind == "tag" and not reads_tags(access.facts):
        raise Refused(_("This server has switched off reading of hashtags. Read them through another one."))
    if wanted.kind == "search" and access.facts.get("search") is False:
        raise Refused(
            _("This server does not search in what people write. Listen to hashtags instead."), permanent=False
        )


async def _asked(server: Server, access: Access, wanted: Place) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the path of a place, and what is always asked there."""
    if wanted.kind == "mentions":
        return "/api/v1/notifications", tuple(("types[]", kind) for kind in sorted(_WANTED))
    if wanted.kind == "tag":
        query = [(f"{kind}[]", name) for kind, names in wanted.others.items() for name in names]
        return f"/api/v1/timelines/tag/{wanted.name}", tuple(query)
    if wanted.kind == "list":
        return f"/api/v1/timelines/list/{wanted.name}", ()
    if wanted.kind == "search":
        return "/api/v2/search", (("q", wanted.name), ("type", "statuses"))
    return f"/api/v1/accounts/{await _account_id(server, wanted.name)}/statuses", (("exclude_reblogs", "true"),)


async def _account_id(server: Server, name: str) -> str:
    user, _at, domain = name.partition("@")
    local = domain in {server.home.domain, server.home.host}
    answer = await server.fetch("/api/v1/accounts/lookup", (("acct", user if local else name),))
    if answer.status == 404:
        query = (("q", f"@{name}"), ("resolve", "true"), ("limit", "5"), ("type", "accounts"))
        told = said(await server.fetch("/api/v2/search", query))
        accounts = parts(told, "accounts") if isinstance(told, dict) else []
    else:
        told = said(answer)
        accounts = [told] if isinstance(told, dict) else []
    wanted = {name.lower(), full_name(user, server.home).lower() if local else name.lower()}
    for account in accounts:
        if full_name(word(account, "acct"), server.home).lower() in wanted and word(account, "id"):
            return word(account, "id")
    raise Refused(_("The server knows nobody called @%(name)s.", name=name), permanent=False)


async def _catch_up(walk: Walk, *, overlaps: bool) -> None:
    """Walk upward from the last seen, page by page, until nothing is left; downward where pages do not adjoin."""
    start = _start(walk.since, overlaps=overlaps)
    walk.way = str(walk.since.get("way") or "")
    page = await walk.page(("min_id", start), ("limit", str(PAGE_SIZE)))
    if page and _is_lost(walk.since, page):
        walk.gap = True
        walk.take(await walk.page(("limit", str(PAGE_SIZE))))
        return
    if len(page) > 1 and not walk.way:
        walk.way = await _way(walk, start, page)
    if walk.way == "down":
        await _down(walk, page, start)
        return
    while page:
        walk.take(page)
        if walk.calls <= _needed(walk):
            walk.more = True
            return
        page = await walk.page(("min_id", word(_newest(page), "id")), ("limit", str(PAGE_SIZE)))
        if page and not {word(row, "id") for row in page} - walk.found.keys():
            return


async def _way(walk: Walk, start: str, page: Sequence[Said]) -> str:
    """Ask for the one row after the last seen: it adjoins it where one can walk upward."""
    first = await walk.page(("min_id", start), ("limit", "1"))
    oldest = page[-1] if _newest(page) is page[0] else page[0]
    return "up" if first and word(first[0], "id") == word(oldest, "id") else "down"


async def _down(walk: Walk, page: Sequence[Said], start: str) -> None:
    """Walk from the newest down to what is known; a gap where that is not reached."""
    known = {str(identity) for identity in walk.since.get("ids") or ()} | {start}
    for _step in range(PAGES_DOWN):
        new = walk.take(row for row in page if word(row, "id") not in known)
        if not new or any(word(row, "id") in known for row in page) or _is_past(walk.since, page):
            return
        page = await walk.page(("max_id", word(_oldest(page), "id")), ("limit", str(PAGE_SIZE)))
    walk.gap = True


async def _search(walk: Walk) -> None:
    """Read what a search finds, newest first, down to what is known."""
    known = {str(identity) for identity in walk.since.get("ids") or ()}
    for step in range(PAGES_DOWN if known else 1):
        page = await walk.page(("limit", str(PAGE_SIZE)), ("offset", str(step * PAGE_SIZE)))
        if not walk.take(page) or any(word(row, "id") in known for row in page):
            return
    walk.gap = bool(known)


async def _page(walk: Walk, access: Access, wanted: Place, place: str) -> Page:
    rows = [row for row in walk.found.values() if wanted.kind != "mentions" or word(row, "type") in _WANTED]
    statuses = [part(row, "status") if wanted.kind == "mentions" else row for row in rows]
    # Whoever is notified is addressed, also by those who answer without a name.
    own = full_name(access.account.handle or access.account.id, walk.server.home) if wanted.kind == "mentions" else ""
    posts = await posts_with_threads(walk.server, statuses, calls=walk.calls, addressed=own)
    return Page(
        posts=tuple(posts.values()),
        cursor=_cursor(walk, place, overlaps=wanted.kind not in {"mentions", "search"}),
        unchanged=not walk.found,
        gap=walk.gap,
        status=200,
        size=len(walk.found),
        title=place,
    )


async def posts_with_threads(
    server: Server, statuses: Sequence[Said], *, calls: int, addressed: str = ""
) -> dict[str, RemotePost]:
    """Read statuses, each with what began its thread, and what was said above it there."""
    answers = [status for status in map(status_of, statuses) if word(status, "in_reply_to_id")]
    gate, failures = asyncio.Semaphore(ASKED_AT_ONCE), 0

    async def above(status: Said) -> tuple[str, list[Said]]:
        nonlocal failures
        own_id = word(status, "id")
        async with gate:
            if failures >= THREADS_THAT_FAIL:
                return own_id, []
            try:
                return own_id, await ancestors(server, own_id)
            except (Unreachable, Unreadable):
                failures += 1
                return own_id, []

    asked = await asyncio.gather(*map(above, answers[: max(calls, 0)]))
    posts: dict[str, RemotePost] = {}
    roots: dict[str, str] = {}
    for own_id, rows in asked:
        root = word(rows[0], "id") if rows else ""
        roots[own_id] = root
        for row in rows:
            if post := post_of(row, server.home, root=root):
                posts[post.id] = post
    for status in statuses:
        root = roots.get(word(status_of(status), "id"), "")
        if post := post_of(status, server.home, root=root, addressed=addressed):
            posts[post.id] = post
    return posts


async def ancestors(server: Server, own_id: str) -> list[Said]:
    """Return what was said above a status, the first first; nothing where the server does not tell it."""
    try:
        answer = await server.fetch(f"/api/v1/statuses/{own_id}/context")
        told = said(answer)
    except (RateLimited, AccessWithdrawn):
        raise
    except Refused:
        return []
    return [row for row in parts(told, "ancestors") if word(row, "id")] if isinstance(told, dict) else []


def _needed(walk: Walk) -> int:
    """How many calls it takes to learn the threads of what was found so far, and one more page of it."""
    return sum(1 for row in walk.found.values() if word(part(row, "status") or row, "in_reply_to_id")) + PAGE_SIZE // 2


def _start(since: Cursor, *, overlaps: bool) -> str:
    """Return the id to go on from: of the last seen, or of one that is older by the overlap."""
    if not overlaps or since.get("more"):
        return str(since["last"])
    anchors = [anchor for anchor in since.get("anchors") or () if isinstance(anchor, list) and len(anchor) == 2]
    newest = _time(since.get("at"))
    older = [name for name, at in anchors if newest and (found := _time(at)) and found <= newest - OVERLAP]
    return str((older[-1:] or [anchors[0][0] if anchors else since["last"]])[0])


def _is_lost(since: Cursor, page: Sequence[Said]) -> bool:
    last, newest = _time(since.get("at")), moment(_newest(page), "created_at")
    return last is not None and newest is not None and newest < last - LOST_AFTER


def _is_past(since: Cursor, page: Sequence[Said]) -> bool:
    last, oldest = _time(since.get("at")), moment(_oldest(page), "created_at")
    return last is not None and oldest is not None and oldest < last - OVERLAP


def _newest(page: Sequence[Said]) -> Said:
    """The newest row of a page, whichever way it is sorted."""
    first, last = moment(page[0], "created_at"), moment(page[-1], "created_at")
    return page[-1] if first and last and last > first else page[0]


def _oldest(page: Sequence[Said]) -> Said:
    return page[-1] if _newest(page) is page[0] else page[0]


def _cursor(walk: Walk, place: str, *, overlaps: bool) -> dict[str, Any]:
    """Where to go on: the newest row, its time, the ids around it, and older rows to overlap from."""
    since = walk.since
    cursor = {"place": place, "server": walk.server.address} | {
        name: since[name] for name in ("last", "at", "ids", "anchors", "way") if name in since
    }
    if not walk.found:
        return cursor
    rows = sorted(enumerate(walk.found.values()), key=lambda pair: (_row_time(pair[1]), -pair[0]))
    ordered = [row for _place, row in rows]
    newest = _last_of(ordered, walk)
    ids = [*cursor.get("ids", ()), *(word(row, "id") for row in ordered)]
    cursor |= {"last": word(newest, "id"), "at": _row_time(newest), "ids": list(dict.fromkeys(ids))[-REMEMBERED:]}
    if walk.way:
        cursor["way"] = walk.way
    if walk.more:
        cursor["more"] = True
    if overlaps:
        anchors = [[word(row, "id"), _row_time(row)] for row in ordered[:: max(PAGE_SIZE // 4, 1)]]
        cursor["anchors"] = _thinned([*cursor.get("anchors", ()), *anchors, [cursor["last"], cursor["at"]]])
    return cursor


def _last_of(ordered: Sequence[Said], walk: Walk) -> Said:
    """The row with the greatest time; an overlap that brings only what is older does not move the cursor back."""
    newest, last = ordered[-1], walk.since.get("at")
    if last and _row_time(newest) <= str(last) and not walk.gap:
        known = {"id": walk.since["last"], "created_at": last}
        return known if _row_time(newest) < str(last) or word(newest, "id") == walk.since["last"] else newest
    return newest


def _thinned(anchors: list[Any]) -> list[Any]:
    """Keep one anchor older than the overlap, and few within it."""
    ordered = sorted({str(name): str(at) for name, at in anchors}.items(), key=lambda pair: pair[1])
    newest = _time(ordered[-1][1])
    if newest is None:
        return [list(ordered[-1])]
    older = [pair for pair in ordered if (at := _time(pair[1])) and at <= newest - OVERLAP][-1:]
    within = [pair for pair in ordered if (at := _time(pair[1])) and at > newest - OVERLAP]
    step = max(-(-len(within) // ANCHORS), 1)
    return [list(pair) for pair in [*older, *within[:-1:step], *within[-1:]]]


def _row_time(row: Said) -> str:
    found = moment(row, "created_at")
    return found.isoformat(timespec="milliseconds") if found else ""


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _statuses(told: Any) -> list[Said]:
    return parts(told, "statuses") if isinstance(told, Mapping) else []
