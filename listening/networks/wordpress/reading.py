"""Reads a site's comments: what is new, oldest first, and now and then what was said lately once more, for edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from listening.networks.protocols import Cursor, NetworkError, Page, Refused, RemotePost, Results
from listening.networks.wordpress.client import Said, Site, number_in
from listening.networks.wordpress.parse import comment_of, is_gone

PAGE_SIZE, PAGES_AT_ONCE = 100, 10
# What was written within the same seconds may be told a little late.
OVERLAP = timedelta(minutes=5)
# An edited comment stays where it was in the list: what is younger than this is read again every so often.
LOOKED_AGAIN, EVERY = timedelta(days=2), timedelta(minutes=30)
REMEMBERED = 1000
_SHOWN: dict[str, Any] = {"context": "edit", "_embed": "up", "per_page": PAGE_SIZE, "orderby": "date_gmt"}
_NOT_THERE = {"rest_comment_invalid_id", "rest_post_invalid_id"}

Item = Mapping[str, Any]


async def read_comments(site: Site, account: str, since: Cursor, *, at: datetime) -> Page:
    """Read the comments since the cursor."""
    newest, looked_at = _moment(since.get("newest")), _moment(since.get("looked")) or at
    if newest is None:
        items, _there = await site.pages("comments", most=1, order="desc", status="any", **_SHOWN)
        rest: dict[str, Any] = {}
    else:
        items, rest = await _after(site, since, newest)
    if newest is not None and not rest and at - looked_at >= EVERY:
        again, _there = await site.pages(
            "comments", most=PAGES_AT_ONCE, order="desc", status="any", after=_written(at - LOOKED_AGAIN), **_SHOWN
        )
        items, looked_at = again + items, at
    moments = [moment for moment in map(_moment, (item.get("date_gmt") for item in items)) if moment]
    newest = max([*moments, *([newest] if newest else [])], default=None)
    known = [number for number in since.get("known") or () if isinstance(number, int)]
    shown = [item for item in items if not is_gone(item) or item.get("id") in set(known)]
    known = [*dict.fromkeys([*known, *(int(item["id"]) for item in shown if isinstance(item.get("id"), int))])]
    cursor = {
        "newest": _written(newest) if newest else "",
        "looked": _written(looked_at),
        "known": known[-REMEMBERED:],
    }
    return Page(posts=_posts(site, account, shown), cursor=cursor | rest, wait=5.0 if rest else None, status=200)


async def _after(site: Site, since: Cursor, newest: datetime) -> tuple[list[Item], dict[str, Any]]:
    """Read what came since, oldest first; returns it, and where to go on in the same list if there is more."""
    page, after = since.get("page"), str(since.get("after") or "")
    if not isinstance(page, int) or not after:
        page, after = 1, _written(newest - OVERLAP)
    items, there = await site.pages(
        "comments", most=PAGES_AT_ONCE, first=page, order="asc", status="any", after=after, **_SHOWN
    )
    onward = page + PAGES_AT_ONCE
    return items, {"page": onward, "after": after} if there >= onward else {}


async def revisit(site: Site, account: str, ids: Sequence[str]) -> list[RemotePost]:
    """Read comments again, one list for all of them; what is not in it is asked for by itself."""
    start = f"{site.key}/comment/"
    numbers = [int(key.removeprefix(start)) for key in ids if key.startswith(start) and key[len(start) :].isdigit()]
    found: list[RemotePost] = []
    for first in range(0, len(numbers), PAGE_SIZE):
        some = numbers[first : first + PAGE_SIZE]
        items, _there = await site.pages("comments", most=1, include=some, status="any", **_SHOWN)
        found.extend(_posts(site, account, items))
        listed = {item.get("id") for item in items}
        others = [await _alone(site, account, number) for number in some if number not in listed]
        found.extend(post for post in others if post is not None)
    return found


async def standing(site: Site, ids: Sequence[str]) -> set[str]:
    """Say which comments and posts are on the site: neither in its trash nor among its spam."""
    found: set[str] = set()
    for kind in ("comment", "post"):
        start = f"{site.key}/{kind}/"
        numbers = [int(key.removeprefix(start)) for key in ids if key.startswith(start) and key[len(start) :].isdigit()]
        for first in range(0, len(numbers), PAGE_SIZE):
            some = numbers[first : first + PAGE_SIZE]
            items, _there = await site.pages(
                f"{kind}s", most=1, include=some, per_page=PAGE_SIZE, status="any", context="edit"
            )
            found |= {f"{start}{item.get('id')}" for item in items if not is_gone(item)}
    return found & set(ids)


async def results_of(site: Site, ids: Sequence[str]) -> dict[str, Results]:
    """Count the answers to comments and posts of ours; a site tells of no likes."""
    found: dict[str, Results] = {}
    for remote_id in ids:
        kind = "parent" if remote_id.startswith(f"{site.key}/comment/") else "post"
        try:
            number = number_in(site, "comment" if kind == "parent" else "post", remote_id)
        except Refused:
            continue
        try:
            await site.get(f"{'comments' if kind == 'parent' else 'posts'}/{number}")
        except Said as said:
            if said.code in _NOT_THERE or said.status in {401, 403, 404}:
                continue
            raise
        answer = await site.ask("GET", "comments", {kind: number, "per_page": 1})
        told = answer.headers.get("X-WP-Total", "")
        found[remote_id] = Results(answers=int(told) if answer.status == 200 and told.isdigit() else None)
    return found


async def _alone(site: Site, account: str, number: int) -> RemotePost | None:
    try:
        item = await site.get(f"comments/{number}", context="edit", _embed="up")
    except Said as said:
        gone = said.code == "rest_comment_invalid_id"
        return RemotePost(id=f"{site.key}/comment/{number}", deleted=True) if gone else None
    except NetworkError:
        return None
    return comment_of(site.key, item, to=account) if isinstance(item, dict) else None


def _posts(site: Site, account: str, items: Iterable[Item]) -> tuple[RemotePost, ...]:
    posts = (comment_of(site.key, item, to=account) for item in items)
    return tuple({post.id: post for post in posts if post is not None}.values())


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
