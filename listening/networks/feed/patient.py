"""Reads documents that are too broken for an XML parser, with feedparser, within bounds."""

from __future__ import annotations

import re

import feedparser

from listening.networks.feed.entry import Entry
from listening.networks.feed.limits import DEEPEST, LARGEST_BROKEN, MOST_TAGS_BROKEN
from listening.networks.feed.markup import depth_of
from listening.networks.feed.shape import Found

_ENTITIES = re.compile(r"<!ENTITY[^>]{0,1000}>?", re.IGNORECASE)


def can_try(text: str) -> bool:
    """Tell whether a broken document is small and shallow enough for a parser whose time nobody bounds."""
    return len(text) <= LARGEST_BROKEN and text.count("<") <= MOST_TAGS_BROKEN and depth_of(text) <= DEEPEST


def read(text: str, base: str) -> Found:
    """Return what feedparser can still find in a broken document without document type or entities."""
    document = _ENTITIES.sub("", text).encode("utf-8", "ignore")
    headers = {"content-type": "application/xml; charset=utf-8"} | ({"content-location": base} if base else {})
    said = feedparser.parse(document, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    feed = said.get("feed", {})
    found = Found(title=feed.get("title", ""), base=base, language=feed.get("language", "") or "")
    if not base and str(feed.get("link", "")).startswith(("http://", "https://")):
        found.base = feed["link"]
    found.entries = [_entry(entry, found) for entry in said.get("entries", [])]
    return found


def _entry(said: feedparser.FeedParserDict, feed: Found) -> Entry:
    contents = [c.get("value", "") for c in said.get("content", []) if c.get("value")]
    return Entry(
        guid=said.get("id", ""),
        link=said.get("link", ""),
        base=feed.base,
        title=said.get("title", ""),
        html=contents[0] if contents else said.get("summary", ""),
        author=said.get("author", ""),
        author_url=said.get("author_detail", {}).get("href", ""),
        published=[said["published"]] if said.get("published") else [],
        updated=[said["updated"]] if said.get("updated") else [],
        language=said.get("language", "") or feed.language,
        media=[link.get("href", "") for link in said.get("enclosures", [])],
    )
