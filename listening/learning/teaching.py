"""How a linear model is taught: features chosen, regularisation tried on held-back folds, members fitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from listening.learning.evaluation import FOLDS, evaluate, fold_of, macro_f1
from listening.learning.features import MOOD, MOOD_NAMES, WORD, Example, Recipe, spell
from listening.learning.linear import LinearModel, label_of

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

MOST_FEATURES = 40_000


class NotEnough(ValueError):
    """Too few rows to learn from; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """How one kind of model is taught."""

    kind: str
    recipe: Recipe
    strengths: tuple[float, ...]
    least_rows: int = 20
    least_each: int = 3
    by_margin: bool = False  # a support vector machine instead of logistic regression: for many labels
    even: bool = True  # each label counts the same, however rare it is
    several: bool = True  # keep a member for each fold, else one that saw everything


def teach(lesson: Lesson, examples: Sequence[Example]) -> LinearModel:
    """Teach a model, and evaluate it on what was held back; the same rows give the same model, in any order."""
    rows = sorted(set(examples), key=lambda row: (row.text, row.label, row.language, row.marks))
    counted = Counter(row.label for row in rows)
    labels = tuple(sorted(label for label, count in counted.items() if count >= lesson.least_each))
    rows = [row for row in rows if row.label in labels]
    if len(labels) < 2 or len(rows) < lesson.least_rows:
        raise NotEnough(
            f"Needs {lesson.least_rows} rows and two labels with {lesson.least_each} rows each; there are "
            f"{sum(counted.values())} rows and {len(labels)} such labels."
        )
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small sums: threads would wait for each other, and for other workers
        return _Class(lesson, rows, labels).taught()


class _Class:
    """The rows of one lesson as numbers."""

    def __init__(self, lesson: Lesson, rows: list[Example], labels: tuple[str, ...]) -> None:
        import numpy as np

        self.lesson, self.rows, self.labels = lesson, rows, labels
        self.truth = np.array([labels.index(row.label) for row in rows])
        self.folds = np.array([fold_of(row.text) for row in rows])
        self.empty = self._empty()
        self.matrix = self._matrix()

    def taught(self) -> LinearModel:
        import numpy as np

        fits, best, best_quality = [], 0.0, -1.0
        for strength in self.lesson.strengths:
            tried = self._fits(strength)
            quality = self._quality(tried)
            if quality > best_quality + 0.002:  # the stronger regularisation wins a tie
                fits, best, best_quality = tried, strength, quality
        scores = self._held_back_scores(fits)
        kept = fits if self.lesson.several else [self._fit(np.ones(len(self.rows), bool), best)]
        model = replace(
            self.empty,
            members=np.stack([weights for weights, _constants in kept]).astype(np.float16),
            constants=np.stack([constants for _weights, constants in kept]).astype(np.float32),
            sharpness=self._sharpness(scores),
        )
        said = label_of(model._probable(scores), self.labels)
        return replace(model, evaluation=evaluate([row.label for row in self.rows], said))

    def _empty(self) -> LinearModel:
        """The model with its features and their rarity, without weights."""
        import numpy as np

        found: Counter[str] = Counter()
        for row in self.rows:
            found.update({feature for feature, _word in spell(row, self.lesson.recipe)})
        least = 2 if len(self.rows) >= 100 else 1
        kept = [
            feature for feature, count in found.items() if count >= least or (feature[0] == WORD and " " not in feature)
        ]
        kept = sorted(sorted(kept), key=lambda feature: -found[feature])[:MOST_FEATURES]
        rarity = [float(np.log((1 + len(self.rows)) / (1 + found[feature])) + 1) for feature in kept]
        moods = [f"{MOOD}{name}" for name in MOOD_NAMES] if self.lesson.recipe.with_mood else []
        features = {feature: place for place, feature in enumerate(kept + moods)}
        return LinearModel(
            kind=self.lesson.kind,
            labels=self.labels,
            recipe=self.lesson.recipe,
            features=features,
            rarity=np.array(rarity + [1.0] * len(moods), np.float32),
            members=np.zeros((1, 1, 0), np.float16),
            constants=np.zeros((1, 1), np.float32),
            sharpness=1.0,
            taught_with=len(self.rows),
        )

    def _matrix(self) -> Any:
        import numpy as np
        from scipy.sparse import csr_matrix

        vectors = [self.empty.vector(row) for row in self.rows]
        ends = np.cumsum([0, *(len(places) for places, _values in vectors)])
        return csr_matrix(
            (np.concatenate([v for _p, v in vectors]), np.concatenate([p for p, _v in vectors]), ends),
            shape=(len(self.rows), len(self.empty.features)),
        )

    def _fits(self, strength: float) -> list[tuple[Array, Array]]:
        return [self._fit(self.folds != fold, strength) for fold in range(FOLDS)]

    def _fit(self, chosen: Array, strength: float) -> tuple[Array, Array]:
        """Weights and constants, a row for each label (one row where there are two)."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC

        balance = "balanced" if self.lesson.even else None
        if self.lesson.by_margin:
            learner: Any = LinearSVC(C=strength, class_weight=balance, random_state=0)
        else:
            learner = LogisticRegression(C=strength, class_weight=balance, max_iter=300, tol=1e-3)
        truth = self.truth[chosen]
        seen = np.unique(truth)
        rows = len(self.labels) if len(self.labels) > 2 else 1
        weights, constants = np.zeros((rows, self.matrix.shape[1]), np.float32), np.full(rows, -5.0, np.float32)
        if len(seen) < 2:
            return weights, np.zeros(rows, np.float32)
        learner.fit(self.matrix[chosen], truth)
        if len(seen) == 2 and rows > 2:
            weights[seen[1]], weights[seen[0]] = learner.coef_[0] / 2, -learner.coef_[0] / 2
            constants[seen[1]], constants[seen[0]] = learner.intercept_[0] / 2, -learner.intercept_[0] / 2
        else:
            weights[seen if rows > 1 else [0]], constants[seen if rows > 1 else [0]] = learner.coef_, learner.intercept_
        return weights, constants

    def _held_back_scores(self, fits: list[tuple[Array, Array]]) -> Array:
        import numpy as np

        scores = np.zeros((len(self.rows), fits[0][0].shape[0]), np.float32)
        for fold, (weights, constants) in enumerate(fits):
            inside = self.folds == fold
            if inside.any():
                scores[inside] = self.matrix[inside] @ weights.T + constants
        return scores

    def _quality(self, fits: list[tuple[Array, Array]]) -> float:
        said = label_of(self.empty._probable(self._held_back_scores(fits)), self.labels)
        return macro_f1([row.label for row in self.rows], said)

    def _sharpness(self, scores: Array) -> float:
        """How far margins are stretched, so that what is called 80 % sure is right four times in five."""
        import numpy as np

        def surprise(sharpness: float) -> float:
            shares = replace(self.empty, sharpness=sharpness)._probable(scores)
            return float(-np.log(np.maximum(shares[np.arange(len(shares)), self.truth], 1e-9)).mean())

        return min((float(step) for step in np.geomspace(0.25, 16, 25)), key=surprise)
