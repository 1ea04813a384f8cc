"""Reads documents that are too broken for an XML parser, with feedparser, within bounds."""

from __future__ import annotations

import re
from typing import Any

import feedparser

from listening.networks.feed.entry import Entry
from listening.networks.feed.limits import DEEPEST, LARGEST_BROKEN, MOST_TAGS_BROKEN
from listening.networks.feed.markup import depth_of, without_strange_letters
from listening.networks.feed.shape import Found

_ENTITIES = re.compile(r"<!ENTITY[^>]{0,1000}>?", re.IGNORECASE)


def can_try(text: str) -> bool:
    """Tell whether a broken document is small and shallow enough for a parser whose time nobody bounds."""
    return len(text) <= LARGEST_BROKEN and text.count("<") <= MOST_TAGS_BROKEN and depth_of(text) <= DEEPEST


def read(text: str, base: str) -> Found:
    """Return what feedparser can still find in a broken document without document type or entities."""
    document = without_strange_letters(_ENTITIES.sub("", text)).encode("utf-8", "ignore")
    # Without the address: feedparser would make relative ids whole, and a feed broken once would change all its ids.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        said = feedparser.parse(document, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception:  # noqa: BLE001 - a document that even the patient parser trips over has nothing more to give.
        return Found()
    feed = said.get("feed", {})
    found = Found(title=_text(feed, "title"), base=base, language=_text(feed, "language"))
    if not base and _text(feed, "link").startswith(("http://", "https://")):
        found.base = _text(feed, "link")
    found.entries = [_entry(entry, found) for entry in said.get("entries", [])]
    return found


def _entry(said: Any, feed: Found) -> Entry:
    contents = [text for content in said.get("content") or [] if (text := _text(content, "value"))]
    # Asked for a missing date of change, feedparser answers with the date of publication.
    updated = _text(said, "updated") if dict.__contains__(said, "updated") else ""
    return Entry(
        guid=_text(said, "id"),
        link=_text(said, "link"),
        base=feed.base,
        title=_text(said, "title"),
        html=contents[0] if contents else _text(said, "summary"),
        author=_text(said, "author"),
        author_url=_text(said.get("author_detail") or {}, "href"),
        published=[date for date in [_text(said, "published")] if date],
        updated=[updated] if updated else [],
        language=_text(said, "language") or feed.language,
        media=[_text(link, "href") for link in said.get("enclosures") or []],
    )


def _text(said: Any, name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
