"""Many queries asked of one document at once: a pass over its text finds the few that can match, those are evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ahocorasick_rs import BytesAhoCorasick, Implementation

from listening.matching.document import BORDER, Document, FoldedDocument, Span
from listening.matching.language import Query
from listening.matching.tree import And, Needle, Node, Not, Or, Term, spans, terms

_Test = Callable[[FoldedDocument, frozenset[str]], bool]
# A number, its rule, and what is still to be tested once an anchor was found, if anything is.
_Entry = tuple[int, Node, _Test | None]


class Matcher:
    """A fixed set of queries; matching gives exactly what `Query.matches` gives for each of them."""

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._always: list[_Entry] = []
        by_needle: dict[Needle, list[_Entry]] = {}
        cost = _Cost(queries)
        for number, query in queries.items():
            rule = query.rule
            anchors = rule.anchors(cost)
            if anchors is None:
                self._always.append((number, rule, _test(rule)))
                continue
            entry = number, rule, None if _is_certain(rule) else _test(rule)
            for needle in anchors[1]:
                by_needle.setdefault(needle, []).append(entry)
        self._entries = [tuple(entries) for entries in by_needle.values()]
        self._needles = BytesAhoCorasick([needle.encode() for needle in by_needle], implementation=Implementation.DFA)

    def match(self, document: Document) -> dict[int, tuple[Span, ...]]:
        """The queries that match a document, each with the places that made it match."""
        folded = FoldedDocument(document)
        found = self._find(folded.words)
        matches: dict[int, tuple[Span, ...]] = {}
        if found or self._always:
            tokens = frozenset(folded.words.split(" "))
            for entries in (*[self._entries[index] for index in found], self._always):
                for number, rule, test in entries:
                    if number not in matches and (test is None or test(folded, tokens)):
                        matches[number] = spans(rule, folded)
        if document.tags:
            self._match_named_tags(folded, matches)
        return matches

    def _find(self, words: str) -> set[int]:
        return {hit[0] for hit in self._needles.find_matches_as_indexes(words.encode(), overlapping=True)}

    def _match_named_tags(self, folded: FoldedDocument, matches: dict[int, tuple[Span, ...]]) -> None:
        """Tags that the network names beside the text are anchors too, but prove nothing about words."""
        for index in self._find(BORDER.join(f" #{tag} " for tag in folded.tags)):
            for number, rule, _ in self._entries[index]:
                if number not in matches and rule.holds(folded):
                    matches[number] = spans(rule, folded)


def _is_certain(node: Node) -> bool:
    """Whether any of a node's anchors makes it true."""
    if isinstance(node, Or):
        return all(map(_is_certain, node.parts))
    return isinstance(node, Term) and node.kind in ("word", "phrase") and not node.exact


def _test(node: Node) -> _Test:
    """What `node.holds` says, asking for all single words of an AND or an OR at once."""
    if isinstance(node, And | Or):
        single = frozenset(filter(None, map(_single_word, node.parts)))
        others = tuple(_test(part) for part in node.parts if _single_word(part) is None)
        return _test_all(single, others) if isinstance(node, And) else _test_any(single, others)
    if isinstance(node, Not):
        inner = _test(node.part)
        return lambda folded, tokens: not inner(folded, tokens)
    if word := _single_word(node):
        return lambda folded, tokens: word in tokens
    return lambda folded, tokens: node.holds(folded)


def _single_word(node: Node) -> str | None:
    """The one token that a node asks for, if that is all it asks for."""
    if isinstance(node, Term) and node.kind in ("word", "phrase") and not node.exact:
        token = node.needle.strip(" ")
        if node.needle.endswith(" ") and " " not in token:
            return token
    return None


def _test_all(single: frozenset[str], others: tuple[_Test, ...]) -> _Test:
    if not others:
        return lambda folded, tokens: single <= tokens

    def test(folded: FoldedDocument, tokens: frozenset[str]) -> bool:
        if not single <= tokens:
            return False
        for other in others:
            if not other(folded, tokens):
                return False
        return True

    return test


def _test_any(single: frozenset[str], others: tuple[_Test, ...]) -> _Test:
    if not others:
        return lambda folded, tokens: not single.isdisjoint(tokens)

    def test(folded: FoldedDocument, tokens: frozenset[str]) -> bool:
        if not single.isdisjoint(tokens):
            return True
        for other in others:
            if other(folded, tokens):
                return True
        return False

    return test


class _Cost:
    """How many evaluations a needle is likely to cause: short ones and those of many queries cause most."""

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._uses: Counter[Needle] = Counter()
        for query in queries.values():
            self._uses.update({term.needle for term in terms(query.rule)})

    def __call__(self, needle: Needle) -> float:
        return self._uses[needle] / len(needle.strip()) ** 2


def compile(queries: Mapping[int, Query]) -> Matcher:
    """Make one matcher of many queries; keep it for as long as none of them changes."""
    return Matcher(queries)
