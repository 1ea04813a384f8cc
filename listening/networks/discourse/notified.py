"""What was said to the account, by its notifications: mentions, answers and quotes, also where no name stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from listening.networks.answers import Said, number, part, parts
from listening.networks.discourse.client import Forum, is_gone, said
from listening.networks.discourse.parse import post_of
from listening.networks.protocols import Cursor, RemotePost

# Mentioned, answered, quoted, and mentioned as one of a group; private messages are nobody's business here.
KINDS = {1, 2, 3, 15}
PAGE_SIZE, PAGES_AT_ONCE = 60, 10
POSTS_AT_ONCE = 20


async def read(forum: Forum, since: Cursor) -> tuple[list[RemotePost], dict[str, Any], bool]:
    """Walk down from the newest notification to the last seen, then read the posts; the first time, one page."""
    last = since.get("last")
    floor = last if isinstance(last, int) else None
    found: dict[int, Said] = {}
    gap = False
    for step in range(PAGES_AT_ONCE if floor is not None else 1):
        query = (("limit", str(PAGE_SIZE)), ("offset", str(step * PAGE_SIZE)))
        rows = parts(said(await forum.fetch("/notifications.json", query)), "notifications")
        page = {own: row for row in rows if (own := number(row, "id"))}
        found |= page
        if len(rows) < PAGE_SIZE or (floor is not None and min(page, default=0) <= floor):
            break
        gap = floor is not None and step == PAGES_AT_ONCE - 1
    new = [row for own, row in found.items() if floor is None or own > floor]
    posts = await _posts(forum, [row for row in new if row.get("notification_type") in KINDS])
    return posts, {"last": max([*found, floor or 0])}, gap


async def _posts(forum: Forum, rows: Sequence[Said]) -> list[RemotePost]:
    """Read the posts that notifications tell of, by topic; what is gone or closed to us since is left out."""
    wanted: dict[int, list[int]] = {}
    for row in rows:
        topic, own = number(row, "topic_id"), number(part(row, "data"), "original_post_id")
        if topic and own and own not in wanted.setdefault(topic, []):
            wanted[topic].append(own)
    posts: list[RemotePost] = []
    for topic, ids in wanted.items():
        for start in range(0, len(ids), POSTS_AT_ONCE):
            query = [("post_ids[]", str(own)) for own in ids[start : start + POSTS_AT_ONCE]]
            answer = await forum.fetch(f"/t/{topic}/posts.json", query)
            if answer.status == 403 or is_gone(answer):
                break
            told = parts(part(said(answer), "post_stream"), "posts")
            found = (post_of(one, forum.address, host=forum.host) for one in told if number(one, "id") in ids)
            posts += [_to_us(post, forum) for post in found if post]
    return posts


def _to_us(post: RemotePost, forum: Forum) -> RemotePost:
    """Whoever is notified is addressed, also by those who answer without a name."""
    own = f"{forum.username.lower()}@{forum.host}"
    return replace(post, addressed_to=tuple(sorted({*post.addressed_to, own})))
