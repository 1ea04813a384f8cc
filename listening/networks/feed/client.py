"""Reads feeds over HTTP, politely: asks only for what changed, and believes what the server says about waiting."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Literal

from multidict import CIMultiDictProxy
from yarl import URL

from listening.networks.feed.entry import web_link
from listening.networks.feed.parse import parse_aside
from listening.networks.feed.shape import ParsedFeed
from listening.networks.guard import LONGEST_ADDRESS, parts_of
from listening.networks.http import Answer, Http
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    NetworkError,
    Page,
    RateLimited,
    Refused,
    RemotePost,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
WAIT_WHEN_LIMITED = 3600.0
# A hint, not an order: a mistaken one must not silence a source for longer than this.
LONGEST_HINT = 6 * 3600.0
_LONGEST_VALIDATOR = 1000
_LINK = re.compile(r"<([^<>]{1,2000})>([^<>]{0,500})")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>[^\s;,]+))", re.IGNORECASE)
_REMEMBERED = 64


class Feed:
    """Anything that publishes RSS, Atom, RDF or JSON Feed."""

    name = "feed"
    label = _("Feed")
    icon = "rss"
    places = _("its address, or that of a page which names it")
    ids_within: Literal["network", "source"] = "source"

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Fetch a feed if it changed since the last time."""
        http: Http = access.http
        same_place = since.get("url") == place
        answer = await http.get(place, headers=_conditions(since) if same_place else {}, accept=ACCEPT)
        if answer.status == 304:
            return Page(
                cursor=dict(since), unchanged=True, moved_to=answer.moved_to, wait=_hint(answer, None), status=304
            )
        raise_for_status(answer)
        feed = await parse_aside(answer.body, content_type=answer.content_type, base=answer.url, at=answer.received_at)
        hub, topic = hub_of(answer, feed)
        return Page(
            posts=tuple(feed.posts),
            cursor=_cursor(place, answer, feed) | ({"hub": hub, "topic": topic} if hub else {}),
            gap=not feed.complete or (same_place and _has_gap(since, feed.posts)),
            moved_to=answer.moved_to,
            wait=_hint(answer, feed),
            title=feed.title,
            status=answer.status,
            size=len(answer.body),
            problems=tuple(feed.problems),
        )

    def check_place(self, place: str) -> str:
        """Return the address of a feed in full; raise ValueError with what is wrong about it."""
        text = place.strip()
        if not text:
            raise ValueError(_("Enter the address of a feed."))
        if re.search(r"[\s\\\x00-\x1f]", text) or len(text) > LONGEST_ADDRESS:
            raise ValueError(_("An address has no spaces in it and is not longer than 4,000 characters."))
        text = re.sub(r"^feed:(?://)?(?=https?://)", "", text, flags=re.IGNORECASE)
        text = re.sub(r"^feed://", "https://", text, flags=re.IGNORECASE)
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
            if re.match(r"[A-Za-z][A-Za-z0-9+-]*:(?!\d)", text):
                raise ValueError(_("The address of a feed begins with https:// or http://."))
            text = f"https://{text}"
            if not re.match(r"https://(?:[^/]+\.[^/]|\[|[^/]+:\d|localhost\b)", text):
                raise ValueError(_("This does not look like an address. An example: https://example.org/feed.xml"))
        return _checked(text)


def _checked(text: str) -> str:
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError as error:
        raise ValueError(_("This is not a web address.")) from error
    if url.scheme not in {"http", "https"}:
        raise ValueError(_("The address of a feed begins with https:// or http://."))
    if url.user is not None or url.password is not None:
        raise ValueError(_("The address contains a user name or a password. Leave them out."))
    if not host or not port:
        raise ValueError(_("The address names no site."))
    whole = url.with_fragment(None)
    return str(whole if parts_of(text).path else whole.with_path("/", keep_query=True))


