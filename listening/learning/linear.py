"""A linear model over the features of texts: taught with scikit-learn, asked with numpy, kept as plain bytes."""

from __future__ import annotations

import json
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from listening.learning.evaluation import Evaluation, fold_of
from listening.learning.features import MARK, MOOD, MOOD_NAMES, PIECE, WORD, Example, Recipe, mood_features, spell

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

FORMAT = b"touchline model 1\n"
LARGEST = 64 * 1024 * 1024
_GROUPS = (WORD, PIECE, MARK, MOOD)


class UnreadableModel(ValueError):
    """Bytes that are no model of this version; the reason is the message."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A word or mark, and how much it spoke for (or, below zero, against) the answer."""

    word: str
    weight: float


@dataclass(frozen=True)
class LinearModel:
    """Weights of features for labels; with several members, each never saw one fold of the texts."""

    kind: str
    labels: tuple[str, ...]
    recipe: Recipe
    features: dict[str, int]
    rarity: Array  # how much a feature counts (idf), by feature
    members: Array  # member, label (one row where there are two labels), feature
    constants: Array  # member, label
    sharpness: float
    taught_with: int
    evaluation: Evaluation | None = None

    @property
    def version(self) -> str:
        """A name for exactly these weights."""
        return f"{self.kind}-{self._checksum:08x}"

    @cached_property
    def _checksum(self) -> int:
        return zlib.crc32(self.members.tobytes() + self.constants.tobytes())

    @cached_property
    def _mean(self) -> tuple[Array, Array]:
        import numpy as np

        weights = self.members.astype(np.float32).mean(axis=0)
        return np.ascontiguousarray(weights.T), self.constants.astype(np.float32).mean(axis=0)

    def probabilities(self, examples: Sequence[Example]) -> Array:
        """How probable each label is, a row for each example."""
        import numpy as np

        weights, constants = self._mean
        scores = np.empty((len(examples), len(constants)), np.float32)
        for row, example in enumerate(examples):
            places, values = self.vector(example)
            scores[row] = values @ weights[places] + constants
        return self._probable(scores)

    def held_back(self, examples: Sequence[Example]) -> Array:
        """The same, each example judged by the member that has not seen its text."""
        import numpy as np

        weights, constants = self.members.astype(np.float32), self.constants.astype(np.float32)
        scores = np.empty((len(examples), constants.shape[1]), np.float32)
        for row, example in enumerate(examples):
            places, values = self.vector(example)
            member = fold_of(example.text, len(constants))
            scores[row] = weights[member][:, places] @ values + constants[member]
        return self._probable(scores)

    def reasons(self, example: Example, label: str, *, most: int = 6) -> list[Reason]:
        """The words and marks that spoke most for a label, or against it."""
        weights, _constants = self._mean
        column = 0 if weights.shape[1] == 1 else self.labels.index(label)
        sign = -1.0 if weights.shape[1] == 1 and label == self.labels[0] else 1.0
        places, values = self.vector(example)
        by_place = dict(zip(places.tolist(), (values * weights[places, column]).tolist(), strict=True))
        counts = Counter(feature for feature, _word in spell(example, self.recipe))
        spoke: Counter[str] = Counter()
        for feature, word in spell(example, self.recipe):
            place = self.features.get(feature)
            if place is not None:
                spoke[word] += by_place.get(place, 0.0) * sign / counts[feature]
        strongest = sorted(spoke.items(), key=lambda item: (-abs(item[1]), item[0]))[:most]
        return [Reason(word, round(weight, 4)) for word, weight in strongest if weight]

    def vector(self, example: Example) -> tuple[Array, Array]:
        """The places of an example's features and their values."""
        import numpy as np

        counts = Counter(feature for feature, _word in spell(example, self.recipe) if feature in self.features)
        places = np.fromiter((self.features[feature] for feature in counts), np.int64, len(counts))
        values = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(values)) * self.rarity[places]
        groups = np.fromiter((_GROUPS.index(feature[0]) for feature in counts), np.int64, len(counts))
        for group, strength in enumerate((self.recipe.words, self.recipe.letters, self.recipe.marks)):
            inside = groups == group
            length = float(np.sqrt((values[inside] ** 2).sum()))
            if length:
                values[inside] *= strength / length
        if self.recipe.with_mood:
            moods = np.array(mood_features(example), np.float32) * self.recipe.with_mood
            places = np.concatenate([places, [self.features[f"{MOOD}{name}"] for name in MOOD_NAMES]])
            values = np.concatenate([values, moods])
        return places, values

    def _probable(self, scores: Array) -> Array:
        import numpy as np

        scores = scores * self.sharpness
        if scores.shape[1] == 1:
            second = 1 / (1 + np.exp(-np.clip(scores[:, 0], -50, 50)))
            return np.stack([1 - second, second], axis=1)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Array = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def to_bytes(self) -> bytes:
        """The model as bytes that hold numbers and words only."""
        header = {
            "kind": self.kind,
            "labels": self.labels,
            "recipe": asdict(self.recipe),
            "features": list(self.features),
            "members": len(self.constants),
            "sharpness": self.sharpness,
            "taught_with": self.taught_with,
            "evaluation": self.evaluation.as_dict() if self.evaluation else None,
        }
        head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        arrays = (self.rarity.astype("<f4"), self.members.astype("<f2"), self.constants.astype("<f4"))
        body = struct.pack("<I", len(head)) + head + b"".join(array.tobytes() for array in arrays)
        return FORMAT + struct.pack("<I", zlib.crc32(body)) + zlib.compress(body, 6)

    @classmethod
    def from_bytes(cls, data: bytes, *, kind: str) -> LinearModel:
        """The model that `to_bytes` wrote; raises UnreadableModel on anything else."""
        try:
            model = cls._read(_body(data))
        except (KeyError, TypeError, ValueError, struct.error) as problem:
            if isinstance(problem, UnreadableModel):
                raise
            raise UnreadableModel("The model's bytes are damaged; teach it anew.") from problem
        if model.kind != kind:
            raise UnreadableModel(f"This is a model of {model.kind}, not of {kind}.")
        return model

    @classmethod
    def _read(cls, body: bytes) -> LinearModel:
        import numpy as np

        (size,) = struct.unpack_from("<I", body)
        head = json.loads(body[4 : 4 + size])
        features = {feature: place for place, feature in enumerate(head["features"])}
        rows = len(head["labels"]) if len(head["labels"]) > 2 else 1
        shape, at = (head["members"], rows, len(features)), 4 + size
        rarity = np.frombuffer(body, "<f4", len(features), at)
        members = np.frombuffer(body, "<f2", int(np.prod(shape)), at + rarity.nbytes).reshape(shape)
        constants = np.frombuffer(body, "<f4", shape[0] * rows, at + rarity.nbytes + members.nbytes)
        recipe = Recipe(**{**head["recipe"], "pieces": tuple(head["recipe"]["pieces"])})
        evaluation = Evaluation(**head["evaluation"]) if head["evaluation"] else None
        return cls(
            kind=head["kind"],
            labels=tuple(head["labels"]),
            recipe=recipe,
            features=features,
            rarity=rarity,
            members=members,
            constants=constants.reshape(shape[0], rows),
            sharpness=float(head["sharpness"]),
            taught_with=int(head["taught_with"]),
            evaluation=evaluation,
        )


