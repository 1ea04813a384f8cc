"""Words and signs with the mood they carry, one list a language; what is known before anybody corrected anything."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

WORDS = Path(__file__).parent / "words"
LANGUAGES = tuple(sorted(path.stem for path in WORDS.glob("??.txt")))
SHORTEST_STEM, LONGEST_WORD = 2, 40
_ROLES = ("negation", "booster", "dampener", "turn")
_LONG_DRAWN = re.compile(r"(.)\1{2,}")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": ""})
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# What Arabic writes together with the word that follows.
_ARABIC_PREFIX = re.compile("^(?:وال|بال|فال|كال|لل|ال|و|ب|ف|ل)(?=.{3})")


@dataclass(frozen=True)
class Lexicon:
    """The words of one language: their weights, and those that turn or strengthen others."""

    language: str
    weights: dict[str, float] = field(default_factory=dict)
    stems: dict[str, float] = field(default_factory=dict)
    phrases: frozenset[str] = frozenset()
    negation: frozenset[str] = frozenset()
    booster: frozenset[str] = frozenset()
    dampener: frozenset[str] = frozenset()
    turn: frozenset[str] = frozenset()

    def weight(self, word: str) -> float:
        """What a folded word weighs: itself, else its longest stem, else its form bare or not drawn out."""
        forms = [word[:LONGEST_WORD]]
        if self.language == "ar":
            forms.append(_ARABIC_PREFIX.sub("", forms[0]))
        if _LONG_DRAWN.search(forms[0]):
            forms += [_LONG_DRAWN.sub(r"\1\1", forms[0]), _LONG_DRAWN.sub(r"\1", forms[0])]
        return next((weight for weight in map(self._of_form, forms) if weight is not None), 0.0)

    def _of_form(self, word: str) -> float | None:
        if word in self.weights:
            return self.weights[word]
        ends = range(len(word), SHORTEST_STEM - 1, -1)
        return next((self.stems[word[:end]] for end in ends if word[:end] in self.stems), None)


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language; an empty one where there is none."""
    if language not in LANGUAGES:
        return Lexicon(language)
    weights: dict[str, float] = _shipped_english() if language == "en" else {}
    stems: dict[str, float] = {}
    roles: dict[str, frozenset[str]] = {}
    for head, words in lines(language):
        folded = [fold(word, language) for word in words]
        if head in _ROLES:
            roles[head] = frozenset(folded)
            continue
        for word in folded:
            (stems if word.endswith("*") else weights)[word.rstrip("*")] = float(head)
    phrases = frozenset(word for word in weights if "_" in word)
    return Lexicon(language, weights, stems, phrases, **roles)


@cache
def signs() -> dict[str, float]:
    """The weights of emoji and of faces made of signs."""
    return {sign: float(head) for head, words in lines("signs") for sign in words}


@lru_cache(maxsize=50_000)
def fold(word: str, language: str) -> str:
    """A word as the lists have it: small letters, without accents."""
    word = word.lower().replace("’", "'")
    if word.isascii():
        return word
    if language == "ar":
        word = word.translate(_ARABIC)
    elif language == "de":
        word = word.translate(_GERMAN)
    if language == "hi" and not word[0].isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def lines(name: str) -> list[tuple[str, list[str]]]:
    """The lines of a list: what stands before the colon, and the words behind it."""
    read = (WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split(": ", 1) for line in read if line and not line.startswith("#")]
    return [(head, rest.split()) for head, rest in parts]


def _shipped_english() -> dict[str, float]:
    """The words of the VADER lexicon, read from its package; its signs are weighed by our own list."""
    weights = {}
    text = resources.files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, weight, *_rest = line.split("\t")
        if word.isascii() and word[:1].isalpha():
            weights[word.lower()] = float(weight)
    return weights
