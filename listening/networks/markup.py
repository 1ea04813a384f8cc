"""Markdown as networks get it that draw it: HTML with nothing of the writer's own, and links that can be followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
LOWEST = 6


def html_of_markdown(text: str, *, top: int = 2) -> str:
    """Return the text as HTML, its highest heading of the rank `top`; what looks like HTML is shown as written."""
    reader = _reader()
    tokens = reader.parse(text)
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    ranks = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(top + ranks.index(token.tag), LOWEST)}"
    shown: str = reader.renderer.render(tokens, reader.options, {})
    return shown.strip()


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    # A picture goes out as media, with its description.
    reader.disable(["image", "html_block", "html_inline"])
    reader.core.ruler.push("bare_links", _link_bare)
    return reader


def _link_bare(state: StateCore) -> None:
    """Make links of addresses that stand in the text without any marks."""
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = list(_linked(token.children))


def _linked(children: list[Token]) -> Iterator[Token]:
    within = 0
    for token in children:
        within += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not within and "://" in token.content:
            yield from _cut(token.content)
        else:
            yield token


def _cut(text: str) -> Iterator[Token]:
    end = 0
    for found in _LINK.finditer(text):
        yield _text(text[end : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": found[0]})
        yield _text(found[0])
        yield Token("link_close", "a", -1)
        end = found.end()
    yield _text(text[end:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
