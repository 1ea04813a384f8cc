"""What is said to the account, by its notifications: who names it, and who answers what it began itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from listening.networks.answers import Said, moment, objects, part, word
from listening.networks.github.reading import (
    OVERLAP,
    PAGES_AT_ONCE,
    asked,
    listed_in,
    post_of,
    said,
    time_in,
    written,
)
from listening.networks.protocols import Access, Page, RemotePost

PAGE_SIZE = 50
# So far back something may have been said of which the first look hears.
FIRST_LOOK = timedelta(days=2)
_SUBJECT = re.compile(r"/repos/([\w.-]+/[\w.-]+)/(?:issues|pulls)/(\d{1,15})$")


async def read(access: Access, token: str, place: str, since: Said) -> Page:
    """Walk down all notifications since the last look; of each thread, read what is new in it."""
    last = time_in(since.get("last"))
    query = {"all": "true", "participating": "true", "per_page": str(PAGE_SIZE)}
    query |= {"since": written(last - OVERLAP)} if last else {}
    threads: list[Said] = []
    gap, wait = False, 0.0
    for step in range(1, (PAGES_AT_ONCE if last else 1) + 1):
        answer = await access.http.send("GET", **asked("notifications", token, query | {"page": str(step)}))
        rows = objects(listed_in(answer))
        threads += rows
        wait = max(wait, _interval(answer.headers.get("X-Poll-Interval", "")))
        if len(rows) < PAGE_SIZE:
            break
        gap = last is not None and step == PAGES_AT_ONCE
    posts: dict[str, RemotePost] = {}
    for thread in threads:
        begun = last - OVERLAP if last else (moment(thread, "updated_at") or datetime.now(UTC)) - FIRST_LOOK
        posts |= {post.id: post for post in await _said_in(access, token, thread, since=begun)}
    newest = max(filter(None, [last, *(moment(row, "updated_at") for row in threads)]), default=None)
    cursor: dict[str, Any] = {"place": place, "last": newest.isoformat() if newest else ""}
    page = Page(posts=tuple(posts.values()), cursor=cursor, unchanged=not posts, gap=gap, status=200, title=place)
    return replace(page, wait=wait or None)


async def _said_in(access: Access, token: str, thread: Said, *, since: datetime) -> Sequence[RemotePost]:
    """Read an issue or pull request with its new comments; what names nobody of ours is left out."""
    found = _SUBJECT.search(word(part(thread, "subject"), "url"))
    if not found:
        return ()  # a discussion or a release, which this interface does not show
    path, own = f"repos/{found[1]}/issues/{found[2]}", access.account.id
    first = await access.http.send("GET", **asked(path, token))
    if first.status in {403, 404, 410, 451}:
        return ()
    issue = said(first)
    query = {"since": written(since), "per_page": "100"}
    comments = objects(listed_in(await access.http.send("GET", **asked(f"{path}/comments", token, query))))
    is_ours = word(part(issue, "user"), "login").lower() == own
    rows = [issue, *comments] if (moment(issue, "updated_at") or since) >= since else comments
    posts = [post for row in rows if (post := post_of(row))]
    named = [post for post in posts if own in post.addressed_to or (is_ours and post.in_reply_to)]
    return [replace(post, addressed_to=tuple(sorted({*post.addressed_to, own}))) for post in named]


def _interval(told: str) -> float:
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0.0
