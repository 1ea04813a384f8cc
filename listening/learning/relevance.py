"""Whether a post is relevant to an organization, learned from triage; it orders and never hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listening.learning.evaluation import Evaluation
from listening.learning.features import Example, Recipe
from listening.learning.linear import Reason, Taught
from listening.learning.teaching import Lesson, teach

KIND = "relevance"
NO, YES = "no", "yes"
LESSON = Lesson(
    KIND, Recipe(pieces=(2, 4), words=1.0, letters=0.7, marks=1.0), strengths=(0.3, 1.0, 3.0, 10.0), even=True
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a mention: its text, who wrote it, where it came from, which queries matched."""

    text: str
    author: str = ""
    source: str = ""
    queries: tuple[int, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Relevance:
    """How probable it is that people want to see a mention, and what spoke for it or (below zero) against it.

    Marks among the reasons read "author:…", "source:…", "query:…", "language:…"; all else are words of the text.
    """

    probability: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class RelevanceModel(Taught):
    """Relevance as an organization's people decided it."""

    kind = KIND

    def weigh(self, mentions: Sequence[Seen], *, explain: bool = False) -> list[Relevance]:
        """The relevance of each mention."""
        examples = [_example(mention) for mention in mentions]
        shares = self.linear.probabilities(examples)[:, 1].tolist() if examples else []
        return [
            Relevance(round(share, 4), tuple(self.linear.reasons(example, YES)) if explain else ())
            for example, share in zip(examples, shares, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model just taught, and how well it does on decisions that it had not seen."""

    model: RelevanceModel
    evaluation: Evaluation
    decisions: tuple[tuple[Seen, bool], ...]

    def better_than(self, current: RelevanceModel | None) -> bool:
        """Whether it should replace the one in use; without one, it must tell more than calling all alike would."""
        if current is None:
            return self.evaluation.quality > 0.5
        from listening.learning.evaluation import macro_f1
        from listening.learning.linear import label_of

        rows = [_example(seen) for seen, _relevant in self.decisions]
        said = label_of(current.linear.held_back(rows), current.linear.labels)
        return self.evaluation.quality >= macro_f1(
            [YES if relevant else NO for _seen, relevant in self.decisions], said
        )


def train(decisions: Sequence[tuple[Seen, bool]]) -> Candidate:
    """Teach from decisions (a mention, and whether it was relevant); raises NotEnough where they are too few."""
    linear = teach(LESSON, [_example(seen, YES if relevant else NO) for seen, relevant in decisions])
    assert linear.evaluation
    return Candidate(RelevanceModel(linear), linear.evaluation, tuple(decisions))


def _example(seen: Seen, label: str = "") -> Example:
    marks = [
        f"{name}:{value}"
        for name, value in (("author", seen.author), ("source", seen.source), ("language", seen.language))
        if value
    ]
    marks += [f"query:{query}" for query in seen.queries]
    return Example(seen.text, label, seen.language, tuple(marks))
