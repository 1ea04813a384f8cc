"""Sentiment that begins with the shipped words and learns from what people correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from listening.learning.evaluation import Evaluation, evaluate
from listening.learning.features import Example, Recipe
from listening.learning.language import detect
from listening.learning.linear import Reason, Taught
from listening.learning.prior import mood
from listening.learning.teaching import Lesson, teach

KIND = "sentiment"
LEAST_CORRECTIONS = 30
# How much better than what is in use a candidate must be: little evidence has to show more.
MARGIN, MARGIN_OF_FEW, MORE_THAN_CHANCE = 0.005, 0.5, 0.1
LESSON = Lesson(
    KIND,
    Recipe(pieces=(2, 4), with_mood=1.0, words=0.7, letters=0.7),
    strengths=(0.1, 0.3, 1.0, 3.0, 10.0),
    least_rows=LEAST_CORRECTIONS,
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A text and the sentiment (-1, 0 or 1) that a person gave it; the language where it is known."""

    text: str
    sentiment: int
    language: str = ""


@dataclass(frozen=True)
class SentimentModel(Taught):
    """Sentiment as an organization's people see it."""

    kind = KIND

    def judge(self, texts: Sequence[str], languages: Sequence[str]) -> list[tuple[int, float]]:
        """The sentiment (-1, 0, 1) of each text and a score from -1 to 1."""
        rows = [Example(text, language=language) for text, language in zip(texts, languages, strict=True)]
        return self._told(self.linear.probabilities(rows).tolist()) if rows else []

    def reasons(self, text: str, language: str, sentiment: int) -> list[Reason]:
        """The words that spoke for or against a sentiment."""
        return self.linear.reasons(Example(text, language=language), str(sentiment))

    def evaluated(self, corrections: Sequence[Correction]) -> Evaluation:
        """How well it does on corrections, each judged by the member that never saw it."""
        told = self._told(self.linear.held_back(_rows(corrections)).tolist())
        return evaluate([row.sentiment for row in corrections], [value for value, _score in told])

    @cached_property
    def _values(self) -> tuple[int, ...]:
        return tuple(int(label) for label in self.linear.labels)

    def _told(self, shares: list[list[float]]) -> list[tuple[int, float]]:
        told = []
        for row in shares:
            score = sum(value * share for value, share in zip(self._values, row, strict=True))
            told.append((self._values[row.index(max(row))], round(max(-1.0, min(1.0, score)), 4)))
        return told


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model just taught, and how well it and the shipped words do on held-back corrections."""

    model: SentimentModel
    evaluation: Evaluation
    shipped: Evaluation
    corrections: tuple[Correction, ...]

    def better_than(self, current: SentimentModel | None) -> bool:
        """Whether it should replace what is in use: a model, or the shipped words where there is none."""
        in_use = current.evaluated(self.corrections) if current else self.shipped
        if self.evaluation.quality < 1 / len(self.model.linear.labels) + MORE_THAN_CHANCE:
            return False
        margin = max(MARGIN, MARGIN_OF_FEW / self.evaluation.rows**0.5) if current is None else 0.0
        return self.evaluation.quality > max(in_use.quality, self.shipped.quality if current else 0.0) + margin


def train(corrections: Sequence[Correction]) -> Candidate:
    """Teach a model from corrections; raises NotEnough where they are too few."""
    rows = tuple(replace(row, language=row.language or detect(row.text)) for row in corrections)
    linear = teach(LESSON, _rows(rows))
    model = SentimentModel(linear)
    told = [mood(row.text, row.language).value for row in rows]
    return Candidate(model, model.evaluated(rows), evaluate([row.sentiment for row in rows], told), rows)


def _rows(corrections: Sequence[Correction]) -> list[Example]:
    return [Example(row.text, str(row.sentiment), row.language) for row in corrections]
