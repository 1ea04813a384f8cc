"""A feed of ours as Atom (RFC 4287): words and links only, whatever was written into them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from listening.models import Channel, OwnFeedEntry
from roles.links import outside_address
from roles.markdown import markdown

ATOM = "http://www.w3.org/2005/Atom"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
KEYS = uuid.UUID("5b0c4f0e-6a3a-4b7e-9d56-0d3f4c1f6a77")
# What XML 1.0 cannot hold, in whatever way it is written.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ET.register_namespace("", ATOM)


def atom_of(channel: Channel, entries: Sequence[OwnFeedEntry], *, owner: str, changed_at: datetime) -> bytes:
    """Return the feed with these entries, the newest first; the same entries give the same bytes."""
    feed = ET.Element(f"{{{ATOM}}}feed")
    address = outside_address("listening:own_feed", channel.account_id)
    _add(feed, "id", _urn(channel.account_id))
    _add(feed, "title", channel.name)
    _add(feed, "updated", _moment(changed_at))
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(_add(feed, "author"), "name", owner)
    for entry in entries:
        _add_entry(feed, channel, entry)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(feed: ET.Element, channel: Channel, entry: OwnFeedEntry) -> None:
    made = _add(feed, "entry")
    if entry.language:
        made.set(LANGUAGE, entry.language)
    _add(made, "id", _urn(f"{channel.account_id}/{entry.key}"))
    _add(made, "title", title_of(entry))
    _add(made, "updated", _moment(entry.published_at))
    _add(made, "published", _moment(entry.published_at))
    here = outside_address("listening:own_feed_entry", channel.account_id, entry.pk)
    _add(made, "link", rel="alternate", type="text/html", href=here)
    if entry.link:
        _add(made, "link", rel="related", href=entry.link)
    for tag in entry.tags:
        _add(made, "category", term=str(tag))
    if entry.warning:
        _add(made, "summary", entry.warning)
    _add(made, "content", str(markdown(_storable(entry.text))), type="html")


def title_of(entry: OwnFeedEntry) -> str:
    """What an entry is called: its title, else how it begins, else where it leads."""
    begins = " ".join(entry.text.split())
    return entry.title or (f"{begins[:77]}…" if len(begins) > 78 else begins) or entry.link


def _add(above: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    said = {key: _storable(value) for key, value in attributes.items()}
    made = ET.SubElement(above, f"{{{ATOM}}}{name}", said)
    if text:
        made.text = _storable(text)
    return made


def _storable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def _urn(name: str) -> str:
    return uuid.uuid5(KEYS, name).urn


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
