"""What queries are asked about: a post as its caller describes it, and the same folded for comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal

from listening.matching.folding import Places, fold

FieldName = Literal["title", "text"]

# Stands between title and text, so that no phrase runs from one into the other.
BORDER = "\n"
# Further apart than any NEAR reaches.
BORDER_WIDTH = 1_000

_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A place in a post's title or text that made a query match, in characters of the original."""

    field: FieldName
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A post as tracking queries see it."""

    text: str = ""
    title: str = ""
    author: str = ""
    handle: str = ""
    network: str = ""
    source: str = ""
    language: str = ""
    url: str = ""
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    has_media: bool = False
    is_reply: bool = False

    @cached_property
    def folded(self) -> FoldedDocument:
        """The document made ready for comparison, once."""
        return FoldedDocument(self)


class FoldedDocument:
    """A document's words between spaces; what only some queries need is worked out when they ask."""

    _title_places: Places | None = None
    _text_places: Places | None = None

    def __init__(self, document: Document) -> None:
        self.document = document
        title = document.title
        self.words = f"{fold(title)} {BORDER}{fold(document.text)} " if title else f"{fold(document.text)} "

    @cached_property
    def tokens(self) -> list[str]:
        """Every token in order, the border between title and text included."""
        return self.words.split(" ")[1:-1]

    @cached_property
    def ordinals(self) -> list[int]:
        """For each token, how many words stand before it; symbols are not words."""
        widths = (BORDER_WIDTH if t == BORDER else (t[0].isalnum() or t[0] == "_") for t in self.tokens)
        return [0, *accumulate(widths)]

    @cached_property
    def tags(self) -> frozenset[str]:
        """The tags the network itself named, folded."""
        return frozenset(fold(tag.lstrip("#＃")) for tag in self.document.tags)

    @cached_property
    def author(self) -> str:
        """The author's name between spaces."""
        return f"{fold(self.document.author)} "

    @cached_property
    def source(self) -> str:
        """The source's name between spaces."""
        return f"{fold(self.document.source)} "

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Every address the post points to, named by the network or written out."""
        return (*self.document.links, *_ADDRESS.findall(self.document.text))

    def original(self, field: FieldName) -> str:
        """The text a span's field names."""
        return self.document.title if field == "title" else self.document.text

    def span(self, first: int, last: int) -> Span:
        """Where the tokens from first to last are in the original."""
        if self._text_places is None:
            self._text_places = Places(self.document.text)
            if self.document.title:
                self._title_places = Places(self.document.title)
        title, text = self._title_places, self._text_places
        if title is None:
            return Span("text", text[first][0], text[last][1])
        if last < title.count:
            return Span("title", title[first][0], title[last][1])
        before = title.count + 1
        return Span("text", text[first - before][0], text[last - before][1])
