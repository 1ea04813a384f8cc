"""The language of tracking queries: from what a person writes to a query, or to what is wrong with it.

- query = all { "OR" all }
- all = part { ["AND"] part }
- part = { "NOT" | "-" } near
- near = single [ "NEAR/n" single | "ONEAR/n" single ]
- single = "(" query ")" | field | ["="] word ["*"] | ["="] phrase ["*"] | #tag ["*"] | @handle
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from listening.matching.document import Document, Span
from listening.matching.folding import fold, is_hangul, is_unspaced
from listening.matching.lexing import OPENING, QueryError, Sign, signs
from listening.matching.tree import And, Field, FieldKind, Near, Node, Not, Or, Term, spans, without_outer_not
from roles.wording import listed

LONGEST_QUERY = 10_000
DEEPEST_BRACKETS = 32
MOST_PARTS = 1_000
SHORTEST_PREFIX = 2

_TAG = re.compile(r"[#＃]\w[\w\u0300-\u1cff\ua8e0-\uabff]*")
_HANDLE = re.compile(r"[@＠][\w.\-]*\w(?:[@＠][\w.\-]*\w)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_FIELDS = ("author", "lang", "network", "source", "site", "link", "has", "is")
_CHOICES = {"has": ("media", "link"), "is": ("reply",)}


@dataclass(frozen=True)
class Query:
    """A tracking query: its text, and the tree of what the text says."""

    source: str
    tree: Node = field(repr=False)
    hints: tuple[object, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def rule(self) -> Node:
        """The tree in the form that is evaluated."""
        return without_outer_not(self.tree)

    def reading(self) -> str:
        """What the query means, in words."""
        from listening.matching.reading import read

        return read(self.tree)

    def matches(self, document: Document) -> list[Span] | None:
        """Where a document says what the query asks for (nowhere, if it is not its words), or None if it does not."""
        if not self.rule.holds(document.folded):
            return None
        return list(spans(self.rule, document.folded))


def parse(source: str) -> Query:
    """Read a query, or raise QueryError with the place and what to do."""
    if len(source) > LONGEST_QUERY:
        raise QueryError(
            _("A query can have at most {most} characters; this one has {length}. Split it into several queries."),
            LONGEST_QUERY,
            len(source) - LONGEST_QUERY,
            most=LONGEST_QUERY,
            length=len(source),
        )
    found = list(signs(source))
    if not found:
        raise QueryError(_("The query is empty: write the words to listen for, such as a name or a “phrase”."))
    parser = _Parser(source, found)
    return Query(source, parser.query(), tuple(parser.hints()))


class _Parser:
    """Recursive descent; brackets are the only recursion, and their depth is limited."""

    def __init__(self, source: str, found: list[Sign]) -> None:
        self.source = source
        self.signs = found
        self.next = 0
        self.opened: list[Sign] = []
        self.parts = 0
        self.joined = False
        self.mixed = False

    def query(self) -> Node:
        tree = self._choice()
        if sign := self._peek():
            raise QueryError(
                _("The closing bracket at character {place} has no opening one: remove it, or open one before it."),
                sign.position,
                sign.length,
                place=sign.position + 1,
            )
        if not _says_something(tree, negated=False):
            self._refuse_negative(tree)
        return tree

    def hints(self) -> Iterable[object]:
        """What is allowed but may not be what was meant."""
        for sign in self.signs:
            if sign.kind == "term" and not sign.quoted and sign.text in ("or", "and", "not"):
                hint = _("“{word}” in small letters is looked for as a word; write {operator} for the operator.")
                yield format_lazy(hint, word=sign.text, operator=sign.text.upper())
        if self.mixed:
            yield _("Words side by side belong together before OR divides them; brackets make another order.")

    def _peek(self, *kinds: str) -> Sign | None:
        sign = self.signs[self.next] if self.next < len(self.signs) else None
        return sign if sign and (not kinds or sign.kind in kinds) else None

    def _take(self, *kinds: str) -> Sign | None:
        sign = self._peek(*kinds)
        self.next += sign is not None
        return sign

    def _choice(self) -> Node:
        parts = [self._all()]
        joined = self.joined
        while operator := self._take("or"):
            self._require_part_after(operator)
            parts.append(self._all())
            joined = joined or self.joined
            self.mixed = self.mixed or joined
        return parts[0] if len(parts) == 1 else Or(_flat(parts, Or))

    def _all(self) -> Node:
        self._refuse_operator_first()
        parts = [self._part()]
        while sign := self._peek("and", "not", "term", "field", "open", "near"):
            if sign.kind == "near":
                raise QueryError(
                    _("{operator} joins two things only: use brackets and AND, as in (a NEAR/5 b) AND (b NEAR/5 c)."),
                    sign.position,
                    sign.length,
                    operator=sign.text,
                )
            if operator := self._take("and"):
                self._require_part_after(operator)
            parts.append(self._part())
        self.joined = len(parts) > 1
        return parts[0] if len(parts) == 1 else And(_flat(parts, And))

    def _part(self) -> Node:
        negated = False
        while operator := self._take("not"):
            self._require_part_after(operator)
            negated = not negated
        left = self._single()
        if operator := self._take("near"):
            self._require_part_after(operator)
            right = self._single()
            for side in (left, right):
                self._require_near(side, operator)
            left = Near(left, right, operator.distance, operator.name == "ordered")
        return Not(left) if negated else left

    def _single(self) -> Node:
        sign = self._take("term", "field", "open")
        if sign is None:
            self._refuse_operator_first()
            raise AssertionError("a part was required before it was read")
        if sign.kind == "open":
            return self._bracket(sign)
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise QueryError(
                _("A query can have at most {most} words and phrases. Split it into several queries."),
                sign.position,
                sign.length,
                most=MOST_PARTS,
            )
        return _field(sign) if sign.kind == "field" else _term(sign)

    def _bracket(self, sign: Sign) -> Node:
        self.opened.append(sign)
        if len(self.opened) > DEEPEST_BRACKETS:
            raise QueryError(
                _("Brackets can be at most {most} deep: remove those that change nothing."),
                sign.position,
                sign.length,
                most=DEEPEST_BRACKETS,
            )
        if closing := self._peek("close"):
            raise QueryError(
                _("There is nothing between the brackets at character {place}: write words in them or remove them."),
                sign.position,
                closing.position + closing.length - sign.position,
                place=sign.position + 1,
            )
        tree = self._choice()
        if not self._take("close"):
            self._refuse_open_bracket(sign)
        self.opened.pop()
        return tree

    def _refuse_open_bracket(self, sign: Sign) -> None:
        raise QueryError(
            _("The bracket opened at character {place} is never closed: add ) where its part ends."),
            sign.position,
            sign.length,
            place=sign.position + 1,
        )

    def _refuse_operator_first(self) -> None:
        sign = self._peek()
        if sign is None and self.opened:
            self._refuse_open_bracket(self.opened[-1])
        if sign and sign.kind in ("and", "or", "near", "close"):
            raise QueryError(
                _("{operator} at character {place} needs something before it: write a word there or remove it."),
                sign.position,
                sign.length,
                operator=sign.text,
                place=sign.position + 1,
            )

    def _require_part_after(self, operator: Sign) -> None:
        sign = self._peek()
        allowed = ("term", "field", "open") if operator.kind == "near" else ("term", "field", "open", "not")
        if sign is None or sign.kind not in allowed:
            raise QueryError(
                _("{operator} at character {place} needs something after it: write a word there or remove it."),
                operator.position,
                operator.length,
                operator=operator.text,
                place=operator.position + 1,
            )

    def _require_near(self, side: Node, operator: Sign) -> None:
        choices = side.parts if isinstance(side, Or) else (side,)
        if not all(isinstance(choice, Term) for choice in choices):
            raise QueryError(
                _("{operator} can stand between words and phrases, or brackets of them joined by OR, as in (a OR b)."),
                operator.position,
                operator.length,
                operator=operator.text,
            )

    def _refuse_negative(self, tree: Node) -> None:
        whole = self.source.strip()
        first = next((sign for sign in self.signs if sign.kind == "not"), self.signs[0])
        if isinstance(tree, Or):
            message = _(
                "One side of this OR only says what must not be there, so it would match nearly every post: "
                "add a word that must be there to that side."
            )
            raise QueryError(message, first.position, first.length)
        message = _("This only says what must not be there, so it would match nearly every post: add what must be.")
        raise QueryError(message, self.source.index(whole[0]), len(whole))


def _flat(parts: list[Node], kind: type[And | Or]) -> tuple[Node, ...]:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return tuple(flat)


def _says_something(node: Node, *, negated: bool) -> bool:
    """Whether a post must have something for the node to be true, and not only lack something."""
    if isinstance(node, Not):
        return _says_something(node.part, negated=not negated)
    if isinstance(node, And | Or):
        said = (_says_something(part, negated=negated) for part in node.parts)
        return any(said) if isinstance(node, And) != negated else all(said)
    return not negated


def _term(sign: Sign) -> Term:
    text = sign.text
    if not sign.quoted and not sign.exact and text[:1] in "#＃" and len(text) > 1:
        return _tag(sign)
    if not sign.quoted and not sign.exact and text[:1] in "@＠" and len(text) > 1:
        return _handle(sign)
    folded = fold(text)
    # Beyond ASCII, symbols such as emoji can be looked for on their own.
    if not any(character.isalnum() or not character.isascii() for character in folded):
        raise QueryError(
            _("There is no letter or digit to look for in “{text}”: leave it out, or put it next to a word."),
            sign.position,
            sign.length,
            text=text,
        )
    if sign.prefix and len(folded.rpartition(" ")[2]) < SHORTEST_PREFIX and not is_unspaced(folded[-1]):
        raise QueryError(
            _("“{text}*” would match too much: write at least {least} letters before the star."),
            sign.position,
            sign.length,
            text=text,
            least=SHORTEST_PREFIX,
        )
    return Term("phrase" if sign.quoted else "word", text, _needle(folded, sign), sign.prefix, sign.exact)


def _needle(folded: str, sign: Sign) -> str:
    """Korean writes particles onto the word, so a Korean word is found with whatever is written onto it."""
    open_ended = sign.prefix or (is_hangul(folded[-1]) and not sign.exact)
    return folded if open_ended else f"{folded} "


def _tag(sign: Sign) -> Term:
    if not _TAG.fullmatch(sign.text):
        raise QueryError(
            _("A tag is one # and then letters, digits and _ only, as in #matchday."), sign.position, sign.length
        )
    folded = fold(sign.text)
    return Term("tag", sign.text, folded if sign.prefix else f"{folded} ", sign.prefix)


def _handle(sign: Sign) -> Term:
    if sign.prefix or not _HANDLE.fullmatch(sign.text):
        raise QueryError(
            _("A handle is written @name or @name@example.org, without a star."), sign.position, sign.length
        )
    return Term("handle", sign.text, f"{fold(sign.text)} ")


def _field(sign: Sign) -> Field:
    name, value = sign.name.casefold(), sign.text.strip()
    if name not in _FIELDS:
        raise QueryError(
            _("There is no field “{name}”. Fields are {fields}. To look for these words, put them in quotation marks."),
            sign.position,
            len(sign.name) + 1,
            name=sign.name,
            fields=listed(f"{known}:" for known in _FIELDS),
        )
    if not value or value[0] in OPENING or not fold(value):
        raise QueryError(
            _("Write what to look for right behind {name}: without a space, as in {name}:{example}."),
            sign.position,
            sign.length,
            name=name,
            example=_EXAMPLES[cast(FieldKind, name)],
        )
    _check_value(sign, name, value.casefold())
    if name in ("site", "link"):
        value = re.sub(r"^(https?://)?(www\.)?", "", value.casefold()).rstrip("/")
    return Field(cast(FieldKind, name), value if name in ("author", "source") else value.casefold())


_EXAMPLES: dict[FieldKind, str] = {
    "author": "@jane", "lang": "en", "network": "mastodon", "source": '"Daily News"', "site": "example.org",
    "link": "example.org", "has": "media", "is": "reply",
}  # fmt: skip


def _check_value(sign: Sign, name: str, value: str) -> None:
    if name == "lang" and not _LANGUAGE.fullmatch(value):
        raise QueryError(
            _("Write the language as its code, such as lang:en or lang:pt-br."), sign.position, sign.length
        )
    if name in _CHOICES and value not in _CHOICES[name]:
        raise QueryError(
            _("After {name}: you can write {choices}."),
            sign.position,
            sign.length,
            name=name,
            choices=listed(_CHOICES[name]),
        )
