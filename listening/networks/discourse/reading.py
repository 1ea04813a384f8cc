"""Reads a forum: everything, walked down by number to the last seen; one topic; or a search."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from listening.networks.answers import Said, moment, number, part, parts, word
from listening.networks.discourse import notified
from listening.networks.discourse.client import Forum, forum_of, said
from listening.networks.discourse.parse import post_of
from listening.networks.discourse.pushed import posts_of
from listening.networks.protocols import Access, Cursor, Page, Refused, RemotePost
from listening.networks.pushes import Heard, hear
from listening.networks.words import _

WRITTEN = _("“everything”, “mentions” of the account, “topic” with its number, or “search:” with words")
STEP = 50
PAGES_AT_ONCE = 20
POSTS_OF_A_TOPIC = 20
REMEMBERED = 100
# What waited for approval, or lay hidden, appears late under its old number: so far below the last seen it is read.
OVERLAP = 50
# While a forum tells by itself what happens, everything is walked no oftener than this.
WALKED_EVERY = timedelta(minutes=5)


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    text = " ".join(place.split())
    low = text.lower()
    if low in {"everything", "mentions"} or re.fullmatch(r"(?:everything|mentions) in [\w.:/-]{1,300}", low):
        return low
    if found := re.fullmatch(r"(?:topic\s*|https?://\S+/t/(?:[^/\s]+/)?)(\d{1,15})(?:/\d+)?/?", text, re.IGNORECASE):
        return f"topic {found[1]}"
    if low.startswith("search:") and (words := text[len("search:") :].strip()):
        if len(words) > 300:
            raise ValueError(_("This is too long to search for."))
        return f"search: {words}"
    raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read what is new at a place."""
    forum = forum_of(access)
    since = since if since.get("place") == place and since.get("server") == forum.address else {}
    what, _in, host = place.partition(" in ")
    if what in {"everything", "mentions"} and host and host != forum.host:
        raise Refused(_("This is another forum than %(host)s, which is connected.", host=forum.host))
    if what == "mentions":
        told, cursor, gap = await notified.read(forum, since)
        return _page(told, {"place": place, "server": forum.address, **cursor}, gap=gap, title=place)
    heard = await hear(access, since, partial(posts_of, forum)) if what == "everything" else Heard({}, {})
    if heard.posts and _was_walked_lately(since):
        # What was told is enough for now; what may be missing in it is found by the next walk.
        kept = {**since, **heard.cursor}
        return _page(list(heard.posts.values()), kept, gap=False, title=place)
    if place.startswith("topic "):
        found, cursor, gap = await _topic(forum, place.removeprefix("topic "), since)
    elif place.startswith("search: "):
        found, cursor, gap = await _search(forum, place.removeprefix("search: "), since)
    else:
        found, cursor, gap = await _everything(forum, since)
    posts = {post.id: post for post in _named(found, forum)}
    # A push that is older than the walk may still say that something was taken down since.
    posts = {**heard.posts, **posts} | {own: post for own, post in heard.posts.items() if post.deleted}
    walked = {"walked": datetime.now(UTC).isoformat()} if what == "everything" else {}
    kept = {"place": place, "server": forum.address, **cursor, **walked, **heard.cursor}
    return _page(list(posts.values()), kept, gap=gap, title=place)


def _page(posts: Sequence[RemotePost], kept: Mapping[str, Any], *, gap: bool, title: str) -> Page:
    size = len(posts)
    return Page(posts=tuple(posts), cursor=kept, unchanged=not size, gap=gap, status=200, size=size, title=title)


def _was_walked_lately(since: Cursor) -> bool:
    before = moment(since, "walked")
    return before is not None and timedelta() <= datetime.now(UTC) - before < WALKED_EVERY


