"""Reads JSON Feed 1 and 1.1."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from listening.networks.feed.entry import Entry
from listening.networks.feed.limits import MOST_ENTRIES
from listening.networks.feed.shape import Found
from listening.networks.protocols import Unreadable
from listening.networks.words import _


def read(text: str, base: str) -> Found:
    """Return what a JSON Feed says; raise Unreadable when it is some other JSON, or broken."""
    try:
        said = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("This looks like JSON, but it is broken.")) from error
    if not isinstance(said, dict) or not ("items" in said or "jsonfeed.org" in _text(said.get("version"))):
        raise Unreadable(_("This is JSON, but not a feed."))
    items = said.get("items")
    author, author_url = _author(said)
    home = _text(said.get("home_page_url"))
    found = Found(title=_text(said.get("title")), base=base or _text(said.get("feed_url")) or home, author=author)
    found.author_url, found.language = author_url, _text(said.get("language"))
    hubs = said.get("hubs")
    named = [hub for hub in (hubs if isinstance(hubs, list) else []) if isinstance(hub, dict)]
    found.hub = next((_text(hub.get("url")) for hub in named if _text(hub.get("type")).lower() == "websub"), "")
    found.topic = _text(said.get("feed_url"))
    known = (item for item in (items if isinstance(items, list) else []) if isinstance(item, dict))
    found.entries = [_entry(item, found) for item in islice(known, MOST_ENTRIES + 1)]
    return found


def _entry(item: dict[str, Any], feed: Found) -> Entry:
    author, author_url = _author(item)
    attachments = item.get("attachments")
    media = [_text(a.get("url")) for a in (attachments if isinstance(attachments, list) else []) if isinstance(a, dict)]
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    return Entry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        base=feed.base,
        title=_text(item.get("title")),
        title_is_html=False,
        html=html,
        text=text or _text(item.get("summary")),
        author=author or feed.author,
        author_url=author_url if author else feed.author_url,
        published=[date for date in [_text(item.get("date_published"))] if date],
        updated=[date for date in [_text(item.get("date_modified"))] if date],
        language=_text(item.get("language")) or feed.language,
        media=[*media, _text(item.get("image"))],
    )


def _author(said: dict[str, Any]) -> tuple[str, str]:
    several = said.get("authors")
    people = [p for p in (several if isinstance(several, list) else [said.get("author")]) if p]
    names, url = [], ""
    for person in people:
        name = _text(person.get("name")) or _text(person.get("url")) if isinstance(person, dict) else _text(person)
        if name:
            names.append(name)
            url = url or (_text(person.get("url")) if isinstance(person, dict) else "")
    return ", ".join(dict.fromkeys(names)), url


def _text(value: Any) -> str:
    """Return text and numbers as text; anything else was put there by mistake."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    try:
        return str(value)
    except ValueError:
        return ""  # A number with thousands of digits.
