"""The text of a query cut into signs: words, phrases, fields, operators and brackets, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

QUOTES = frozenset('"“”„‟＂«»「」『』')
OPENING, CLOSING = frozenset("(（"), frozenset(")）")
MINUS = frozenset("-−–")
FARTHEST_NEAR = 100

_NEAR = re.compile(r"(O?)NEAR(?:/(.*))?")
_FIELD = re.compile(r"([A-Za-z_]+):(?!//)")
_PROGRAMMERS = {"&&": "AND", "||": "OR", "|": "OR", "&": "AND", "!": "NOT"}


class QueryError(ValueError):
    """What is wrong with a query, where (`position` counts from 0), and what to do; `message` is for people."""

    def __init__(self, message: Any, position: int = 0, length: int = 0, /, **values: object) -> None:
        self.message = format_lazy(message, **values) if values else message
        self.position = position
        self.length = length
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.message)


SignKind = Literal["open", "close", "and", "or", "not", "near", "term", "field"]


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a query; `text` is a term's words, a field's value or the operator as written."""

    kind: SignKind
    text: str
    position: int
    length: int
    quoted: bool = False
    exact: bool = False
    prefix: bool = False
    name: str = ""
    distance: int = 0


def signs(source: str) -> Iterator[Sign]:
    """The signs of a query in order."""
    position = 0
    while position < len(source):
        character = source[position]
        if character.isspace():
            position += 1
            continue
        sign = _sign_at(source, position)
        yield sign
        position += sign.length


def _sign_at(source: str, position: int) -> Sign:
    character = source[position]
    following = source[position + 1 : position + 2]
    if character in OPENING or character in CLOSING:
        return Sign("open" if character in OPENING else "close", character, position, 1)
    if character in MINUS and following and not following.isspace() and following not in CLOSING:
        return Sign("not", character, position, 1)
    if field := _FIELD.match(source, position):
        return _field(source, position, field)
    if character == "=" and following and not following.isspace():
        return _term(source, position, position + 1, exact=True)
    if character not in QUOTES:
        end = _end_of_word(source, position)
        if operator := _operator(source[position:end], position):
            return operator
    return _term(source, position, position)


def _inside_abbreviation(source: str, position: int) -> bool:
    """Whether a quotation mark stands between two Hebrew letters, where it marks an abbreviation."""
    around = source[max(position - 1, 0) : position], source[position + 1 : position + 2]
    return source[position] == '"' and all("\u05d0" <= letter <= "\u05ea" for letter in around)


def _end_of_word(source: str, position: int) -> int:
    while position < len(source):
        character = source[position]
        if character.isspace() or character in OPENING or character in CLOSING:
            break
        if character in QUOTES and not _inside_abbreviation(source, position):
            break
        position += 1
    return position


def _text_at(source: str, position: int) -> tuple[str, int, bool]:
    """The word or the quoted phrase that begins here, where it ends, and whether it was quoted."""
    if position >= len(source) or source[position] not in QUOTES:
        end = _end_of_word(source, position)
        return source[position:end], end, False
    for end in range(position + 1, len(source)):
        if source[end] in QUOTES and not _inside_abbreviation(source, end):
            return source[position + 1 : end], end + 1, True
    raise QueryError(
        _("The quotation mark at character {place} is never closed: add another after the last word of the phrase."),
        position,
        1,
        place=position + 1,
    )


def _term(source: str, start: int, position: int, *, exact: bool = False) -> Sign:
    text, end, quoted = _text_at(source, position)
    # A star right behind a closing quotation mark means the same as one before it.
    if quoted and source[end : end + 1] == "*":
        text, end = f"{text.rstrip('*')}*", end + 1
    prefix = text.endswith("*") and len(text) > 1
    text = text[:-1] if prefix else text
    if "*" in text:
        star = source.index("*", position)
        raise QueryError(
            _("A star can only stand at the end of a word, as in refund*: it stands for the letters that follow."),
            star,
            1,
        )
    return Sign("term", text, start, end - start, quoted, exact, prefix)


def _field(source: str, position: int, found: re.Match[str]) -> Sign:
    value, end, quoted = _text_at(source, found.end())
    return Sign("field", value, position, end - position, quoted, name=found[1])


def _operator(word: str, position: int) -> Sign | None:
    if word in ("AND", "OR", "NOT"):
        kinds: dict[str, SignKind] = {"AND": "and", "OR": "or", "NOT": "not"}
        return Sign(kinds[word], word, position, len(word))
    if word in _PROGRAMMERS:
        raise QueryError(
            _("Write {operator} instead of {sign}, or put the words in quotation marks to look for the sign itself."),
            position,
            len(word),
            operator=_PROGRAMMERS[word],
            sign=word,
        )
    near = _NEAR.fullmatch(word)
    if near is None:
        return None
    distance = near[2] or ""
    if not (distance.isascii() and distance.isdigit() and len(distance) < 4 and 0 < int(distance) <= FARTHEST_NEAR):
        raise QueryError(
            _("Say how near, as a number of words from 1 to {most}: for example {operator}/5."),
            position,
            len(word),
            most=FARTHEST_NEAR,
            operator=f"{near[1]}NEAR",
        )
    return Sign("near", word, position, len(word), distance=int(distance), name="ordered" if near[1] else "")
