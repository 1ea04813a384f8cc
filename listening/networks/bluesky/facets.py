"""What in a text is a link, a mention or a hashtag, told by UTF-8 bytes as the network counts them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from listening.networks.bluesky.ids import is_handle
from listening.networks.publishing import Span

FACET = "app.bsky.richtext.facet"
MOST_TAG = 64
_LINK = re.compile(
    r"(?<![\w@/.])(?:https?://[^\s<>\"“”]+|(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:/[^\s<>\"“”]*)?)", re.IGNORECASE
)
_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)")
_TAG = re.compile(r"(?<![^\s(\[])[#＃](?!\ufe0f)([^\s\u00ad\u2060\u200a-\u200d\u20e2#＃]+)")
_AFTER_LINK, _AFTER_TAG = ".,;:!?'’\"”", ".,;:!?'’\"”)]}…"
# Endings that are written with a dot inside a sentence far more often as a name of a site than as a file.
_BARE_ENDINGS = frozenset("com org net edu gov io dev app social eu de fr uk us at ch nl es it info blog shop".split())

Resolve = Callable[[str], Awaitable[str]]


def spans(text: str) -> list[Span]:
    """Find links, mentions and hashtags, in their order, none within another."""
    found: list[Span] = []
    for span in sorted([*_links(text), *_mentions(text), *_tags(text)], key=lambda span: (span.start, -span.end)):
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found


async def facets(text: str, resolve: Resolve, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the facets of a text; `known` and `resolve` give the account of a handle, empty where there is none."""
    result = []
    for span in spans(text):
        if span.kind == "mention":
            did = known.get(span.value) or await resolve(span.value)
            if not did:
                continue
            feature = {"$type": f"{FACET}#mention", "did": did}
        elif span.kind == "link":
            feature = {"$type": f"{FACET}#link", "uri": span.value}
        else:
            feature = {"$type": f"{FACET}#tag", "tag": span.value}
        start = len(text[: span.start].encode())
        end = start + len(text[span.start : span.end].encode())
        result.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return result


def _links(text: str) -> Iterator[Span]:
    for match in _LINK.finditer(text):
        said = match.group().rstrip(_AFTER_LINK)
        # A bracket that closes what was opened before the link is not of it.
        while said.endswith(")") and said.count(")") > said.count("("):
            said = said[:-1].rstrip(_AFTER_LINK)
        bare = not said.lower().startswith(("http://", "https://"))
        host = said.partition("/")[0] if bare else said.split("/", 3)[2]
        if bare and host.rpartition(".")[2].lower() not in _BARE_ENDINGS:
            continue
        if host.strip("."):
            yield Span(match.start(), match.start() + len(said), "link", f"https://{said}" if bare else said)


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text):
        handle = match.group(1)
        if is_handle(handle):
            yield Span(match.start(), match.end(), "mention", handle.lower())


def _tags(text: str) -> Iterator[Span]:
    for match in _TAG.finditer(text):
        tag = match.group(1).rstrip(_AFTER_TAG)
        if tag and not tag.isdigit() and len(tag) <= MOST_TAG:
            yield Span(match.start(), match.start() + 1 + len(tag), "tag", tag)
