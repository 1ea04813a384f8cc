"""What a model sees of a post: its words, pairs of words, pieces of words, marks (author, source, query), its mood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import log

from listening.learning.cleaning import tidy, without_debris
from listening.learning.prior import Mood, mood

LONGEST_WORD = 30
MOST_WORDS = 300
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[!?]+|[\u2190-\u2bff\U0001f000-\U0001faff]")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Example:
    """A text with what is known about it; `label` is what a person said, "" where that is asked."""

    text: str
    label: str = ""
    language: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which features a kind of model has: pieces of words from and to a length, the mood, how strong the groups are."""

    pieces: tuple[int, int] = (2, 4)
    with_mood: float = 0.0
    words: float = 1.0
    letters: float = 1.0
    marks: float = 1.0


# The groups, each of which is weighed and brought to length one by itself.
WORD, PIECE, MARK, MOOD = "w", "p", "k", "m"


def spell(example: Example, recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Every feature that is counted, with the word or mark that a person can be shown for it."""
    before = ""
    for token in tokens(example.text):
        yield f"{WORD}{token}", token
        if before:
            yield f"{WORD}{before} {token}", f"{before} {token}"
        before = token
        padded = f" {token} "
        for length in range(recipe.pieces[0], min(recipe.pieces[1], len(padded)) + 1):
            for start in range(len(padded) - length + 1):
                yield f"{PIECE}{padded[start : start + length]}", token
    for mark in example.marks:
        yield f"{MARK}{mark}", mark


def tokens(text: str) -> list[str]:
    """The words of a text in small letters, numbers as one word, signs that carry mood."""
    bare = without_debris(tidy(text)).lower()
    return [_NUMBER.sub("0", token[:LONGEST_WORD]) for token in _TOKEN.findall(bare)[:MOST_WORDS]]


MOOD_NAMES = (
    "score", "is positive", "is negative", "positive", "negative", "signs", "positive signs", "negative signs",
    "has hits", "short", "exclamations", "questions", "negations", "address", "mixed",
)  # fmt: skip


def mood_features(example: Example) -> list[float]:
    """The mood by the shipped words, as numbers of about the same size."""
    found: Mood = mood(example.text, example.language)
    return [
        found.score,
        float(found.value > 0),
        float(found.value < 0),
        log(1 + found.positive) / 2,
        log(1 - found.negative) / 2,
        max(-1.0, min(1.0, found.signs / 4)),
        float(found.signs > 0),
        float(found.signs < 0),
        float(found.hits > 0),
        float(found.words < 6),
        min(found.exclamations, 3) / 3,
        min(found.questions, 2) / 2,
        min(found.negations, 2) / 2,
        float("http" in example.text),
        float(found.positive > 0 > found.negative),
    ]
