"""How Mastodon counts a text: what a reader calls letters, links as 23 of them, people without their server."""

from __future__ import annotations

import regex

from listening.networks.publishing import Span

LINK_LENGTH = 23
TEXT_LIMIT = 500
_LINK = regex.compile(r"(?i)(?<![\w@/#.])https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)'’\]]")
_PERSON = regex.compile(
    r"(?i)(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}.-]*[\p{L}\p{N}](?::\d{1,5})?"
)
_LETTER = regex.compile(r"\X")
_TAG = regex.compile(r"(?<![\w/)&])#(?=[\p{L}\p{N}_]*\p{L})[\p{L}\p{M}\p{N}_]+")
_SHORT_PERSON = regex.compile(r"(?i)(?<![=/\w@])@[a-z0-9_]+(?![\w@])")
# Of a link readers see so many letters, without what stands before the name of its place.
SHOWN_OF_LINK = 30


def count(text: str, *, link: int = LINK_LENGTH) -> int:
    """Count as a server counts."""
    shortened = _PERSON.sub(r"@\1", _LINK.sub("x" * link, text))
    return len(_LETTER.findall(shortened))


def with_name(text: str, acct: str) -> str:
    """Put the name of whom a text is for in front, unless it is in there: without it, nobody is told."""
    user, _, server = acct.partition("@")
    said = regex.compile(rf"(?i)(?<![\w@/])@{regex.escape(user)}(?:@{regex.escape(server)})?(?![\w@])")
    return text if not acct or said.search(text) else f"@{acct} {text}"


def letters(text: str) -> str:
    """Return what is the same in a text and in what a server made of it: names without servers, no marks, no spaces."""
    plain = _PERSON.sub(r"@\1", text)
    return "".join(filter(str.isalnum, plain)).casefold() or "".join(plain.split())


def spans(text: str) -> list[Span]:
    """Find links, people and hashtags, in their order, none within another; links as readers see them."""
    found = [Span(m.start(), m.end(), "link", m.group(), _shown(m.group())) for m in _LINK.finditer(text)]
    found += [Span(m.start(), m.end(), "mention", m.group(), f"@{m.group(1)}") for m in _PERSON.finditer(text)]
    found += [Span(m.start(), m.end(), "mention", m.group()) for m in _SHORT_PERSON.finditer(text)]
    found += [Span(m.start(), m.end(), "tag", m.group()) for m in _TAG.finditer(text)]
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _shown(link: str) -> str:
    plain = link.partition("://")[2].removeprefix("www.")
    return plain if len(plain) <= SHOWN_OF_LINK else f"{plain[:SHOWN_OF_LINK]}…"
