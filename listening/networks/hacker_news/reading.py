"""Asks the search of Hacker News, and its own list of items for edits and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from listening.networks.answers import Said, json_of, number, object_of, parts, word
from listening.networks.feed.entry import web_link
from listening.networks.feed.text import plain_text, plain_title
from listening.networks.http import Answer
from listening.networks.protocols import (
    Access,
    Cursor,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    RemotePost,
    Unreachable,
)
from listening.networks.words import _

SEARCH = "https://hn.algolia.com/api/v1/search_by_date"
# The limit that a search takes from.
SEARCHES = "searches"
ITEMS = "https://hacker-news.firebaseio.com/v0/item"
PAGES = "https://news.ycombinator.com"
PAGE_SIZE = 100
PAGES_AT_ONCE = 10
# The index has stood still for a day and a half, and then filled up with what was older than all that it had shown.
WIDE, WIDE_EVERY = 48 * 3600, 3600
NARROW = 2 * 3600
WAIT_WHEN_LIMITED = 600.0


def check_place(place: str) -> str:
    """Return the words in one form; raise ValueError with what is wrong about them."""
    words = " ".join(place.split())
    if not any(map(str.isalnum, words)):
        raise ValueError(_("Write the words to search for."))
    if len(words) > 300:
        raise ValueError(_("This is too long to search for."))
    return words


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Walk down through time to a moment that overlaps with what is known."""
    since = since if since.get("place") == place else {}
    last, now = _number(since, "last"), int(datetime.now(UTC).timestamp())
    is_wide = last is None or now - (_number(since, "wide_at") or 0) >= WIDE_EVERY
    floor = None if last is None else last - (WIDE if is_wide else NARROW)
    found: dict[str, Said] = {}
    before, gap = None, False
    for step in range(1 if floor is None else PAGES_AT_ONCE):
        address = _address(place, floor, before)
        answer = await access.http.send("GET", address, accept="application/json", bucket=SEARCHES)
        hits = [hit for hit in parts(_said(answer), "hits") if word(hit, "objectID") and number(hit, "created_at_i")]
        known = len(found)
        found |= {word(hit, "objectID"): hit for hit in hits}
        if len(hits) < PAGE_SIZE or len(found) == known:
            break
        before = min(number(hit, "created_at_i") or 0 for hit in hits)
        gap = floor is not None and step == PAGES_AT_ONCE - 1
    newest = max([number(hit, "created_at_i") or 0 for hit in found.values()], default=0)
    cursor = {"place": place, "last": max(newest, last or 0) or now, "wide_at": now if is_wide else since["wide_at"]}
    posts = tuple(post_of(hit) for hit in found.values())
    return Page(posts=posts, cursor=cursor, unchanged=not posts, gap=gap, status=200, size=len(posts), title=place)


def post_of(hit: Said) -> RemotePost:
    """Read what the search found: a story with its link, or a comment."""
    own_id, story = word(hit, "objectID"), word(hit, "story_id")
    link = web_link(word(hit, "url"), "", [])
    text = plain_text(word(hit, "comment_text") or word(hit, "story_text"))
    parent = word(hit, "parent_id")
    written = number(hit, "created_at_i")
    return RemotePost(
        id=own_id,
        title=plain_title(word(hit, "title")),
        text="\n\n".join(filter(None, (text, link))),
        url=f"{PAGES}/item?id={own_id}",
        author=_author(word(hit, "author")),
        published_at=_moment(written),
        in_reply_to=parent,
        conversation=story or own_id,
    )


def _moment(seconds: int | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read items again; what is dead was taken down, and what is null is not there yet or never was."""
    posts = []
    for own_id in ids:
        answer = access.http.request("GET", f"{ITEMS}/{own_id}.json", accept="application/json")
        _raise_for_status(answer)
        if isinstance(item := json_of(answer), dict):
            posts.append(_item(own_id, item))
    return posts


def _item(own_id: str, item: Said) -> RemotePost:
    if item.get("deleted") is True or item.get("dead") is True:
        return RemotePost(id=own_id, deleted=True)
    hit: dict[str, Any] = {
        "objectID": own_id,
        "author": item.get("by"),
        "title": item.get("title"),
        "url": item.get("url"),
        "story_text": item.get("text"),
        "parent_id": item.get("parent"),
        "created_at_i": item.get("time"),
    }
    return post_of(hit)


def _author(name: str) -> RemoteAuthor:
    return RemoteAuthor(id=name, handle=name, name=name, url=f"{PAGES}/user?id={name}" if name else "")


def _number(since: Cursor, key: str) -> int | None:
    value = since.get(key)
    return value if isinstance(value, int) else None


def _address(words: str, floor: int | None, before: int | None) -> str:
    bounds = [f"created_at_i>{floor}"] if floor is not None else []
    bounds += [f"created_at_i<={before}"] if before is not None else []
    query = {"query": words, "tags": "(story,comment)", "hitsPerPage": str(PAGE_SIZE)}
    return f"{SEARCH}?{urlencode(query | ({'numericFilters': ','.join(bounds)} if bounds else {}))}"


def _said(answer: Answer) -> Said:
    _raise_for_status(answer)
    return object_of(answer)


def _raise_for_status(answer: Answer) -> None:
    if answer.status == 429:
        raise RateLimited(_("The search asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if answer.status >= 500:
        raise Unreachable(_("The search is out of order (%(status)s).", status=answer.status))
    if answer.status != 200:
        raise Refused(_("The search does not take this (%(status)s).", status=answer.status), permanent=False)
