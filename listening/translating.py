"""What networks said, in the reader's language: known again by the sentence that it was made of.

Adapters say English, for they know no reader (`listening.networks.words`), and what they said is kept as it came. In
the catalogues their sentences stand under `network`; whatever is not among them stays as it is: what a server answered,
or what a network says that brings no words of its own. Sentences of ours that are kept beside those of networks, in
English too (`gettext_noop`, or by a worker), are known again by how they begin.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext, trans_real

CONTEXT = "network"
# As catalogues write a context before its words.
_BEFORE = f"{CONTEXT}\x04"
_PLACE = re.compile(r"%\((\w+)\)s")
# Problems of one visit are put one after the other like this.
_APART = re.compile(r"(?<=\.); ")
# A sentence ends here, or goes on.
_BETWEEN = re.compile(r"(?<=\.) ")
LONGEST = 2000
# A sentence may tell the reason of another, which tells that of a third.
DEEPEST = 3
MOST_PARTS = 6
# By so many letters before its first place a sentence of ours is found; one that begins with a name is not.
BEGINNING = 10


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that is filled in: what stands between its places, their names, and how it is said."""

    pieces: Sequence[str]
    names: Sequence[str]
    said: str

    def values_in(self, text: str) -> dict[str, str] | None:
        """Return what a text has in the places of this sentence; None where it is another. Takes one look at a text."""
        first, *between, last = self.pieces
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last):
            return None
        values, at = [], len(first)
        for piece in between:
            found = text.find(piece, at)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(piece)
        values.append(text[at : max(at, end)])
        # A sentence that begins with a name does not begin in the middle of a text.
        return (
            dict(zip(self.names, values, strict=True))
            if at <= end and (first or not _BETWEEN.search(values[0]))
            else None
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What networks say, as far as it is known in a language: whole sentences, and those that are filled in.

    Beside them ours that are filled in, by how they begin.
    """

    whole: Mapping[str, str]
    filled: Sequence[Sentence]
    ours: Mapping[str, Sequence[Sentence]]


def translated(text: object) -> str:
    """Return what a network said in the reader's language; whatever is not known there stays as it came."""
    words, language = str(text), get_language()
    if not words or not language or language.startswith("en") or len(words) > LONGEST:
        return words
    return _translated(words, language)


@lru_cache(maxsize=1024)
def _translated(text: str, language: str) -> str:
    return "; ".join(_said(part, language, DEEPEST) for part in _APART.split(text, MOST_PARTS))


def _said(text: str, language: str, depth: int) -> str:
    """One sentence or several, one after the other; what is not known stays as it is."""
    if (found := _one(text, language, depth)) is not None:
        return found
    return " ".join(_one_by_one(text, language, depth)) if _BETWEEN.search(text) else text


def _one_by_one(text: str, language: str, depth: int) -> Iterator[str]:
    """The sentences of a text: whole ones as long as they can be, and those that are filled in as short as can be."""
    parts = _BETWEEN.split(text, MOST_PARTS)
    while parts:
        runs = [" ".join(parts[:count]) for count in range(1, len(parts) + 1)]
        whole = [run for run in reversed(runs) if run in known_in(language).whole]
        known = ((run, said) for run in [*whole, *runs] if (said := _one(run, language, depth)) is not None)
        run, said = next(known, (parts[0], parts[0]))
        yield said
        del parts[: runs.index(run) + 1]


def _one(text: str, language: str, depth: int) -> str | None:
    """One sentence, with what it says of another in the same language; None where it is not known."""
    known = known_in(language)
    if text in known.whole:
        return known.whole[text]
    for sentence in (*known.filled, *known.ours.get(text[:BEGINNING], ())) if depth else ():
        values = sentence.values_in(text)
        if values is not None:
            return sentence.said % {name: _value(value, language, depth - 1) for name, value in values.items()}
    # A sentence of ours that a worker wrote down beside those of networks.
    ours = gettext(text) if text.endswith(".") else text
    return ours if ours != text else None


def _value(value: str, language: str, depth: int) -> str:
    """A value that is a sentence or some words of a network; a name, or one word, is nothing to translate."""
    return _said(value, language, depth) if " " in value else value


@lru_cache(maxsize=32)
def known_in(language: str) -> Known:
    """Return what networks say in a language, of all catalogues; the most particular sentence is tried first."""
    catalogue: Any = getattr(trans_real.translation(language), "_catalog")  # noqa: B009 - Django names it so itself
    # By its name: where two catalogues say it, ours is the one that is found.
    said = {key: catalogue[key] for key in dict(catalogue.items()) if isinstance(key, str)}
    theirs = {key.removeprefix(_BEFORE): words for key, words in said.items() if key.startswith(_BEFORE)}
    ours = defaultdict(list)
    for sentence in _filled({key: words for key, words in said.items() if "\x04" not in key}):
        if len(sentence.pieces[0]) >= BEGINNING:
            ours[sentence.pieces[0][:BEGINNING]].append(sentence)
    whole = {words: translation for words, translation in theirs.items() if not _PLACE.search(words)}
    return Known(whole, _filled(theirs), ours)


def _filled(said: Mapping[str, str]) -> Sequence[Sentence]:
    found = [_sentence(words, there) for words, there in said.items() if _PLACE.search(words) and _fits(words, there)]
    return sorted(found, key=lambda one: -sum(map(len, one.pieces)))


def _fits(words: str, said: str) -> bool:
    """Whether a translation fills the places of its sentence and no others: a package may bring another."""
    try:
        return bool(said % dict.fromkeys(_PLACE.findall(words), ""))
    except (KeyError, TypeError, ValueError):
        return False


def _sentence(words: str, said: str) -> Sentence:
    pieces = _PLACE.split(words)
    return Sentence([piece.replace("%%", "%") for piece in pieces[::2]], pieces[1::2], said)
