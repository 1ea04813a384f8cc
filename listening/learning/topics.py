"""Which topic a post belongs to, learned from the topics that people gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listening.learning.evaluation import Evaluation
from listening.learning.features import Example, Recipe
from listening.learning.linear import Reason, Taught
from listening.learning.teaching import Lesson, teach

KIND = "topics"
LESSON = Lesson(
    KIND,
    Recipe(pieces=(2, 5), words=1.0, letters=1.0),
    strengths=(0.5,),
    least_rows=10,
    by_margin=True,
    even=False,
    several=False,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A topic, how sure it is (0 to 1), and the words that spoke most for or against it."""

    topic: str
    probability: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class TopicModel(Taught):
    """Suggests topics as an organization's people give them."""

    kind = KIND

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that it can tell."""
        return self.linear.labels

    def suggest(self, texts: Sequence[str], *, most: int = 3, explain: bool = False) -> list[list[Suggestion]]:
        """The most probable topics of each text, the best first."""
        examples = [Example(text) for text in texts]
        told = []
        for example, shares in zip(examples, self.linear.probabilities(examples).tolist(), strict=True):
            best = sorted(zip(shares, self.topics, strict=True), reverse=True)[:most]
            told.append(
                [
                    Suggestion(topic, round(share, 4), tuple(self.linear.reasons(example, topic)) if explain else ())
                    for share, topic in best
                ]
            )
        return told


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model just taught, and how well it does on examples that it had not seen."""

    model: TopicModel
    evaluation: Evaluation

    def better_than(self, current: TopicModel | None) -> bool:
        """Whether it should replace the one in use: it knows other topics, or does as well with more examples."""
        if current is None or current.evaluation is None or set(current.topics) != set(self.model.topics):
            return self.evaluation.accuracy > 1 / len(self.model.topics)
        more = self.model.taught_with > current.taught_with
        tolerance = 0.02 if more else 0.0
        return self.evaluation.quality > current.evaluation.quality - tolerance


def train(examples: Sequence[tuple[str, str]]) -> Candidate:
    """Teach from pairs of text and topic; raises NotEnough where they are too few."""
    linear = teach(LESSON, [Example(text, topic) for text, topic in examples])
    assert linear.evaluation
    return Candidate(TopicModel(linear), linear.evaluation)
