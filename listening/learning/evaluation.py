"""How well a model does on rows that it has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures from held-back rows; `quality` is the one that models are compared by."""

    rows: int
    quality: float
    accuracy: float
    measure: str = "macro_f1"
    # How often a label (the first) was taken for another (the second), itself included; not kept with a model.
    taken: Mapping[tuple[Hashable, Hashable], int] = field(default_factory=dict, compare=False)

    def as_dict(self) -> dict[str, object]:
        """The figures, as they are kept."""
        return {"rows": self.rows, "quality": self.quality, "accuracy": self.accuracy, "measure": self.measure}


def fold_of(text: str, folds: int = FOLDS) -> int:
    """The part that a text belongs to, the same in every training, so that what was held back stays held back."""
    return int.from_bytes(blake2b(text.strip().lower().encode("utf-8", "replace"), digest_size=4).digest()) % folds


def macro_f1(truth: Sequence[Hashable], said: Sequence[Hashable]) -> float:
    """The mean of the F1 of each label that occurs in the truth."""
    scores = []
    for label in set(truth):
        hits = sum(right == label == told for right, told in zip(truth, said, strict=True))
        wrong = sum((right == label) != (told == label) for right, told in zip(truth, said, strict=True))
        scores.append(2 * hits / (2 * hits + wrong) if hits else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def accuracy(truth: Sequence[Hashable], said: Sequence[Hashable]) -> float:
    """The share that is right."""
    return sum(right == told for right, told in zip(truth, said, strict=True)) / len(truth) if truth else 0.0


def evaluate(truth: Sequence[Hashable], said: Sequence[Hashable]) -> Evaluation:
    """Both figures, rounded as they are shown."""
    taken = Counter(zip(truth, said, strict=True))
    return Evaluation(len(truth), round(macro_f1(truth, said), 4), round(accuracy(truth, said), 4), taken=taken)
