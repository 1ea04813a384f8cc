"""Reads what is said to an account, newest first down to what is known, as far as the money reaches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from listening.networks.answers import Said, objects, part, parts, word
from listening.networks.protocols import Access, Cursor, NetworkError, Page, RateLimited, Refused, RemotePost
from listening.networks.words import _
from listening.networks.x import prices
from listening.networks.x.client import asked, get, said
from listening.networks.x.parse import people_of, post_of, versions

WRITTEN = _("“mentions of @” with the account")
PAGE_SIZE, LEAST_PAGE = 50, 5
PAGES_AT_ONCE = 8
IDS_AT_ONCE = 100
# X keeps no more mentions than these to be read.
REACH = 800
FIELDS = (
    "created_at,author_id,conversation_id,in_reply_to_user_id,referenced_tweets,entities,lang,note_tweet,"
    "edit_history_tweet_ids"
)


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    if found := re.fullmatch(r"(?:mentions of\s+)?@?(\w{1,15})", " ".join(place.split()), re.ASCII | re.IGNORECASE):
        return f"mentions of @{found[1].lower()}"
    raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))


@dataclass
class Walk:
    """One walk down: what is known, the newest that was met, where it goes on that did not come to the end."""

    last: int
    newest: int
    below: int
    met: int
    rows: dict[str, RemotePost] = field(default_factory=dict)
    is_over: bool = False
    wait: float | None = None


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read what is new at a place."""
    since = since if since.get("place") == place else {}
    if access.account.handle and place != f"mentions of @{access.account.handle.lower()}":
        raise Refused(_("This is another account than @%(name)s, which is connected.", name=access.account.handle))
    last, newest, below, met = (_number(since.get(name)) for name in ("last", "newest", "below", "met"))
    walk = Walk(last, newest, below, met)
    first_time = not walk.last
    for step in range(1 if first_time else PAGES_AT_ONCE):
        try:
            await _one_page(walk, access)
        except RateLimited as problem:
            if not step:
                raise
            # What was paid for is kept; the rest comes when there is money, or leave, again.
            walk.wait = problem.wait
        if walk.is_over or walk.wait is not None:
            break
    gap = walk.is_over and walk.last > 0 and walk.met >= REACH
    if walk.is_over or first_time:
        cursor: dict[str, Any] = {"place": place, "last": max(walk.newest, walk.last)}
    else:
        cursor = {"place": place, "last": walk.last, "newest": walk.newest, "below": walk.below, "met": walk.met}
    posts = tuple(walk.rows.values())
    page = Page(posts=posts, cursor=cursor, unchanged=not posts, gap=gap, wait=walk.wait, status=200)
    return replace(page, size=len(posts), title=place)


async def _one_page(walk: Walk, access: Access) -> None:
    """Read a page, as large as there is money for, and give back what was not charged."""
    each = prices.of_mention(access.facts)
    taken = await access.http.aspend(each * PAGE_SIZE, least=each * LEAST_PAGE)
    size = min(taken // each, PAGE_SIZE)
    query = [("max_results", str(size)), ("tweet.fields", FIELDS), ("expansions", "author_id")]
    query += [("user.fields", "name,username,public_metrics")]
    query += [("since_id", str(walk.last))] if walk.last else []
    query += [("until_id", str(walk.below))] if walk.below else []
    try:
        path = f"users/{access.account.id}/mentions"
        told = said(await access.http.send("GET", **asked("GET", path, access.credentials, query)))
    except NetworkError:
        await access.http.aspend(-taken)
        raise
    rows, people = parts(told, "data"), people_of(told)
    per_post = prices.of_own_post(access.facts)
    await access.http.aspend(len(rows) * per_post + len(people) * prices.PERSON - taken)
    ids = [int(word(row, "id")) for row in rows if word(row, "id").isdigit()]
    for row in rows:
        if post := post_of(row, people):
            # Newest first: of a post that was edited, its last version comes first.
            walk.rows.setdefault(post.id, post)
    walk.met += len(rows)
    walk.newest = max([walk.newest, *ids])
    walk.below = min(ids, default=walk.below)
    walk.is_over = not ids or not word(part(told, "meta"), "next_token")


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read posts again; of one that was edited, its last version."""
    asked_for = [own for own in ids if own.isdigit()]
    found, gone = _looked_up(access, asked_for)
    later = {versions(row)[-1]: own for own, row in found.items() if versions(row)[-1] != own}
    if later:
        newer, _gone = _looked_up(access, list(later))
        found |= {later[own]: row for own, row in newer.items()}
    posts = [post for row in found.values() if (post := post_of(row, {}))]
    return [*posts, *(RemotePost(id=own, deleted=True) for own in gone if own not in found)]


def _looked_up(access: Access, ids: Sequence[str]) -> tuple[dict[str, Said], list[str]]:
    """Return posts by their ids, and the ids of which X says that nothing is there any more."""
    found: dict[str, Said] = {}
    gone: list[str] = []
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        query = (("ids", ",".join(some)), ("tweet.fields", FIELDS))
        told, taken = get(access, "tweets", query, price=prices.POST * len(some))
        rows = parts(told, "data")
        access.http.spend(prices.POST * len(rows) - taken)
        found |= {word(row, "id"): row for row in rows}
        # Of a closed account X says something else than of a post that is gone.
        missing = [row for row in objects(told.get("errors")) if word(row, "type").endswith("/resource-not-found")]
        gone += [own for row in missing if (own := word(row, "value") or word(row, "resource_id")) in some]
    return found, gone


def _number(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 0