def _cursor(place: str, answer: Answer, feed: ParsedFeed) -> dict[str, Any]:
    # Validators of a document that was not taken whole would hide its rest behind a 304.
    validators = _validators(answer) if feed.complete else {}
    return {"url": place, **validators, "ids": _remember(feed.posts), "count": len(feed.posts)}


def _conditions(since: Cursor) -> dict[str, str]:
    pairs = (("If-None-Match", since.get("etag")), ("If-Modified-Since", since.get("modified")))
    return {name: value for name, value in pairs if value}


def _validators(answer: Answer) -> dict[str, str]:
    pairs = (("etag", answer.headers.get("ETag")), ("modified", answer.headers.get("Last-Modified")))
    return {name: value for name, value in pairs if value and _can_be_sent_back(value)}


def _can_be_sent_back(value: str) -> bool:
    return len(value) <= _LONGEST_VALIDATOR and not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value)


def _remember(posts: list[RemotePost]) -> list[str]:
    marks = [blake2b(post.id.encode("utf-8", "ignore"), digest_size=6).hexdigest() for post in posts]
    if len(marks) <= _REMEMBERED:
        return marks
    # Feeds run newest first or oldest first: both ends are kept, so that the newest are always among them.
    return marks[: _REMEMBERED // 2] + marks[-_REMEMBERED // 2 :]


def _has_gap(since: Cursor, posts: list[RemotePost]) -> bool:
    known: Any = since.get("ids") or ()
    if not known or len(posts) < min(int(since.get("count") or 0), len(known)):
        return False
    marks = {blake2b(post.id.encode("utf-8", "ignore"), digest_size=6).hexdigest() for post in posts}
    return marks.isdisjoint(known)


def _hint(answer: Answer, feed: ParsedFeed | None) -> float | None:
    waits = [wait for wait in (answer.fresh_for, feed.wait if feed else None) if wait]
    return max(answer.wait or 0.0, min(max(waits, default=0.0), LONGEST_HINT)) or None


def hub_of(answer: Answer, feed: ParsedFeed) -> tuple[str, str]:
    """Return the hub that tells what is new in a feed, and what it calls the feed: by headers, else by the document."""
    said: dict[str, str] = {}
    for header in answer.headers.getall("Link", []) if isinstance(answer.headers, CIMultiDictProxy) else ():
        for target, parameters in _LINK.findall(header[:4000]):
            relation = _REL.search(parameters)
            for name in (relation["quoted"] or relation["plain"] or "").lower().split() if relation else ():
                said.setdefault(name, web_link(target, answer.url, []))
    hub = said.get("hub") or feed.hub
    return (hub, said.get("self") or feed.topic or answer.url) if hub else ("", "")


def raise_for_status(answer: Answer) -> None:
    """Raise the plain reason when the server gave anything but a document."""
    status = answer.status
    if status in {200, 203, 226}:
        return
    problem = _reason(status, answer)
    problem.host = answer.sent_on_to
    raise problem


def _reason(status: int, answer: Answer) -> NetworkError:
    if status == 429:
        return RateLimited(_("The site asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if status == 503 and answer.wait:
        return RateLimited(_("The site is out of service for a while and said when to come back."), wait=answer.wait)
    if status == 410:
        return AccessWithdrawn(_("The feed is gone for good (410)."))
    if status == 404:
        return Refused(_("There is nothing at this address (404)."), permanent=False)
    if status == 401:
        return Refused(_("The feed can only be read after signing in (401)."))
    if status == 403:
        return Refused(_("The site does not let us read this feed (403)."), permanent=False)
    if status == 451:
        return Refused(_("The site may not show this feed for legal reasons (451)."), permanent=False)
    if status >= 500:
        return Unreachable(_("The site is out of order (%(status)s).", status=status))
    if status >= 400:
        return Refused(_("The site refuses to answer (%(status)s).", status=status), permanent=False)
    if status in {204, 205}:
        return Unreadable(_("The answer is empty: there is no feed in it."))
    return Unreadable(_("The site answered in a way that makes no sense for a feed (%(status)s).", status=status))
