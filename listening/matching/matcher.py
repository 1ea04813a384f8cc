"""Many queries asked of one document at once: a pass over its text finds the few that can match, those are evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ahocorasick_rs import BytesAhoCorasick, Implementation

from listening.matching.document import BORDER, Document, FoldedDocument, Span
from listening.matching.language import Query
from listening.matching.tree import Needle, Node, spans, terms

_Entry = tuple[int, Node]


class Matcher:
    """A fixed set of queries; matching gives exactly what `Query.matches` gives for each of them."""

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._always: list[_Entry] = []
        by_needle: dict[Needle, list[_Entry]] = {}
        cost = _Cost(queries)
        for number, query in queries.items():
            anchors = query.rule.anchors(cost)
            if anchors is None:
                self._always.append((number, query.rule))
                continue
            for needle in anchors[1]:
                by_needle.setdefault(needle, []).append((number, query.rule))
        self._entries = [tuple(entries) for entries in by_needle.values()]
        self._needles = BytesAhoCorasick([needle.encode() for needle in by_needle], implementation=Implementation.DFA)

    def match(self, document: Document) -> dict[int, tuple[Span, ...]]:
        """The queries that match a document, each with the places that made it match."""
        folded = FoldedDocument(document)
        words = folded.words
        if document.tags:
            words = "".join([words, *(f"{BORDER} #{tag} " for tag in folded.tags)])
        found = {hit[0] for hit in self._needles.find_matches_as_indexes(words.encode(), overlapping=True)}
        matches: dict[int, tuple[Span, ...]] = {}
        for index in found:
            for number, rule in self._entries[index]:
                if number not in matches and rule.holds(folded):
                    matches[number] = spans(rule, folded)
        for number, rule in self._always:
            if rule.holds(folded):
                matches[number] = spans(rule, folded)
        return matches


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
