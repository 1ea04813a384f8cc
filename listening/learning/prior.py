"""The mood of a text by the words and signs in it: what is judged from the first day, in ten thousands a second."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import NamedTuple

from listening.learning.cleaning import bare
from listening.learning.lexicon import Lexicon, fold, lexicon, signs

NEGATED, REACH = -0.6, 3
BOOSTED, DAMPENED, CAPITALS = 1.25, 0.7, 1.2
BEFORE_TURN = 0.6
EXCLAIMED, MOST_EXCLAMATIONS = 1.08, 4
SAME_SIGN_COUNTS = 2
SOFTENER = 12.0
NEUTRAL_WITHIN = 0.2
REMEMBERED_WORDS = 50_000

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.,;:!?…]+")
_TAG = re.compile(r"[#＃](\w+)")
_HUMP = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|_|\d+")


@dataclass(frozen=True, slots=True)
class Mood:
    """What the words and signs of a text add up to."""

    score: float
    positive: float = 0.0
    negative: float = 0.0
    signs: float = 0.0
    hits: int = 0
    words: int = 0
    exclamations: int = 0
    questions: int = 0
    negations: int = 0

    @property
    def value(self) -> int:
        """-1, 0 or 1."""
        return 1 if self.score > NEUTRAL_WITHIN else -1 if self.score < -NEUTRAL_WITHIN else 0


def mood(text: str, language: str) -> Mood:
    """Weigh a text by the lexicon of its language, else by the English one."""
    by_signs, text = _signs(bare(text))
    text = _TAG.sub(_spelled_out, text) if "#" in text else text
    known = lexicon(language)
    known = known if known.weights else lexicon("en")
    words = list(map(_words_of(known.language).__getitem__, _WORD.findall(text)))
    weights, negations = _weights(words, known)
    exclamations, questions = text.count("!"), text.count("?")
    stress = EXCLAIMED ** min(exclamations, MOST_EXCLAMATIONS)
    positive = sum(weight for weight in weights if weight > 0) * stress
    negative = sum(weight for weight in weights if weight < 0) * stress
    total = positive + negative + by_signs
    return Mood(
        score=total / sqrt(total * total + SOFTENER),
        positive=positive,
        negative=negative,
        signs=by_signs,
        hits=sum(1 for weight in weights if weight),
        words=len(words),
        exclamations=exclamations,
        questions=questions,
        negations=negations,
    )


def _spelled_out(tag: re.Match[str]) -> str:
    return " " + _HUMP.sub(" ", tag[1]) + " "


class _Word(NamedTuple):
    """A word as it was written, with all that its language's lexicon says of it."""

    folded: str
    weight: float
    # What it does to the next one's weight.
    boost: float
    is_negation: bool
    is_turn: bool
    begins_phrase: bool
    is_upper: bool
    is_long: bool


class _Words(dict[str, _Word]):
    """The words of one language, looked up once: most words of a text were met before."""

    def __init__(self, known: Lexicon) -> None:
        super().__init__()
        self.known = known
        self.begin_phrases = {phrase.partition("_")[0] for phrase in known.phrases}

    def __missing__(self, written: str) -> _Word:
        if len(self) >= REMEMBERED_WORDS:
            self.clear()
        known, folded = self.known, fold(written, self.known.language)
        found = self[written] = _Word(
            folded,
            known.weight(folded),
            BOOSTED if folded in known.booster else DAMPENED if folded in known.dampener else 1.0,
            folded in known.negation,
            folded in known.turn,
            folded in self.begin_phrases,
            written.isupper(),
            len(written) > 1,
        )
        return found


@cache
def _words_of(language: str) -> _Words:
    return _Words(lexicon(language))


def _weights(words: Sequence[_Word], known: Lexicon) -> tuple[list[float], int]:
    """What each word weighs where it stands; negations, boosters and turns of the sentence are minded."""
    shouted = sum(word.is_upper and word.is_long for word in words)
    mind_capitals = 0 < shouted < len(words) * 0.6
    weights: list[float] = []
    since, negations, boost = REACH + 1, 0, 1.0
    for place, word in enumerate(words):
        if not word.folded[0].isalpha():
            since = since if word.folded == "," else REACH + 1
            continue
        since += 1
        if word.is_turn:
            weights = [weight * BEFORE_TURN for weight in weights]
        weight = word.weight
        if word.begins_phrase and place + 1 < len(words):
            weight = known.weights.get(f"{word.folded}_{words[place + 1].folded}", weight)
        if weight:
            weight *= boost * (CAPITALS if mind_capitals and word.is_upper else 1.0)
            weights.append(weight * NEGATED if since <= REACH else weight)
        boost = word.boost
        if word.is_negation:
            since, negations = 0, negations + 1
    return weights, negations


def _signs(text: str) -> tuple[float, str]:
    """What emoji and faces add, and the text without them."""
    # Most texts have none: to look for each face is faster than for all of them at once.
    if not any(map(text.__contains__, _faces())) and (text.isascii() or not _emoji_pattern().search(text)):
        return 0.0, text
    found = _sign_pattern().findall(text)
    if not found:
        return 0.0, text
    weights = signs()
    total = sum(weights[sign] * min(found.count(sign), SAME_SIGN_COUNTS) for sign in dict.fromkeys(found))
    return total, _sign_pattern().sub(" ", text)


@cache
def _faces() -> tuple[str, ...]:
    """The faces of signs, without those that hold another one."""
    faces = [sign for sign in signs() if sign.isascii()]
    return tuple(face for face in faces if not any(other in face for other in faces if other != face))


@cache
def _emoji_pattern() -> re.Pattern[str]:
    return re.compile(f"[{''.join(re.escape(sign) for sign in signs() if not sign.isascii() and len(sign) == 1)}]")


@cache
def _sign_pattern() -> re.Pattern[str]:
    # A face stands free, so that "http:/" and "(3:30)" are none.
    faces = sorted((sign for sign in signs() if sign.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![\w(])(?:{'|'.join(map(re.escape, faces))})(?!\w)|{_emoji_pattern().pattern}")
