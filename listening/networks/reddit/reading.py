"""Reads feeds of Reddit, with a token that is never part of what is kept or shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from listening.networks.answers import json_of
from listening.networks.feed.client import Feed
from listening.networks.http import Answer
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    RemotePost,
    Unreachable,
    Unreadable,
)
from listening.networks.reddit.parse import posts_of
from listening.networks.words import _

SERVER = "https://www.reddit.com"
WRITTEN = _("r/name, “r/name comments”, u/name, “inbox”, or “search:” with words")
# How a member's feeds are written; both are offered in the preferences.
JSON = "json"
MOST_SHOWN = 100
SECONDS_BETWEEN = 120.0
WAIT_WHEN_LIMITED = 900.0
_NAME = r"[A-Za-z0-9_-]{2,50}"
_THREAD = re.compile(r"/comments/([0-9a-z]{1,12})(?:/[^/]*)?(?:/([0-9a-z]{1,12}))?/?$")
_FULL_NAME = re.compile(r"t[134]_[0-9a-z]{1,13}")


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    text = re.sub(r"^https?://(?:www\.|old\.|new\.)?reddit\.com/", "", " ".join(place.split()), flags=re.IGNORECASE)
    text = text.removeprefix("/").rstrip("/")
    if found := re.fullmatch(rf"inbox(?: of (?:u/)?({_NAME}))?", text, re.IGNORECASE):
        return f"inbox of u/{found[1].lower()}" if found[1] else "inbox"
    if found := re.fullmatch(rf"r/({_NAME}(?:\+{_NAME})*)(?:/(?:new)?)?( comments|/comments)?", text, re.IGNORECASE):
        return f"r/{found[1].lower()}" + (" comments" if found[2] else "")
    if found := re.fullmatch(rf"(?:u|user)/({_NAME})", text, re.IGNORECASE):
        return f"u/{found[1].lower()}"
    if text.lower().startswith("search:") and (words := text[len("search:") :].strip()):
        if len(words) > 300:
            raise ValueError(_("This is too long to search for."))
        return f"search: {words}"
    raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))


def address_of(place: str, credentials: Mapping[str, str]) -> str:
    """Return the address of a place's feed, with the member's token."""
    query = {"feed": credentials.get("token", ""), "user": credentials.get("user", ""), "limit": "100"}
    if place.startswith("inbox"):
        path = "/message/inbox/.rss"
    elif place.startswith("search: "):
        path, query = "/search.rss", {"q": place.removeprefix("search: "), "sort": "new", **query}
    elif place.startswith("u/"):
        path = f"/user/{place[2:]}/.rss"
    elif place.endswith(" comments"):
        path = f"/{place.removesuffix(' comments')}/comments/.rss"
    else:
        path = f"/{place}/new/.rss"
    if credentials.get("form") == JSON:
        path, query = f"{path.removesuffix('.rss')}.json", {"raw_json": "1", **query}
    return f"{SERVER}{path}?{urlencode(query)}"


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read a feed; what is kept names the place and not the address, which has the token in it."""
    if not access.credentials.get("token"):
        raise Refused(_("No member of Reddit is connected here. Connect one under Connections."), permanent=False)
    user = access.credentials.get("user", "").lower()
    if place.startswith("inbox of ") and place != f"inbox of u/{user}":
        raise Refused(_("This is the inbox of another member than u/%(user)s, who is connected.", user=user))
    addressed = user if place.startswith("inbox") else ""
    if access.credentials.get("form") == JSON:
        return await _listing(access, place, since if since.get("url") == place else {}, addressed)
    address = address_of(place, access.credentials)
    known = {**since, "url": address} if since.get("url") == place else {}
    try:
        page = await Feed().read(Access(http=access.http), address, known)
    except (Refused, RateLimited) as problem:
        raise _said(problem) from problem
    posts = tuple(_post(post, addressed) for post in page.posts)
    cursor = {**page.cursor, "url": place}
    return replace(
        page, posts=posts, cursor=cursor, moved_to="", title=place, wait=max(page.wait or 0.0, SECONDS_BETWEEN)
    )


async def _listing(access: Access, place: str, since: Cursor, addressed: str) -> Page:
    """Read the newest of a listing; nothing of it may be known where more came than it shows."""
    answer = await access.http.send("GET", address_of(place, access.credentials), accept="application/json")
    raise_for_status(answer)
    try:
        posts = posts_of(json_of(answer), addressed=addressed)
    except RecursionError as error:
        raise Unreadable(_("Reddit's answer is nested too deep.")) from error
    known = [str(own) for own in since.get("ids") or ()]
    ids = [post.id for post in posts]
    gap = bool(known) and len(ids) >= MOST_SHOWN and not set(ids) & set(known)
    cursor = {"url": place, "ids": (ids or known)[:MOST_SHOWN]}
    return Page(
        posts=tuple(posts), cursor=cursor, gap=gap, wait=SECONDS_BETWEEN, title=place, status=200, size=len(ids)
    )


def raise_for_status(answer: Answer) -> None:
    """Raise the plain reason when Reddit does not show a feed."""
    if answer.status == 429:
        raise RateLimited(_("Reddit asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if answer.status == 403 and b"block" in answer.body[:20_000].lower():
        raise Refused(_("Reddit turns away everything that comes from here (403), not this member."), permanent=False)
    if answer.status in {401, 403}:
        raise AccessWithdrawn(_("Reddit does not accept the feed token. Copy a new one from its preferences."))
    if answer.status >= 500:
        raise Unreachable(_("Reddit is out of order (%(status)s).", status=answer.status))
    if answer.status != 200:
        raise Refused(_("Reddit does not show this (%(status)s).", status=answer.status), permanent=False)


def _said(problem: Refused | RateLimited) -> Refused | RateLimited:
    """Say for Reddit what was said for any feed."""
    if isinstance(problem, RateLimited):
        return RateLimited(_("Reddit asks us to come less often."), wait=max(problem.wait or 0.0, WAIT_WHEN_LIMITED))
    if "(403)" in str(problem) or "(401)" in str(problem):
        return Refused(
            _("Reddit does not show this: the place is closed, or the feed token is not valid."), permanent=False
        )
    return problem


def _post(post: RemotePost, addressed: str) -> RemotePost:
    """Name a post as Reddit names it, and the thread that it stands in."""
    name = re.sub(r"^/?(?:u|user)/", "", post.author.name.strip())
    thread = _THREAD.search(post.url.partition("?")[0])
    found = _FULL_NAME.search(post.id)
    own_id = found[0] if found else _from_link(thread) or post.id
    is_comment = own_id.startswith("t1_")
    conversation = f"t3_{thread[1]}" if thread else own_id
    return replace(
        post,
        id=own_id,
        # A feed calls a comment “name on title”, which nobody wrote.
        title="" if is_comment else post.title,
        text=re.sub(
            r"\s*submitted by\s+/?u/\S+(?:\s+to\s+r/\S+)?\s*(?:\[link\])?\s*(?:\[comments\])?\s*$", "", post.text
        ),
        author=RemoteAuthor(id=name.lower(), handle=name, name=name, url=f"{SERVER}/user/{name}" if name else ""),
        conversation=conversation,
        in_reply_to=conversation if is_comment else "",
        addressed_to=(addressed,) if addressed else (),
    )


def _from_link(thread: re.Match[str] | None) -> str:
    if thread is None:
        return ""
    return f"t1_{thread[2]}" if thread[2] else f"t3_{thread[1]}"
