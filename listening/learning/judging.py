"""Language and mood of texts in one go, with what is shipped or with what an organization taught."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listening.learning.language import detect_all
from listening.learning.prior import mood

if TYPE_CHECKING:
    from listening.learning.sentiment import SentimentModel

# Named beside each judgement that is stored; changes whenever the shipped words or rules do.
SHIPPED = "shipped-1"
NAMES = {-1: "negative", 0: "neutral", 1: "positive"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the machine makes of one text; `by` names the version that judged its sentiment."""

    language: str
    sentiment: int
    score: float
    by: str = SHIPPED

    @property
    def name(self) -> str:
        """The sentiment in a word."""
        return NAMES[self.sentiment]


def judge(
    texts: Sequence[str],
    *,
    languages: Iterable[str] | None = None,
    taught: Mapping[str, SentimentModel] | None = None,
) -> list[Judged]:
    """Judge texts; `languages` are those already known ("" where not), `taught` the models to ask by language.

    The model under "" is asked about every language that has none of its own.
    """
    known = list(languages) if languages is not None else [""] * len(texts)
    told = _languages(texts, known)
    judged: list[Judged | None] = [None] * len(texts)
    for model, places in _by_model(told, taught or {}):
        found = model.judge([texts[place] for place in places], [told[place] for place in places])
        for place, (value, score) in zip(places, found, strict=True):
            judged[place] = Judged(told[place], value, score, model.version)
    return [done or _by_words(text, language) for text, language, done in zip(texts, told, judged, strict=True)]


def _languages(texts: Sequence[str], known: list[str]) -> list[str]:
    """The language of each text: the known one, else what its words say."""
    asked = [place for place, language in enumerate(known) if not language]
    told = known.copy()
    for place, language in zip(asked, detect_all([texts[place] for place in asked]), strict=True):
        told[place] = language
    return told


def _by_words(text: str, language: str) -> Judged:
    found = mood(text, language)
    return Judged(language, found.value, round(found.score, 4))


def _by_model(languages: list[str], taught: Mapping[str, SentimentModel]) -> list[tuple[SentimentModel, list[int]]]:
    places: dict[str, list[int]] = {}
    for place, language in enumerate(languages):
        key = language if language in taught else ""
        if key in taught:
            places.setdefault(key, []).append(place)
    return [(taught[key], found) for key, found in places.items()]
