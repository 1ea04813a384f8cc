"""Reads the bytes of a feed, in any format, into posts. Pure: the same bytes always give the same posts."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import datetime
from urllib.parse import urljoin

from listening.networks.feed import json_feed, patient, rss_atom
from listening.networks.feed.encoding import decode, untwisted
from listening.networks.feed.entry import language_tag, to_posts, web_link
from listening.networks.feed.limits import MOST_ENTRIES
from listening.networks.feed.markup import State, parse_xml, too_deep, without_prologue
from listening.networks.feed.shape import Found, ParsedFeed
from listening.networks.feed.text import plain_title
from listening.networks.protocols import Unreadable
from listening.networks.words import _

# From so many bytes on a feed is parsed beside the event loop; what is smaller takes less than the way there.
LARGE = 50_000
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_WEB_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FEED_START = re.compile(r"<(?:[\w.-]+:)?(?:rss|rdf|feed|channel)\b", re.IGNORECASE)
_FEED_TYPES = ("application/rss", "application/atom", "application/feed+json", "application/rdf")
_LINK_TAG = re.compile(r"<link\b[^<>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(rel|type|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def parse_feed(body: bytes, *, content_type: str = "", base: str = "", at: datetime | None = None) -> ParsedFeed:
    """Return the posts of a feed; raise Unreadable with the reason when it is none. `at` is when it was fetched."""
    text, problems = decode(body, content_type)
    start = text.lstrip()
    if not start:
        raise Unreadable(_("The answer is empty: there is no feed in it."))
    found = json_feed.read(start, base) if start[0] in "{[" else _read_xml(start, base, problems)
    complete = len(found.entries) <= MOST_ENTRIES
    if not complete:
        problems.append(
            _("The feed has more than %(most)s entries; only so many were read.", most=format(MOST_ENTRIES, ","))
        )
    return ParsedFeed(
        title=plain_title(untwisted(found.title)),
        posts=to_posts(found.entries[:MOST_ENTRIES], at),
        problems=problems,
        language=language_tag(found.language),
        wait=found.wait,
        complete=complete,
        hub=web_link(found.hub, base, []),
        topic=web_link(found.topic, base, []),
    )


async def parse_aside(body: bytes, *, content_type: str, base: str, at: datetime) -> ParsedFeed:
    """Parse a feed; a large one in a thread of its own, so that it keeps nobody waiting who is visited meanwhile."""
    if len(body) < LARGE and body[:2] != b"\x1f\x8b":  # what is packed may be large all the same
        return parse_feed(body, content_type=content_type, base=base, at=at)
    return await asyncio.to_thread(parse_feed, body, content_type=content_type, base=base, at=at)


def feeds_named_by(page: str, base: str = "") -> list[str]:
    """Return the feeds that a web page links to as its own."""
    found = []
    for tag in _LINK_TAG.findall(page[:200_000]):
        said = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        kind = said.get("type", "").lower()
        if "alternate" in said.get("rel", "").lower() and said.get("href") and kind.startswith(_FEED_TYPES):
            with suppress(ValueError):
                found.append(urljoin(base, said["href"].replace("&amp;", "&").strip()))
    return list(dict.fromkeys(found))


def _read_xml(text: str, base: str, problems: list[str]) -> Found:
    if text[0] != "<" and not _FEED_START.search(text[:2_000]):
        raise Unreadable(_("This is text, not a feed."))
    if _WEB_PAGE.search(text[:2_000]) and not _FEED_START.search(text[:2_000]):
        raise Unreadable(_about_page(text, base))
    root, state = parse_xml(text)
    if root is not None and state is not State.BROKEN:
        if too_deep(root):
            raise Unreadable(_("The document nests deeper than any feed does, so it was not read."))
        if not rss_atom.is_feed(root):
            raise Unreadable(_("This is XML, but not a feed."))
    found = rss_atom.read(root, base) if root is not None and rss_atom.is_feed(root) else None
    if state is not State.SOUND:
        problems.append(_("The XML of the feed is not correct; what could be read was taken."))
    if state is State.BROKEN and (_FEED_START.search(text) or _ENTRY.search(text)) and patient.can_try(text):
        found = max(patient.read(without_prologue(text)[0], base), found or Found(), key=_says)
    if found is None or (state is State.BROKEN and not found.title and not found.entries):
        raise Unreadable(_("This is no feed: no format that we know could be found in it."))
    return found


def _says(found: Found) -> tuple[int, int]:
    """How much a reader got out of a document: entries first, then what they say."""
    fields = sum(
        bool(e.guid) + bool(e.link) + bool(e.title) + bool(e.html or e.text) + bool(e.published) for e in found.entries
    )
    return len(found.entries), fields


def _about_page(text: str, base: str) -> str:
    named = feeds_named_by(text, base)
    if named:
        return _("This is a web page, not a feed. The page names this feed: %(address)s", address=named[0][:500])
    return _("This is a web page, not a feed.")
