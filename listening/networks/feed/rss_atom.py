"""Reads RSS 0.9 to 2.0, RDF and Atom 0.3 and 1.0 out of a parsed document."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from urllib.parse import urljoin

from lxml import etree

from listening.networks.feed.entry import Entry
from listening.networks.feed.limits import LONGEST_LINK, MOST_ENTRIES
from listening.networks.feed.markup import name_of
from listening.networks.feed.shape import Found

_XML = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_ROOTS = frozenset({"rss", "rdf", "feed", "channel", "entry", "item"})
_PLAIN = ("", "atom")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}

Name = tuple[str, str]


def _names(*written: str) -> tuple[Name, ...]:
    parts = (name.rpartition(":") for name in written)
    return tuple((vocabulary, local) for vocabulary, _colon, local in parts)


# The first that says something counts.
_TITLES = _names("title", "atom:title", "dc:title", "media:title", "itunes:title")
_TEXTS = _names(
    *(
        "content:encoded",
        "atom:content",
        "content",
        "xhtml:body",
        "xhtml:div",
        "description",
        "atom:summary",
        "summary",
    ),
    *("dc:description", "itunes:summary", "media:description", "itunes:subtitle", "fulltext", "content:items"),
)
_PUBLISHED = _names(
    *("pubdate", "atom:published", "published", "dc:date", "dc:issued", "dc:created"),
    *("atom:issued", "issued", "atom:created", "created", "date"),
)
_UPDATED = _names("atom:updated", "updated", "dc:modified", "atom:modified", "modified", "lastbuilddate")


class _Parts:
    """The children of one element by vocabulary and name."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self._by_name: dict[Name, list[etree._Element]] = {}
        for child in element:
            tag = child.tag
            if isinstance(tag, str):
                self._by_name.setdefault(name_of(tag), []).append(child)

    def all(self, *names: Name) -> list[etree._Element]:
        by_name = self._by_name
        return [child for name in names if name in by_name for child in by_name[name]]

    def texts(self, *names: Name) -> list[str]:
        """Every non-empty text of these children, in the order of the names."""
        return [text for child in self.all(*names) if (text := text_of(child))]

    def first(self, *names: Name) -> str:
        by_name = self._by_name
        for name in names:
            if name in by_name:
                for child in by_name[name]:
                    if text := text_of(child):
                        return text
        return ""


class _Bases:
    """Where relative links of an element begin: xml:base of all it lies in, worked out once for each parent."""

    def __init__(self, base: str) -> None:
        self._outermost = base
        self._known: dict[etree._Element, str] = {}

    def of(self, element: etree._Element) -> str:
        way, base = [], self._outermost
        for around in (element, *element.iterancestors()):
            if around in self._known:
                base = self._known[around]
                break
            way.append(around)
        for around in reversed(way):
            own = around.get(f"{_XML}base")
            if own:
                with suppress(ValueError):
                    base = urljoin(base, own.strip())[:LONGEST_LINK]
            self._known[around] = base
        return base


def is_feed(root: etree._Element) -> bool:
    """Tell whether the outermost element is one that feeds begin with."""
    return name_of(root.tag)[1] in _ROOTS


def read(root: etree._Element, base: str) -> Found:
    """Return what a document says, entries in their order."""
    named = (e for e in root.iter(*_spelled("item", "entry")) if name_of(e.tag)[0] in _PLAIN)
    elements = list(islice(named, MOST_ENTRIES + 1))
    if name_of(root.tag)[1] == "feed":
        head = _Parts(root)
    else:
        channel = next((e for e in root.iter(*_spelled("channel"))), root)
        head = _Parts(channel)
    found = Found(title=head.first(("", "title"), ("atom", "title"), ("dc", "title")), base=_base_of_feed(head, base))
    found.language = _feed_language(root, head)
    found.author, found.author_url = _atom_person(head.all(("atom", "author"), ("", "author")))
    found.wait = _wait(head)
    found.hub, found.topic = _named(head, "hub"), _named(head, "self")
    bases = _Bases(found.base)
    found.entries = [_entry(element, found, bases.of(element)) for element in elements]
    return found


def _spelled(*names: str) -> tuple[str, ...]:
    """Return these names in any namespace, as careful, careless and loud writers spell them."""
    return tuple(f"{{*}}{form}" for name in names for form in (name, name.title(), name.upper()))


