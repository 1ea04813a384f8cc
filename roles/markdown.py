"""Markdown as a page shows it: headings below those of the page, no HTML of the writer's, no picture, no other host."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# The ranks of a section's heading, and of the last that HTML knows.
SECTION, LOWEST = 2, 6


def markdown(text: str) -> SafeString:
    """Return the text as HTML; what looks like HTML in it is shown as it was written."""
    reader = _reader()
    shown: str = reader.renderer.render(read(text), reader.options, {})
    return SafeString(shown)  # html=False escapes all that the writer gave


def read(text: str) -> Sequence[Token]:
    """Return the text taken apart, its headings below those of a page, for who draws it otherwise than as HTML."""
    tokens = _reader().parse(text)
    _lower(tokens)
    return tokens


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A picture would be fetched from wherever it lies.
    reader.disable(["image", "html_block", "html_inline"])
    reader.add_render_rule("link_open", _leading_out)
    return reader


def _lower(tokens: Sequence[Token]) -> None:
    """Put the headings below that of their section, no rank left out, with whichever the writer began."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    ranks, rank = sorted({token.tag for token in headings}), SECTION
    for token in headings:
        if token.type == "heading_open":
            rank = min(SECTION + 1 + ranks.index(token.tag), rank + 1, LOWEST)
        token.tag = f"h{rank}"


def _leading_out(self: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    tokens[number].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, number, options, env)