async def _everything(forum: Forum, since: Cursor) -> tuple[list[Said], dict[str, Any], bool]:
    """Walk down from the newest; a page may be empty where many numbers are hidden, and yet not be the last."""
    last = since.get("last")
    floor = max(int(last) - OVERLAP, 0) if isinstance(last, int) else None
    found: dict[int, Said] = {}
    before, gap = 0, False
    for step in range(PAGES_AT_ONCE):
        told = said(await forum.fetch("/posts.json", [("before", str(before))] if before else []))
        page = {own: post for post in parts(told, "latest_posts") if (own := number(post, "id"))}
        found |= page
        lowest = min(page, default=before - STEP + 1 if before else 0)
        if floor is None or lowest <= floor + 1 or lowest <= 1:
            break
        before = lowest - 1
        gap = step == PAGES_AT_ONCE - 1
    newest = max([*found, last if isinstance(last, int) else 0])
    new = [post for own, post in found.items() if floor is None or own > floor]
    return new, {"last": newest}, gap


async def _topic(forum: Forum, topic_id: str, since: Cursor) -> tuple[list[Said], dict[str, Any], bool]:
    """Read what a topic has more than before; the first time, its beginning and its end."""
    topic = said(await forum.fetch(f"/t/{topic_id}.json"))
    stream = part(topic, "post_stream")
    ids = [own for own in stream.get("stream") or [] if isinstance(own, int)]
    last = since.get("last")
    floor = last if isinstance(last, int) else None
    shown = {own: post for post in parts(stream, "posts") if (own := number(post, "id"))}
    wanted = [own for own in ids if own > (floor if floor is not None else -1) and own not in shown]
    most = POSTS_OF_A_TOPIC * PAGES_AT_ONCE
    # The first time the end is enough; later all of it, the oldest first, so that the next read goes on from there.
    wanted = wanted[-POSTS_OF_A_TOPIC:] if floor is None else wanted[:most]
    for start in range(0, len(wanted), POSTS_OF_A_TOPIC):
        some = [("post_ids[]", str(own)) for own in wanted[start : start + POSTS_OF_A_TOPIC]]
        told = said(await forum.fetch(f"/t/{topic_id}/posts.json", some))
        shown |= {own: post for post in parts(part(told, "post_stream"), "posts") if (own := number(post, "id"))}
    reached = wanted[-1] if floor is not None and len(wanted) == most else max([*shown, *ids, floor or 0])
    return [{**post, "_topic": topic} for post in shown.values()], {"last": reached}, False


async def _search(forum: Forum, words: str, since: Cursor) -> tuple[list[Said], dict[str, Any], bool]:
    """Read what a search finds, newest first, down to what is known."""
    known = [own for own in since.get("ids") or () if isinstance(own, int)]
    found: dict[int, Said] = {}
    gap = False
    for step in range(1, (PAGES_AT_ONCE if known else 1) + 1):
        query = (("q", f"{words} order:latest"), ("page", str(step)))
        told = said(await forum.fetch("/search.json", query))
        topics = {number(topic, "id"): topic for topic in parts(told, "topics")}
        page = {
            own: {**post, "_topic": topics.get(number(post, "topic_id"), {})}
            for post in parts(told, "posts")
            if (own := number(post, "id"))
        }
        is_end = not page.keys() - found.keys() or bool(page.keys() & set(known))
        found |= page
        if is_end or not part(told, "grouped_search_result").get("more_full_page_results", True):
            break
        gap = bool(known) and step == PAGES_AT_ONCE
    ids = sorted({*known, *found})[-REMEMBERED:]
    return list(found.values()), {"ids": ids}, gap


def _named(found: Sequence[Said], forum: Forum) -> tuple[RemotePost, ...]:
    """Make posts; what answers a post that came along is an answer to it."""
    pairs = [(post, post_of(post, forum.address, host=forum.host, topic=part(post, "_topic"))) for post in found]
    places = {f"{forum.host}/t/{word(row, 'topic_id')}/{word(row, 'post_number')}": post for row, post in pairs if post}
    return tuple(with_above(post, places) for _row, post in pairs if post)


def with_above(post: RemotePost, places: dict[str, RemotePost]) -> RemotePost:
    """Name what is answered by its id, where that is known."""
    above = places.get(post.in_reply_to)
    return replace(post, in_reply_to=above.id) if above else post
