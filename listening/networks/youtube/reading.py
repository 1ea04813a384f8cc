"""Reads comments, newest thread first, and some days back: answers to old threads do not move them up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from listening.networks.answers import Said, listed, moment, number, object_of, part, parts, quoted, told_in, word
from listening.networks.feed.client import Feed
from listening.networks.feed.text import plain_text
from listening.networks.http import Answer
from listening.networks.limits import until_midnight
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    NetworkError,
    Page,
    RateLimited,
    Refused,
    RemotePost,
    Results,
    Unreachable,
)
from listening.networks.words import _
from listening.networks.youtube.parse import comment_of, thread_of

API = "https://www.googleapis.com/youtube/v3"
FEEDS = "https://www.youtube.com/feeds/videos.xml"
ZONE = "America/Los_Angeles"
CHANNEL = r"UC[\w-]{22}"
VIDEO = r"[\w-]{11}"
WRITTEN = _("“comments of” or “uploads of” with a channel's number (UC…), or “video” with its address")
PAGE_SIZE = 100
PAGES_AT_ONCE = 10
PAGES_OF_OVERLAP = 2
OVERLAP = timedelta(days=7)
# Threads whose answers did not all come along are asked for the rest, so many at once.
THREADS_AT_ONCE = 10
IDS_AT_ONCE = 50
WAIT_WHEN_LIMITED = 120.0


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    text = " ".join(place.split())
    if found := re.fullmatch(rf"(comments|uploads) of \S*?({CHANNEL})/?", text, re.IGNORECASE):
        return f"{found[1].lower()} of {found[2]}"
    address = r"(?:video )?(?:https?://)?(?:www\.|m\.)?(?:youtube\.com/(?:watch\?(?:\S*&)?v=|shorts/|live/)|youtu\.be/)"
    if found := re.fullmatch(rf"{address}({VIDEO})(?:[?&#]\S*)?", text, re.IGNORECASE):
        return f"video {found[1]}"
    if found := re.fullmatch(rf"video ({VIDEO})", text, re.IGNORECASE):
        return f"video {found[1]}"
    raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read what is new at a place."""
    since = since if since.get("place") == place else {}
    if place.startswith("uploads of "):
        return await _uploads(access, place, since)
    key = access.credentials.get("key", "")
    if not key:
        raise Refused(_("No channel is connected here. Connect one under Connections."), permanent=False)
    where = "videoId" if place.startswith("video ") else "allThreadsRelatedToChannelId"
    query = [("part", "snippet,replies"), (where, place.rpartition(" ")[2]), ("order", "time")]
    last = _moment(since.get("last"))
    found: dict[str, Said] = {}
    token, gap = "", False
    for step in range(1 if last is None else PAGES_AT_ONCE):
        more = [("maxResults", str(PAGE_SIZE)), *([("pageToken", token)] if token else [])]
        told = said(await access.http.send("GET", **asked("commentThreads", key, [*query, *more])))
        page = {word(row, "id"): row for row in parts(told, "items") if word(row, "id")}
        found |= page
        token, oldest = word(told, "nextPageToken"), min(filter(None, map(_written, page.values())), default=None)
        has_last = last is None or oldest is None or oldest < last
        if not token or (has_last and (step + 1 >= PAGES_OF_OVERLAP or _is_past(oldest, last))):
            break
        gap = step == PAGES_AT_ONCE - 1 and not has_last
    posts = [post for row in found.values() for post in thread_of(row)]
    posts += await _rest(access, key, list(found.values()))
    newest = max(filter(None, [last, *(post.published_at for post in posts if not post.in_reply_to)]), default=None)
    cursor = {"place": place, "last": newest.isoformat() if newest else ""}
    each = {post.id: post for post in posts}
    return Page(posts=tuple(each.values()), cursor=cursor, gap=gap, status=200, size=len(each), title=place)


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read comments again, many at once; what does not come is gone."""
    posts = []
    for own_id, row in _again(access, ids):
        post = comment_of(row) if row else RemotePost(id=own_id, deleted=True)
        posts += [post] if post else []
    return posts


def results_of(access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
    """Say how often comments were liked."""
    return {own: Results(likes=number(part(row, "snippet"), "likeCount")) for own, row in _again(access, ids) if row}


def asked(what: str, key: str, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return how something is asked; the key goes in a header, where no log of addresses has it."""
    return {"url": f"{API}/{what}?{urlencode(query)}", "headers": {"X-Goog-Api-Key": key}, "accept": "application/json"}


