"""Reads XML from strangers: no entities, no network, bounded depth; and repairs what is broken in the usual ways."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from enum import Enum
from functools import lru_cache

from lxml import etree

from listening.networks.feed.limits import DEEPEST
from listening.networks.feed.text import named_entity

_DECLARATION = re.compile(r"<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([A-Za-z_][\w.-]{0,40})\s+(?:\"([^\"&%<]{0,100})\"|'([^'&%<]{0,100})')\s*>")
_REFERENCE = re.compile(r"&(?:(#\d{1,7}|#x[0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));|&")
_NUMBERED = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_START = re.compile(
    r"<(?:\?xml|!DOCTYPE|!--|rss|feed|rdf:RDF|RDF|[A-Za-z_][\w.-]*:(?:feed|RDF|rss)|channel|entry|item)\b|<!--",
    re.IGNORECASE,
)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "wbr"})
_ONLY_PREFIXES = {etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE}
_LOOSE_VOID = re.compile(r"<(br|hr|img|wbr)\b([^<>]{0,2000}?)/?>", re.IGNORECASE)
_TAG_NAME = re.compile(r"<(/?)([A-Za-z_][\w:.-]*)|<!\[CDATA\[|<!--")

# Which vocabulary a namespace belongs to, told by a part of its name: versions, http and https, and slashes differ.
_FAMILIES = (
    ("w3.org/2005/atom", "atom"),
    ("purl.org/atom/ns", "atom"),
    ("purl.org/dc/", "dc"),
    ("modules/content", "content"),
    ("search.yahoo.com/mrss", "media"),
    ("itunes.com/dtds", "itunes"),
    ("modules/syndication", "sy"),
    ("purl.org/syndication/thread", "thr"),
    ("purl.org/rss/1.0", ""),
    ("netscape.com/rdf", ""),
    ("backend.userland.com/rss", ""),
    ("purl.org/net/rss", ""),
    ("blogs.law.harvard.edu", ""),
    ("cyber.law.harvard.edu", ""),
    ("22-rdf-syntax-ns", "rdf"),
    ("w3.org/1999/xhtml", "xhtml"),
)


@lru_cache(maxsize=8192)
def name_of(tag: str) -> tuple[str, str]:
    """Return the vocabulary and the local name of a tag: `("dc", "date")`; plain RSS has the vocabulary ``."""
    if tag.startswith("{"):
        space, _, local = tag[1:].partition("}")
        known = space.lower()
        family = next((family for part, family in _FAMILIES if part in known), "?" if space else "")
        return family, local.lower()
    prefix, colon, local = tag.rpartition(":")
    if not colon:
        return "", tag.lower()
    prefix = prefix.lower()
    return {"rss": "", "atom10": "atom", "dcterms": "dc", "a10": "atom"}.get(prefix, prefix), local.lower()


class State(Enum):
    """How much of an XML document is as it should be."""

    SOUND = "sound"
    REPAIRED = "repaired"
    BROKEN = "broken"


def parse_xml(text: str) -> tuple[etree._Element | None, State]:
    """Return the root of a document and how sound it was; no root when there is no XML in it."""
    text, entities = without_prologue(text)
    root, errors = _parse(text, recover=False)
    if root is not None:
        return root, State.SOUND
    if not errors <= _ONLY_PREFIXES:
        text = repaired(text, entities)
    root, errors = _parse(text, recover=True)
    return root, State.REPAIRED if errors <= _ONLY_PREFIXES else State.BROKEN


def without_prologue(text: str) -> tuple[str, dict[str, str]]:
    """Drop what stands before the first element, with the document type; return the harmless entities it defined."""
    found = _START.search(text)
    if found:
        text = text[found.start() :]
    text = _DECLARATION.sub("", text, count=1).lstrip() if text[:5].lower() == "<?xml" else text
    start = text[:20_000].upper().find("<!DOCTYPE")
    if start < 0:
        return text, {}
    end = _end_of_doctype(text, start)
    definition = text[start : min(end, start + 20_000)]
    entities = {match[1]: match[2] or match[3] or "" for match in _ENTITY.finditer(definition)}
    return text[:start] + text[end:], entities


def repaired(text: str, entities: dict[str, str]) -> str:
    """Mend what XML forbids and HTML allows: its entities, loose ampersands, `<br>`; CDATA stays as it is."""
    left = 200_000

    def mended(part: str) -> str:
        return _LOOSE_VOID.sub(r"<\1\2/>", _REFERENCE.sub(meaning, part))

    def meaning(match: re.Match[str]) -> str:
        nonlocal left
        number, name = match.group(1), match.group(2)
        if number:
            return match.group() if _is_letter(number) else ""
        if name is None:
            return "&amp;"
        if name in _XML_NAMES:
            return match.group()
        value = entities.get(name) or named_entity(name)
        if value is None:
            return f"&amp;{name};"
        left -= len(value)
        return _escaped(value) if left > 0 else ""

    parts: list[str] = []
    position = 0
    while position < len(text):
        start = text.find("<![CDATA[", position)
        end = text.find("]]>", start) + 3 if start >= 0 else 0
        if start < 0 or end < 3:
            parts.append(mended(text[position:]))
            break
        parts += [mended(text[position:start]), text[start:end]]
        position = end
    return "".join(parts)


def without_strange_letters(text: str) -> str:
    """Drop references to characters that XML does not allow."""
    return _NUMBERED.sub(lambda match: match.group() if _is_letter(match.group(1)) else "", text)


def depth_of(text: str) -> int:
    """Tell how deep a text nests when each closing tag also closes what was forgotten inside it."""
    deepest = position = 0
    stack: list[str] = []
    open_now: Counter[str] = Counter()
    while match := _TAG_NAME.search(text, position):
        position, name = match.end(), match.group(2)
        if name is None:
            end = text.find("]]>" if match.group().startswith("<![") else "-->", position)
            if end < 0:
                break
            position = end + 3
        elif match.group(1):
            while open_now[name] and stack:
                closed = stack.pop()
                open_now[closed] -= 1
                if closed == name:
                    break
        else:
            end = text.find(">", position)
            if end < 0:
                break
            position = end
            if text[end - 1] == "/" or name.lower() in _VOID:
                continue
            stack.append(name)
            open_now[name] += 1
            deepest = max(deepest, len(stack))
    return deepest


def _parse(text: str, *, recover: bool) -> tuple[etree._Element | None, set[int]]:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    root: etree._Element | None = None
    with contextlib.suppress(etree.XMLSyntaxError, ValueError):
        root = etree.fromstring(text.encode("utf-8", "ignore"), parser)
    return root, {entry.type for entry in parser.error_log}


def _end_of_doctype(text: str, start: int) -> int:
    close, bracket = text.find(">", start), text.find("[", start)
    if 0 <= bracket < close:
        inner = text.find("]", bracket)
        close = text.find(">", inner) if inner >= 0 else -1
    return close + 1 if close >= 0 else len(text)


def _is_letter(number: str) -> bool:
    code = int("0" + number[1:], base=0) if number[1] in "xX" else int(number[1:])
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def too_deep(element: etree._Element) -> bool:
    """Tell whether a tree nests deeper than any feed does."""
    depth = 0
    for event, _ in etree.iterwalk(element, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            return True
    return False
