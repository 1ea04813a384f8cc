"""A query as a tree: each node knows whether it holds of a document, where, and what must occur for it to hold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal, Protocol, cast
from urllib.parse import urlsplit

from listening.matching.document import FoldedDocument, Span
from listening.matching.folding import fold, is_unspaced, spelling

# Something that must stand in `FoldedDocument.words`.
Needle = str
# The first and the last token of an occurrence, as the positions of the spaces before them.
Reach = tuple[int, int]

_HANDLE_GOES_ON = re.compile(r"[.\-]?\w", re.ASCII)
_TAG_GOES_ON = re.compile(r"\w")


class Node(Protocol):
    """A part of a query."""

    def holds(self, folded: FoldedDocument) -> bool:
        """Whether the part is true of the document."""

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        """The occurrences that make it true."""

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        """The cheapest set of needles of which at least one stands in every document it is true of."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase, #tag or @handle; `needle` is its folded form between spaces, open at the end for a prefix."""

    kind: Literal["word", "phrase", "tag", "handle"]
    text: str
    needle: Needle
    prefix: bool = False
    exact: bool = False
    # From the space before the first token to the space before the last.
    width: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", self.needle.rindex(" ", 0, -1))

    def holds(self, folded: FoldedDocument) -> bool:
        if self.kind in ("word", "phrase") and not self.exact:
            return self.needle in folded.words
        if self.kind == "tag" and self._is_named(folded):
            return True
        return next(self.reaches(folded), None) is not None

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        needle, words, width = self.needle, folded.words, self.width
        position = words.find(needle)
        while position >= 0:
            if self._fits(folded, position, position + width):
                yield position, position + width
            position = words.find(needle, position + 1)

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        return cost(self.needle), frozenset((self.needle,))

    def _is_named(self, folded: FoldedDocument) -> bool:
        wanted = self.needle[2:].rstrip()
        return any(tag.startswith(wanted) if self.prefix else tag == wanted for tag in folded.tags)

    def _fits(self, folded: FoldedDocument, first: int, last: int) -> bool:
        """What folding left out: capitals, and where a tag or handle begins and ends."""
        if self.kind in ("word", "phrase") and not self.exact:
            return True
        span = folded.span(first, last)
        original = folded.original(span.field)
        if self.exact:
            written, wanted = spelling(original[span.start : span.end]), spelling(self.text)
            return written.startswith(wanted) if self.prefix else written == wanted
        before = original[span.start - 1] if span.start else " "
        if (before.isalnum() or before in "_@") and not is_unspaced(before):
            return False
        if self.kind == "tag":
            return self.prefix or _TAG_GOES_ON.match(original, span.end) is None
        if _HANDLE_GOES_ON.match(original, span.end):
            return False
        return original[span.start : span.end].casefold().lstrip("@＠") == self.text.casefold().lstrip("@＠")


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: tuple[Node, ...]

    def holds(self, folded: FoldedDocument) -> bool:
        # A loop, since a generator costs more than most parts.
        for part in self.parts:
            if not part.holds(folded):
                return False
        return True

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        for part in self.parts:
            yield from part.reaches(folded)

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        offers = [offer for part in self.parts if (offer := part.anchors(cost))]
        return min(offers, key=lambda offer: offer[0], default=None)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part."""

    parts: tuple[Node, ...]

    def holds(self, folded: FoldedDocument) -> bool:
        for part in self.parts:
            if part.holds(folded):
                return True
        return False

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        for part in self.parts:
            # Of the other kinds, one that does not hold reaches nothing anyway.
            if not isinstance(part, And) or part.holds(folded):
                yield from part.reaches(folded)

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        offers = [part.anchors(cost) for part in self.parts]
        if None in offers:
            return None
        each = cast(list[tuple[float, frozenset[Needle]]], offers)
        return sum(price for price, _ in each), frozenset().union(*(needles for _, needles in each))


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not true."""

    part: Node

    def holds(self, folded: FoldedDocument) -> bool:
        return not self.part.holds(folded)

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        return iter(())

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        return None


