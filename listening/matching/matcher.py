"""Many queries asked of one document at once: a pass over its text finds the few that can match; those are asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ahocorasick_rs import BytesAhoCorasick, Implementation

from listening.matching.document import BORDER, Document, FoldedDocument, Span
from listening.matching.language import Query
from listening.matching.tree import And, Needle, Node, Not, Or, Term, spans, terms

_Words = frozenset[str]


# What is left to ask of a query once one of its anchors was found: its number, the words of which all, any and none
# must be there, the other parts, and the whole rule; what is None need not be asked. Most candidates fail at the
# first of these, and a set of words needs one look where a tree needs many.
_Candidate = tuple[int, _Words | None, _Words | None, _Words | None, Node | None, Node]


class Matcher:
    """A fixed set of queries; matching gives exactly what `Query.matches` gives for each of them."""

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._always: list[tuple[int, Node]] = []
        by_needle: dict[Needle, list[_Candidate]] = {}
        cost = _Cost(queries)
        for number, query in queries.items():
            anchors = query.rule.anchors(cost)
            if anchors is None:
                self._always.append((number, query.rule))
                continue
            for needle in anchors[1]:
                by_needle.setdefault(needle, []).append(_candidate(number, query.rule, needle))
        self._candidates = [tuple(candidates) for candidates in by_needle.values()]
        # The full automaton is faster in a loop over one text, but slower on new texts: it does not fit the cache.
        self._needles = BytesAhoCorasick(
            [needle.encode() for needle in by_needle], implementation=Implementation.ContiguousNFA
        )

    def match(self, document: Document) -> dict[int, tuple[Span, ...]]:
        """The queries that match a document, each with the places that made it match."""
        folded = FoldedDocument(document)
        return {number: spans(rule, folded) for number, rule in self._holding(folded).items()}

    def which(self, document: Document) -> set[int]:
        """The queries that match a document; to find the places as well takes twice as long."""
        return set(self._holding(FoldedDocument(document)))

    def _holding(self, folded: FoldedDocument) -> dict[int, Node]:
        """The rules that hold of a document."""
        matches: dict[int, Node] = {}
        if found := self._find(folded.words):
            tokens = frozenset(folded.words.split(" "))
            for index in found:
                for number, all_of, any_of, none_of, rest, rule in self._candidates[index]:
                    if (
                        (any_of is None or not any_of.isdisjoint(tokens))
                        and (all_of is None or all_of <= tokens)
                        and (none_of is None or none_of.isdisjoint(tokens))
                        and number not in matches
                        and (rest is None or rest.holds(folded))
                    ):
                        matches[number] = rule
        self._match_rules(self._always, folded, matches)
        if folded.document.tags:
            # Tags that the network names beside the text are anchors too, but prove nothing about words.
            for index in self._find(BORDER.join(f" #{tag} " for tag in folded.tags)):
                rules = [(candidate[0], candidate[-1]) for candidate in self._candidates[index]]
                self._match_rules(rules, folded, matches)
        return matches

    def _find(self, words: str) -> set[int]:
        """The needles that stand in folded words."""
        return {hit[0] for hit in self._needles.find_matches_as_indexes(words.encode(), overlapping=True)}

    @staticmethod
    def _match_rules(rules: list[tuple[int, Node]], folded: FoldedDocument, matches: dict[int, Node]) -> None:
        for number, rule in rules:
            if number not in matches and rule.holds(folded):
                matches[number] = rule


def _candidate(number: int, rule: Node, anchor: Needle) -> _Candidate:
    """What a rule still asks when this anchor stands in the text."""
    all_of: set[str] = set()
    none_of: set[str] = set()
    any_of: _Words | None = None
    rest: list[Node] = []
    for part in rule.parts if isinstance(rule, And) else (rule,):
        choices = part.parts if isinstance(part, Or) else (part,)
        words = [_single_word(choice) for choice in choices]
        if any(_is_found_by(choice, anchor) for choice in choices):
            continue
        if isinstance(part, Not) and (word := _single_word(part.part)):
            none_of.add(word)
        elif None in words or (len(words) > 1 and any_of is not None):
            rest.append(part)
        elif len(words) > 1:
            any_of = frozenset(filter(None, words))
        else:
            all_of.update(filter(None, words))
    remaining = And(tuple(rest)) if len(rest) > 1 else rest[0] if rest else None
    return number, frozenset(all_of) or None, any_of, frozenset(none_of) or None, remaining, rule


def _is_found_by(node: Node, anchor: Needle) -> bool:
    """Whether the anchor alone makes the node true: its words say all that the node asks."""
    return isinstance(node, Term) and node.kind in ("word", "phrase") and not node.exact and node.needle == anchor


def _single_word(node: Node) -> str | None:
    """The one token that a node asks for, if that is all it asks for."""
    if isinstance(node, Term) and node.kind in ("word", "phrase") and not node.exact:
        token = node.needle.strip(" ")
        if node.needle.endswith(" ") and " " not in token:
            return token
    return None


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
