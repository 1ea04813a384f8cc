"""The mood of a text by the words and signs in it: what is judged from the first day, in ten thousands a second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt

from listening.learning.cleaning import tidy, without_debris
from listening.learning.lexicon import Lexicon, fold, lexicon, signs

NEGATED, REACH = -0.6, 3
BOOSTED, DAMPENED, CAPITALS = 1.25, 0.7, 1.2
BEFORE_TURN, AFTER_TURN = 0.6, 1.3
EXCLAIMED, MOST_EXCLAMATIONS = 1.08, 4
SAME_SIGN_COUNTS = 2
SOFTENER = 12.0
NEUTRAL_WITHIN = 0.2

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
    text = without_debris(tidy(text))
    by_signs, text = _signs(text)
    text = _TAG.sub(_spelled_out, text) if "#" in text else text
    words = _WORD.findall(text)
    known = lexicon(language)
    weights, negations = _weights(words, known if known.weights else lexicon("en"))
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


def _weights(words: list[str], known: Lexicon) -> tuple[list[float], int]:
    """What each word weighs where it stands; negations, boosters and turns of the sentence are minded."""
    folded = [fold(word, known.language) for word in words]
    shouted = sum(word.isupper() and len(word) > 1 for word in words)
    mind_capitals = 0 < shouted < len(words) * 0.6
    weights: list[float] = []
    since, negations, boost = REACH + 1, 0, 1.0
    for place, word in enumerate(folded):
        if not word[0].isalpha():
            since = since if word == "," else REACH + 1
            continue
        since += 1
        if word in known.turn:
            weights = [weight * BEFORE_TURN for weight in weights]
        weight = _weight(known.language, word)
        if known.phrases and place + 1 < len(folded) and (both := f"{word}_{folded[place + 1]}") in known.phrases:
            weight = known.weights[both]
        if weight:
            weight *= boost * (CAPITALS if mind_capitals and words[place].isupper() else 1.0)
            weights.append(weight * NEGATED if since <= REACH else weight)
        boost = BOOSTED if word in known.booster else DAMPENED if word in known.dampener else 1.0
        if word in known.negation:
            since, negations = 0, negations + 1
    return weights, negations


@lru_cache(maxsize=50_000)
def _weight(language: str, word: str) -> float:
    return lexicon(language).weight(word)


def _signs(text: str) -> tuple[float, str]:
    """What emoji and faces add, and the text without them."""
    found = _sign_pattern().findall(text)
    if not found:
        return 0.0, text
    weights = signs()
    total = sum(weights[sign] * min(found.count(sign), SAME_SIGN_COUNTS) for sign in dict.fromkeys(found))
    return total, _sign_pattern().sub(" ", text)


@cache
def _sign_pattern() -> re.Pattern[str]:
    # A face stands free, so that "http:/" and "(3:30)" are none.
    faces = [sign for sign in signs() if sign.isascii()]
    emoji = [sign for sign in signs() if not sign.isascii()]
    longest_first = [re.escape(sign) for sign in sorted(faces, key=len, reverse=True)]
    return re.compile(
        rf"(?<![\w(])(?:{'|'.join(longest_first)})(?!\w)|[{''.join(re.escape(s) for s in emoji if len(s) == 1)}]"
    )