@dataclass(frozen=True, slots=True)
class Near:
    """Two terms (or choices of terms), at most so many words apart; neighbours are one apart."""

    left: Node
    right: Node
    distance: int
    ordered: bool = False

    def holds(self, folded: FoldedDocument) -> bool:
        return self.left.holds(folded) and self.right.holds(folded) and next(self.reaches(folded), None) is not None

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        left, right = sorted(set(self.left.reaches(folded))), sorted(set(self.right.reaches(folded)))
        yield from self._meetings(folded, left, right)
        if not self.ordered:
            yield from self._meetings(folded, right, left)

    def _meetings(self, folded: FoldedDocument, earlier: list[Reach], later: list[Reach]) -> Iterator[Reach]:
        """Both members of each pair in which the later one begins close behind the end of the earlier one."""
        starts = [first for first, _ in later]
        ordinals = [folded.ordinal(first) for first in starts]
        told = 0
        # In the order of their ends, both borders of the window only move on: no pair is looked at twice.
        for reach in sorted(earlier, key=itemgetter(1)):
            low = bisect_right(starts, reach[1])
            high = bisect_right(ordinals, folded.ordinal(reach[1]) + self.distance)
            if low < high:
                yield reach
                yield from later[max(low, told) : high]
                told = high

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        offers = [offer for part in (self.left, self.right) if (offer := part.anchors(cost))]
        return min(offers, key=lambda offer: offer[0], default=None)


FieldKind = Literal["author", "lang", "network", "source", "site", "link", "has", "is"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something about the post other than its words."""

    name: FieldKind
    value: str

    def holds(self, folded: FoldedDocument) -> bool:
        return _FIELD_TESTS[self.name](folded, self.value)

    def reaches(self, folded: FoldedDocument) -> Iterator[Reach]:
        return iter(())

    def anchors(self, cost: Callable[[Needle], float]) -> tuple[float, frozenset[Needle]] | None:
        return None


def _by_author(folded: FoldedDocument, value: str) -> bool:
    handle = folded.document.handle.casefold().lstrip("@")
    wanted = value.casefold().lstrip("@")
    if handle and (handle == wanted or handle.partition("@")[0] == wanted):
        return True
    return not value.startswith("@") and f"{fold(value)} " in folded.author


def _in_language(folded: FoldedDocument, value: str) -> bool:
    language = folded.language
    return language == value or language.startswith(f"{value}-")


def _at_address(address: str, value: str) -> bool:
    """Whether an address is on this host (or one below it), and under this path if one is given."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return False
    wanted, _, path = value.partition("/")
    if host != wanted and not host.endswith(f".{wanted}"):
        return False
    path = path.rstrip("/")
    return not path or f"{parts.path.strip('/')}/".casefold().startswith(f"{path}/")


def _links_to(folded: FoldedDocument, value: str) -> bool:
    if "." in value:
        return any(_at_address(link, value) for link in folded.links)
    return any(f"{fold(value)} " in f"{fold(link)} " for link in folded.links)


_FIELD_TESTS: dict[FieldKind, Callable[[FoldedDocument, str], bool]] = {
    "author": _by_author,
    "lang": _in_language,
    "network": lambda folded, value: folded.document.network.casefold() == value,
    "source": lambda folded, value: f"{fold(value)} " in folded.source,
    "site": lambda folded, value: _at_address(folded.document.url, value),
    "link": _links_to,
    "has": lambda folded, value: folded.document.has_media if value == "media" else bool(folded.links),
    "is": lambda folded, _value: folded.document.is_reply,
}


def without_outer_not(node: Node, *, negated: bool = False) -> Node:
    """The same meaning with every NOT moved inwards to a single term, so that anchors and places are found."""
    if isinstance(node, Not):
        return without_outer_not(node.part, negated=not negated)
    if isinstance(node, And | Or):
        parts = tuple(without_outer_not(part, negated=negated) for part in node.parts)
        return And(parts) if isinstance(node, And) != negated else Or(parts)
    return Not(node) if negated else node


def terms(node: Node) -> Iterator[Term]:
    """Every term of a tree."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from terms(part)
    elif isinstance(node, Not):
        yield from terms(node.part)
    elif isinstance(node, Near):
        yield from terms(node.left)
        yield from terms(node.right)


def spans(node: Node, folded: FoldedDocument) -> tuple[Span, ...]:
    """Where the document says what made the query true, in order and without overlaps."""
    reaches = list(node.reaches(folded))
    if len(reaches) == 1:
        return (folded.span(*reaches[0]),)
    found: list[Reach] = []
    for first, last in sorted(set(reaches)):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    merged: list[Span] = []
    for first, last in found:
        span = folded.span(first, last)
        # One original character may stand for several tokens.
        if merged and span.field == merged[-1].field and span.start < merged[-1].end:
            span = Span(span.field, merged[-1].start, max(span.end, merged[-1].end))
            merged.pop()
        merged.append(span)
    return tuple(merged)


__all__ = ["And", "Field", "FieldKind", "Near", "Needle", "Node", "Not", "Or", "Term", "spans", "terms"]
