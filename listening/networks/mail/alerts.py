"""Alerts by mail: one mail of a search service tells of several pages; each is a find at its own address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from lxml import etree

# Whose mails are unwrapped: they tell what others wrote, and nothing of their own.
_SERVICES = re.compile(r"^(?:googlealerts-noreply@google\.com|alerts?@talkwalker\.com)$", re.IGNORECASE)
# Addresses that lead on to another, by the host's end, and under which name they carry it.
_WRAPPERS = {"google.com": ("url", "q"), "talkwalker.com": ("url", "u")}
_ON_THE_WAY = frozenset({"/url", "/alerts/url", "/redirect", "/click"})
MOST = 100


@dataclass(frozen=True, slots=True)
class Find:
    """One page that an alert tells of."""

    url: str
    title: str
    text: str


def is_alert(sender: str) -> bool:
    """Whether mails of this address are alerts that can be unwrapped."""
    return bool(_SERVICES.match(sender))


def unwrapped(url: str) -> str:
    """Return where an address leads in the end; itself where it is wrapped by nobody we know."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    host = (parts.hostname or "").removeprefix("www.")
    for end, names in _WRAPPERS.items():
        if (host == end or host.endswith("." + end)) and parts.path.lower() in _ON_THE_WAY:
            carried = parse_qs(parts.query)
            for name in names:
                for target in carried.get(name, [])[:1]:
                    if target.startswith(("http://", "https://")):
                        return target
    return url


def finds_in(markup: str) -> list[Find]:
    """Return what an alert tells of, each address once; empty where nothing of it can be understood."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    if root is None:
        return []
    found: dict[str, list[list[str]]] = {}
    current: list[list[str]] | None = None
    for link, words in _pieces(root):
        if link and (target := unwrapped(link)) != link:
            # A page's title and its picture lead to the same address; what follows is said about the page.
            current = found.setdefault(target, [[], []])
            current[0 if not current[1] else 1].append(words)
        elif link:
            current = None  # a link of the service itself: unsubscribe, see more
        elif current is not None:
            current[1].append(words)
    finds = [Find(url, _joined(title)[:500], _joined(text)[:5000]) for url, (title, text) in found.items()]
    return [find for find in finds if find.title or find.text][:MOST]


def _pieces(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Go through the words in their order, each with the address that it links to."""
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start" and isinstance(node.tag, str):
            if node.tag in {"script", "style", "head", "title"}:
                node.text = None
                continue
            if node.text and node.text.strip():
                yield _link_around(node), node.text
        elif event in {"end", "comment", "pi"} and node.tail and node.tail.strip():
            above = node.getparent()
            yield (_link_around(above) if above is not None else ""), node.tail


def _link_around(node: etree._Element) -> str:
    here: etree._Element | None = node
    while here is not None:
        if here.tag == "a":
            return str(here.get("href") or "")
        here = here.getparent()
    return ""


def _joined(words: list[str]) -> str:
    return " ".join(" ".join(words).split())