def text_of(element: etree._Element) -> str:
    """Return the text of an element; of one with children, all the text inside it."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(map(str, element.itertext())).strip()


def _entry(element: etree._Element, feed: Found, base: str) -> Entry:
    parts = _Parts(element)
    entry = Entry(base=base, language=_language(element, parts) or feed.language)
    about = element.get(_ABOUT) or element.get("rdf:about") or element.get("about") or ""
    entry.guid = parts.first(("", "guid"), ("", "id"), ("atom", "id"), ("atom", "guid")) or about.strip()
    for title in parts.all(*_TITLES):
        if text_of(title):
            entry.title, entry.title_is_html = _title(title)
            break
    entry.html, entry.text = _content(parts)
    entry.link = _link(parts)
    entry.author, entry.author_url = _author(parts, feed)
    entry.published = parts.texts(*_PUBLISHED)
    entry.updated = parts.texts(*_UPDATED)
    for reply in parts.all(("thr", "in-reply-to")):
        entry.in_reply_to = reply.get("ref") or reply.get("href") or ""
    entry.media = _media(parts)
    return entry


def _title(element: etree._Element) -> tuple[str, bool]:
    kind = (element.get("type") or "").lower()
    if len(element):
        return text_of(element), False  # Markup as real elements (XHTML): its text is already plain.
    is_atom = name_of(element.tag)[0] == "atom"
    mode = (element.get("mode") or "").lower()
    return text_of(element), "html" in kind or mode == "escaped" or not is_atom


def _content(parts: _Parts) -> tuple[str, str]:
    """Return HTML or plain text, whichever the fullest candidate is."""
    for element in parts.all(*_TEXTS):
        html, text = _written(element)
        if html or text:
            return html, text
    for group in parts.all(("media", "group"), ("media", "content")):
        text = _Parts(group).first(("media", "description"), ("media", "text"))
        if text:
            return text, ""
    return "", ""


def _written(element: etree._Element) -> tuple[str, str]:
    if len(element):
        inner = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
        return inner, ""
    text = text_of(element)
    kind = (element.get("type") or "").lower()
    is_atom = name_of(element.tag)[0] == "atom"
    if is_atom and kind in {"", "text", "text/plain"} and (element.get("mode") or "").lower() != "escaped":
        return ("", text) if name_of(element.tag)[1] != "content" or "</" not in text else (text, "")
    return text, ""


def _link(parts: _Parts) -> str:
    for element in parts.all(("", "link")):
        if element.get("href") is None and text_of(element):
            return text_of(element)
    links = [e for e in parts.all(("atom", "link"), ("", "link")) if (e.get("href") or "").strip()]
    for wanted in ("alternate", "related", "self", "via") if links else ():
        fitting = [e for e in links if (e.get("rel") or "alternate").lower().rpartition("/")[2] == wanted]
        pages = [e for e in fitting if "html" in (e.get("type") or "html").lower()]
        if fitting:
            return ((pages or fitting)[0].get("href") or "").strip()
    text = next((text_of(e) for e in parts.all(("atom", "link")) if text_of(e)), "")
    return text or _permalink(parts)


def _permalink(parts: _Parts) -> str:
    for guid in parts.all(("", "guid")):
        said = (guid.get("isPermaLink") or guid.get("ispermalink") or "").lower()
        if said == "true" or (said != "false" and _is_web(text_of(guid))):
            return text_of(guid)
    ids = (text for text in parts.texts(("feedburner", "origlink"), ("atom", "id")) if _is_web(text))
    return next(ids, "")


def _is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _author(parts: _Parts, feed: Found) -> tuple[str, str]:
    name, url = _atom_person(parts.all(("atom", "author"), ("", "author")))
    if name:
        return name, url
    said = [parts.first(("", "author")), ", ".join(dict.fromkeys(parts.texts(("dc", "creator")))),
            parts.first(("itunes", "author"), ("dc", "author"))]  # fmt: skip
    # A bare mail address is named last: a name says more, and is meant to be read.
    for name in sorted(filter(None, said), key=lambda name: "@" in name and " " not in name.strip()):
        return name, ""
    for source in parts.all(("atom", "source")):
        name, url = _atom_person(_Parts(source).all(("atom", "author")))
        if name:
            return name, url
    return feed.author, feed.author_url


def _atom_person(people: Iterable[etree._Element]) -> tuple[str, str]:
    names, url = [], ""
    for element in people:
        if len(element) == 0:
            continue
        parts = _Parts(element)
        name = parts.first(("atom", "name"), ("", "name")) or parts.first(("atom", "email"), ("", "email"))
        if name:
            names.append(name)
            url = url or parts.first(("atom", "uri"), ("", "uri"), ("atom", "url"), ("", "url"))
    return ", ".join(dict.fromkeys(names)), url


def _media(parts: _Parts) -> list[str]:
    media = [e.get("url") or "" for e in parts.all(("", "enclosure"), ("media", "content"))]
    media += [e.get("href") or "" for e in parts.all(("atom", "link"), ("", "link")) if e.get("rel") == "enclosure"]
    for group in parts.all(("media", "group")):
        media += [e.get("url") or "" for e in _Parts(group).all(("media", "content"))]
    return media


def _language(element: etree._Element, parts: _Parts) -> str:
    said = element.get(f"{_XML}lang") or parts.first(("dc", "language"), ("", "language"))
    for child in parts.all(("atom", "content"), ("atom", "title"), ("", "content")):
        said = said or child.get(f"{_XML}lang") or ""
    return said


def _feed_language(root: etree._Element, head: _Parts) -> str:
    return (
        head.first(("", "language"), ("dc", "language"))
        or head.element.get(f"{_XML}lang")
        or root.get(f"{_XML}lang")
        or ""
    )


def _base_of_feed(head: _Parts, base: str) -> str:
    if base:
        return base
    links = [*head.texts(("", "link")), *(e.get("href") or "" for e in head.all(("atom", "link"), ("", "link")))]
    return next((link.strip() for link in links if _is_web(link.strip())), "")


def _named(head: _Parts, relation: str) -> str:
    links = head.all(("atom", "link"), ("", "link"))
    named = (e.get("href") or "" for e in links if (e.get("rel") or "").strip().lower() == relation)
    return next((link.strip() for link in named if _is_web(link.strip())), "")


def _wait(head: _Parts) -> float | None:
    ttl = head.first(("", "ttl"))
    waits = [float(ttl) * 60] if ttl.isascii() and ttl.isdigit() and len(ttl) < 8 else []
    period = _PERIODS.get(head.first(("sy", "updateperiod")).lower())
    if period:
        often = head.first(("sy", "updatefrequency"))
        waits.append(period / max(int(often) if often.isascii() and often.isdigit() and len(often) < 6 else 1, 1))
    return max(waits) if waits else None
