"""What queries are asked about: a post as its caller describes it, and the same folded for comparison."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal, NamedTuple

from listening.matching.folding import FoldedText, fold

FieldName = Literal["title", "text"]

# Stands between title and text, so that no phrase runs from one into the other.
BORDER = "\n"
# Further apart than any NEAR reaches.
BORDER_WIDTH = 1_000

_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)


class Span(NamedTuple):
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
    # Whether somebody has judged already which language it is in; none is an answer, too.
    is_judged: bool = False

    @cached_property
    def folded(self) -> FoldedDocument:
        """The document made ready for comparison, once."""
        return FoldedDocument(self)


class FoldedDocument:
    """A document's words between spaces; what only some queries need is worked out when they ask."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = FoldedText(document.text)
        self.title: FoldedText | None = None
        self.border = 0
        self.words = f"{self.text.folded} "
        if document.title:
            self.title = FoldedText(document.title)
            before = f"{self.title.folded} {BORDER}"
            self.border = len(before)
            self.words = before + self.words

    @cached_property
    def _ordinals(self) -> tuple[list[int], list[int]]:
        """The position of every token, and how many words stand before it; symbols are not words."""
        tokens = self.words.split(" ")[1:-1]
        positions = accumulate((len(token) + 1 for token in tokens), initial=0)
        widths = (BORDER_WIDTH if t == BORDER else (t[0].isalnum() or t[0] == "_") for t in tokens)
        return list(positions), list(accumulate(widths, initial=0))

    def ordinal(self, position: int) -> int:
        """How many words stand before the token whose space is at this position of `words`."""
        positions, ordinals = self._ordinals
        return ordinals[bisect_left(positions, position)]

    @cached_property
    def tags(self) -> frozenset[str]:
        """The tags the network itself named, folded."""
        return frozenset(fold(tag.lstrip("#＃")) for tag in self.document.tags)

    @cached_property
    def author(self) -> str:
        """The author's name between spaces."""
        return f"{fold(self.document.author)} "

    @cached_property
    def language(self) -> str:
        """The language that is said, else the one that the words are in; only some queries want to know."""
        said = self.document.language.casefold().replace("_", "-")
        if said or self.document.is_judged:
            return said
        from listening.learning import detect

        return detect(f"{self.document.title}\n{self.document.text}")

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
        """Where the tokens from first to last, by the positions of their spaces in `words`, are in the original."""
        field: FieldName = "text"
        folded, border = self.text, self.border
        if self.title is not None and first < border:
            field, folded, border = "title", self.title, 0
        start, end = folded.place(first - border)
        if first != last:
            end = folded.place(last - border)[1]
        return Span(field, start, end)