@dataclass(frozen=True)
class Taught:
    """What people taught: a linear model of one kind, with how well it does and how it is kept."""

    linear: LinearModel
    kind: ClassVar[str]

    @property
    def version(self) -> str:
        """Stored beside each judgement."""
        return self.linear.version

    @property
    def evaluation(self) -> Evaluation | None:
        """How well it did on what was held back when it was taught."""
        return self.linear.evaluation

    @property
    def taught_with(self) -> int:
        """How many examples it learned from."""
        return self.linear.taught_with

    def to_bytes(self) -> bytes:
        """The model, to be kept."""
        return self.linear.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The model that was kept; raises UnreadableModel."""
        return cls(LinearModel.from_bytes(data, kind=cls.kind))


def _body(data: bytes) -> bytes:
    if not data.startswith(FORMAT):
        raise UnreadableModel("These are not the bytes of a model of this version; teach it anew.")
    unpacker = zlib.decompressobj()
    try:
        (checksum,) = struct.unpack_from("<I", data, len(FORMAT))
        body = unpacker.decompress(data[len(FORMAT) + 4 :], LARGEST)
    except (zlib.error, struct.error) as problem:
        raise UnreadableModel("The model's bytes are damaged; teach it anew.") from problem
    if not unpacker.eof or zlib.crc32(body) != checksum:
        raise UnreadableModel("The model's bytes are damaged; teach it anew.")
    return body


def label_of(probabilities: Array, labels: Sequence[str]) -> list[str]:
    """The most probable label of each row."""
    return [labels[place] for place in probabilities.argmax(axis=1).tolist()]
