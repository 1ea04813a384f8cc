"""Markdown as a page shows it: headings below those of the page, no HTML of the writer's, no picture, no other host."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# A section stands under a heading of the second rank at least.
LOWEST, RANKS = 6, 2


def markdown(text: str) -> SafeString:
    """Return the text as HTML; what looks like HTML in it is shown as it was written."""
    shown: str = _reader().render(text)
    return SafeString(shown)  # html=False escapes all that the writer gave


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A picture would be fetched from wherever it lies.
    reader.disable(["image", "html_block", "html_inline"])
    reader.add_render_rule("heading_open", _lowered)
    reader.add_render_rule("heading_close", _lowered)
    reader.add_render_rule("link_open", _leading_out)
    return reader


def _lowered(self: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    token = tokens[number]
    token.tag = f"h{min(int(token.tag[1:]) + RANKS, LOWEST)}"
    return self.renderToken(tokens, number, options, env)


def _leading_out(self: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    tokens[number].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, number, options, env)
