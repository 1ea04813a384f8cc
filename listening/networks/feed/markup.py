"""Reads XML from strangers: no entities, no network, bounded depth; and repairs what is broken in the usual ways."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from listening.networks.feed.limits import DEEPEST
from listening.networks.feed.text import named_entity

_DECLARATION = re.compile(r"<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([A-Za-z_][\w.-]{0,40})\s+(?:\"([^\"&%<]{0,100})\"|'([^'&%<]{0,100})')\s*>")
_REFERENCE = re.compile(r"&(?:(#\d{1,7}|#x[0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));|&")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_START = re.compile(r"<(?:\?xml|!DOCTYPE|!--|rss|feed|rdf:RDF|RDF|[A-Za-z_][\w.-]*:(?:feed|RDF|rss)|channel|entry|item)\b|<!--", re.I)
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


def parse_xml(text: str, base: str = "") -> tuple[etree._Element | None, bool]:
    """Return the root of a document and whether it was sound; no root when there is no XML in it."""
    text, entities = without_prologue(text)
    root = _parse(text, base, recover=False)
    if root is not None:
        return root, True
    return _parse(repaired(text, entities), base, recover=True), False


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
    """Give references a meaning that XML does not know by itself, and free loose ampersands; CDATA stays as it is."""
    left = 200_000

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
            parts.append(_REFERENCE.sub(meaning, text[position:]))
            break
        parts += [_REFERENCE.sub(meaning, text[position:start]), text[start:end]]
        position = end
    return "".join(parts)


def depth_of(text: str) -> int:
    """Tell how deep a text claims to nest, whether or not its tags match."""
    deepest = depth = position = 0
    while match := _TAG_NAME.search(text, position):
        position = match.end()
        if match.group(2) is None:
            closing = "]]>" if match.group().startswith("<![") else "-->"
            end = text.find(closing, position)
            if end < 0:
                break
            position = end + 3
        elif match.group(1):
            depth = max(depth - 1, 0)
        else:
            end = text.find(">", position)
            depth += 0 if end > 0 and text[end - 1] == "/" else 1
            deepest = max(deepest, depth)
    return deepest


def _parse(text: str, base: str, *, recover: bool) -> etree._Element | None:
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
    try:
        root: etree._Element | None = etree.fromstring(text.encode("utf-8", "ignore"), parser, base_url=base or None)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root


def _end_of_doctype(text: str, start: int) -> int:
    close, bracket = text.find(">", start), text.find("[", start)
    if 0 <= bracket < close:
        inner = text.find("]", bracket)
        close = text.find(">", inner) if inner >= 0 else -1
    return close + 1 if close >= 0 else len(text)


def _is_letter(number: str) -> bool:
    code = int(number[2:], 16) if number[1] in "xX" else int(number[1:])
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
