"""A query said in SQL: what the index is asked, what is left to ask of the words, and whether that says it all.

Where SQL can only say more than the query does (how far apart two words are, capitals, where a handle ends), the clause
is not exact: whoever uses it asks the query itself of what was found. A clause never leaves out what the query finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from listening.matching.folding import fold
from listening.matching.tree import And, Field, FieldKind, Near, Node, Not, Or, Term
from listening.models import Source
from listening.searching.documents import (
    LONGEST_WORD,
    MEDIA,
    REPLY,
    author_facts,
    bare,
    cut,
    handle_fact,
    network_fact,
    site_fact,
    source_fact,
)

INDEX = "array_to_tsvector(string_to_array(btrim(words), ' '))"
# Whose columns have no name of their own here, is the row of post words.
_LANGUAGE = """EXISTS (SELECT 1 FROM (SELECT id AS key, language AS said FROM listening_post) AS post
    LEFT JOIN (SELECT post_id AS of_post, language AS judged FROM listening_mention) AS mention ON of_post = key
    WHERE key = post_id AND replace(lower(COALESCE(NULLIF(judged, ''), said)) || '-', '_', '-') LIKE %s)"""


@dataclass(frozen=True, slots=True)
class Clause:
    """What a part of a query asks of a row of post words, with its values.

    `anchor` is asked of the index (empty: nothing can be); `condition` says the whole part, and is not needed beside
    the anchor where `told`; `exact` where both together mean what the part means.
    """

    anchor: str
    condition: str
    values: tuple[object, ...] = ()
    told: bool = False
    exact: bool = False

    def where(self) -> tuple[str, list[object]]:
        """Return the clause as SQL over post words, with its values."""
        asked: list[str] = []
        values: list[object] = []
        if self.anchor:
            asked.append(f"{INDEX} @@ %s::tsquery")
            values.append(self.anchor)
        if not self.told:
            asked.append(f"({self.condition})")
            values += self.values
        return " AND ".join(asked), values


ANYTHING = Clause("", "true")


def clause(node: Node) -> Clause:
    """Say a query's rule in SQL, for the active organization."""
    if isinstance(node, Term):
        return _term(node)
    if isinstance(node, And):
        return _all([clause(part) for part in node.parts])
    if isinstance(node, Or):
        return _any([clause(part) for part in node.parts])
    if isinstance(node, Not):
        return _not(clause(node.part))
    if isinstance(node, Near):
        both = _all([clause(node.left), clause(node.right)])
        return Clause(both.anchor, both.condition, both.values, told=both.told)
    return _FIELDS[node.name](node.value) if isinstance(node, Field) else ANYTHING


def _term(term: Term) -> Clause:
    words = cut(term.needle).strip(" ").split(" ")
    is_open = not term.needle.endswith(" ")
    # A word that was cut to its stored length says less than the whole one.
    longest = max(map(len, term.needle.split(" ")))
    plain = term.kind in ("word", "phrase") and not term.exact and longest < LONGEST_WORD
    anchors = [_lexeme(word) for word in words[:-1]]
    anchors.append(_lexeme(words[-1], is_prefix=is_open))
    end = "" if is_open else " "
    return Clause(
        " & ".join(anchors),
        "words LIKE %s",
        (f"%{_literal(' ' + ' '.join(words) + end)}%",),
        told=len(words) == 1,
        exact=plain,
    )


def _all(parts: list[Clause]) -> Clause:
    untold = [part for part in parts if not part.told]
    told = not untold
    # Beside the anchors of those that are told by them, the others say themselves in full.
    return Clause(
        _joined([part.anchor for part in parts if part.anchor], "&"),
        " AND ".join(f"({part.condition})" for part in parts),
        tuple(value for part in parts for value in part.values),
        told=told,
        exact=all(part.exact for part in parts),
    )


def _any(parts: list[Clause]) -> Clause:
    anchors = [part.anchor for part in parts]
    return Clause(
        _joined(anchors, "|") if all(anchors) else "",
        " OR ".join(f"({part.condition})" for part in parts),
        tuple(value for part in parts for value in part.values),
        told=all(anchors) and all(part.told for part in parts),
        exact=all(part.exact for part in parts),
    )


def _not(part: Clause) -> Clause:
    # What says more than it means would, turned round, say less.
    if not part.exact:
        return ANYTHING
    return Clause("", f"NOT ({part.condition})", part.values, exact=True)


def _joined(anchors: Iterable[str], sign: str) -> str:
    listed = list(anchors)
    return listed[0] if len(listed) == 1 else f" {sign} ".join(f"({anchor})" for anchor in listed)


def _lexeme(word: str, *, is_prefix: bool = False) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}':*" if is_prefix or len(word) >= LONGEST_WORD else f"'{escaped}'"


def _literal(words: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", words)


def _fact(fact: str, *, exact: bool = False) -> Clause:
    whole = exact and len(fact) < LONGEST_WORD
    return Clause(_lexeme(fact), "words LIKE %s", (f"%{_literal(f' {fact} ')}%",), told=True, exact=whole)


def _by_author(value: str) -> Clause:
    named = [_fact(handle_fact(value), exact=True)] if bare(value) else []
    if not value.startswith("@") and (words := author_facts(value)):
        anchor = " & ".join(map(_lexeme, words))
        exact = max(map(len, words)) < LONGEST_WORD
        together = (f"%{_literal(' ' + ' '.join(words) + ' ')}%",)
        named.append(Clause(anchor, "words LIKE %s", together, told=len(words) == 1, exact=exact))
    return _any(named) if named else ANYTHING


def _in_language(value: str) -> Clause:
    return Clause("", _LANGUAGE, (f"{_literal(value)}-%",), exact=True)


def _from_source(value: str) -> Clause:
    wanted = f"{fold(value)} "
    keys = [
        key
        for key, name, place in Source.objects.values_list("pk", "name", "place")
        if wanted in f"{fold(name or place)} "
    ]
    return _any([_fact(source_fact(key)) for key in keys]) if keys else Clause("", "false", exact=True)


def _on_site(value: str) -> Clause:
    return _fact(site_fact(value.partition("/")[0]))


def _with_link(value: str) -> Clause:
    """An address stands in the text, and its words are among the post's words."""
    words = [word for part in re.split(r"[^\w]+", value) for word in fold(part).split()]
    return _all([_written_address(), *map(_word, words)])


def _has(value: str) -> Clause:
    return _fact(MEDIA, exact=True) if value == "media" else _written_address()


def _written_address() -> Clause:
    return Clause("", "words LIKE %s", ("%http%",))


def _word(word: str) -> Clause:
    kept = cut(word)
    return Clause(_lexeme(kept), "words LIKE %s", (f"%{_literal(f' {kept} ')}%",), told=True)


_FIELDS: dict[FieldKind, Callable[[str], Clause]] = {
    "author": _by_author,
    "lang": _in_language,
    "network": lambda value: _fact(network_fact(value), exact=True),
    "source": _from_source,
    "site": _on_site,
    "link": _with_link,
    "has": _has,
    "is": lambda _value: _fact(REPLY, exact=True),
}