def said(answer: Answer) -> Said:
    """Return what an answer says, or raise the plain reason why it says nothing."""
    if answer.status == 200:
        return object_of(answer)
    raise reason(answer)


def reason(answer: Answer) -> NetworkError:
    """Say why YouTube did not do what it was asked: by its reason, for one status stands for many."""
    error = part(told_in(answer), "error")
    why = {word(row, "reason") for row in parts(error, "errors")} | {
        word(row, "reason") for row in parts(error, "details")
    }
    words = " ".join(plain_text(word(error, "message")).split())[:200]
    if why & {"quotaExceeded", "dailyLimitExceeded"}:
        wait = until_midnight(ZONE, answer.received_at)
        return RateLimited(_("The key has used up what YouTube gives it for a day."), wait=wait)
    if answer.status == 429 or why & {"rateLimitExceeded", "userRateLimitExceeded"}:
        return RateLimited(_("YouTube asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if answer.status == 401 or why & {"keyInvalid", "keyExpired", "API_KEY_INVALID"} or "API key" in words:
        return AccessWithdrawn(_("YouTube does not accept the key any more. Connect the channel with a new one."))
    if "commentsDisabled" in why:
        return Refused(_("Comments are switched off there."), permanent=False)
    if answer.status == 404:
        return Refused(_("YouTube knows no such place (404)."), permanent=False)
    if answer.status >= 500:
        return Unreachable(_("YouTube is out of order (%(status)s).", status=answer.status))
    return Refused(
        _("YouTube refuses (%(status)s)%(quoted)s", status=answer.status, quoted=quoted(words)), permanent=False
    )


def _again(access: Access, ids: Sequence[str]) -> list[tuple[str, Said | None]]:
    key, found = access.credentials.get("key", ""), list[tuple[str, Said | None]]()
    wanted = [own for own in ids if re.fullmatch(r"[\w.-]{10,80}", own) and not own.startswith("yt:")]
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = wanted[start : start + IDS_AT_ONCE]
        answer = access.http.request("GET", **asked("comments", key, [("part", "snippet"), ("id", ",".join(some))]))
        rows = {word(row, "id"): row for row in listed(said(answer), "items")}
        found += [(own, rows.get(own)) for own in some]
    return found


async def _rest(access: Access, key: str, rows: Sequence[Said]) -> list[RemotePost]:
    """Ask for answers that did not come along with their thread."""
    posts: list[RemotePost] = []
    short = [row for row in rows if (number(part(row, "snippet"), "totalReplyCount") or 0) > _along(row)]
    for row in short[:THREADS_AT_ONCE]:
        query = [("part", "snippet"), ("parentId", word(row, "id")), ("maxResults", "100")]
        told = said(await access.http.send("GET", **asked("comments", key, query)))
        video, channel = word(part(row, "snippet"), "videoId"), word(part(row, "snippet"), "channelId")
        found = (comment_of(one, thread=word(row, "id"), video=video, channel=channel) for one in parts(told, "items"))
        posts += [post for post in found if post]
    return posts


async def _uploads(access: Access, place: str, since: Cursor) -> Page:
    """Read the feed of a channel, which costs nothing of what the key may."""
    channel = place.rpartition(" ")[2]
    address = f"{FEEDS}?channel_id={channel}"
    page = await Feed().read(Access(http=access.http), address, {**since, "url": address})
    posts = tuple(replace(post, conversation=post.id, author=replace(post.author, id=channel)) for post in page.posts)
    return replace(page, posts=posts, cursor={**page.cursor, "place": place})


def _along(row: Said) -> int:
    return len(parts(part(row, "replies"), "comments"))


def _written(row: Said) -> datetime | None:
    return moment(part(part(part(row, "snippet"), "topLevelComment"), "snippet"), "publishedAt")


def _is_past(oldest: datetime | None, last: datetime | None) -> bool:
    return oldest is None or last is None or oldest < last - OVERLAP


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) and text else None
    except ValueError:
        return None
