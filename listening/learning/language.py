"""Which language a short post is written in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain

from listening.learning.cleaning import words_only
from listening.learning.letters import letters
from listening.learning.lexicon import lines

LONGEST = 400
# How probable a language is before a letter is read; short texts need it, long ones speak for themselves.
_EVERYWHERE = frozenset(("en", "es", "pt", "fr", "de", "it"))
_FREQUENT = frozenset(("nl", "pl", "tr", "id", "ms", "sv", "ru", "uk", "ar", "fa", "hi"))
FREQUENT, RARE, SPEAKS_FOR_ITSELF = 0.8, 0.5, 60

# Scripts that one language writes, and what is asked where several do.
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("ko", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"), ("ja", "\u3040-\u30ff\u31f0-\u31ff"),
    ("zh", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"), ("th", "\u0e01-\u0e7f"), ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("he", "\u0590-\u05ff"), ("hy", "\u0531-\u058f"), ("ka", "\u10a0-\u10ff"), ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"), ("kn", "\u0c80-\u0cff"), ("ml", "\u0d00-\u0d7f"), ("gu", "\u0a80-\u0aff"),
    ("pa", "\u0a00-\u0a7f"), ("bn", "\u0980-\u09ff"), ("or", "\u0b00-\u0b7f"), ("si", "\u0d80-\u0dff"),
    ("km", "\u1780-\u17ff"), ("lo", "\u0e80-\u0eff"), ("my", "\u1000-\u109f"), ("am", "\u1200-\u137f"),
    ("bo", "\u0f00-\u0fff"), ("arabic", "\u0600-\u06ff\u0750-\u077f"), ("deva", "\u0900-\u097f"),
    ("cyrillic", "\u0400-\u052f"),
)  # fmt: skip
_NAMES = [name for name, _signs in _SCRIPTS]
_LETTERS_OF = re.compile("|".join(f"([{signs}])" for _name, signs in _SCRIPTS))


class _Scripts(dict[int, str]):
    """Which script each character belongs to, as one sign, by code point; nothing for what all of them share."""

    def __missing__(self, code: int) -> str:
        found = _LETTERS_OF.fullmatch(chr(code))
        sign = self[code] = chr(found.lastindex or 0) if found else ""
        return sign


_SIGNS = _Scripts()
_BEYOND_LATIN = re.compile("[\u0370-\u1fff\u3040-\ud7af\uf900-\ufaff]")
_PERSIAN, _URDU = re.compile("[پچژگکی]"), re.compile("[ٹڈڑںے]")
_UKRAINIAN, _SERBIAN = re.compile("[іїєґ]", re.IGNORECASE), re.compile("[ђћџљњ]", re.IGNORECASE)
# Hindi as it is typed with Latin letters; the detector knows it in its own script only.
_SMALL = dict(lines("small"))
_HINDI, _SHARED = frozenset(_SMALL.pop("hi")), frozenset(_SMALL.pop("shared"))
# Small words that the big neighbours do not share settle what letters alone leave open in very short posts.
_BY_SMALL_WORD: dict[str, list[str]] = {}
for _code, _words in _SMALL.items():
    for _word in _words:
        _BY_SMALL_WORD.setdefault(_word, []).append(_code)
SMALL_WORD = 0.5


def detect(text: str) -> str:
    """The ISO 639-1 code of the language that a text is written in, or "" where there are no words to tell it by."""
    return detect_all([text])[0]


def detect_all(texts: Sequence[str]) -> list[str]:
    """The same of many texts in one go."""
    told = [""] * len(texts)
    by_letters: dict[int, str] = {}
    for place, text in enumerate(texts):
        if words := words_only(text)[:LONGEST]:
            told[place] = _by_script(words) or ("hi" if _is_hindi(set(words.lower().split())) else "")
            if not told[place]:
                by_letters[place] = words
    for place, code in zip(by_letters, _by_letters(list(by_letters.values())), strict=True):
        told[place] = code
    return told


def _by_script(words: str) -> str:
    if words.isascii() or not _BEYOND_LATIN.search(words):
        return ""
    letters = sum(map(str.isalpha, words))
    found = words.translate(_SIGNS)
    counts = {name: found.count(chr(number)) for number, name in enumerate(_NAMES, start=1)}
    name = max(counts, key=lambda script: counts[script])
    weight = 3 if name in {"ja", "zh", "ko"} else 1  # one of their signs says as much as several letters
    if counts[name] * weight * 2 < letters:
        return ""
    if name in {"zh", "ja"}:
        return "ja" if counts["ja"] * 8 > counts["zh"] else "zh"
    if name == "arabic":
        return "ur" if _URDU.search(words) else "fa" if len(_PERSIAN.findall(words)) * 25 > letters else "ar"
    if name == "cyrillic":
        return "uk" if _UKRAINIAN.search(words) else "sr" if _SERBIAN.search(words) else ""
    return "" if name == "deva" else name


def _by_letters(texts: Sequence[str]) -> list[str]:
    if not texts:
        return []
    import numpy as np

    codes, before = _weighed()
    said = letters().scores(texts)
    speaks = [bool(row.any()) for row in said]
    scores = np.zeros((len(texts), len(codes)))
    scores[:, : said.shape[1]] = said
    columns = {code: column for column, code in enumerate(codes)}
    for row, words in zip(scores, texts, strict=True):
        tokens = words.lower().split()
        for token in tokens:
            for code in _BY_SMALL_WORD.get(token.strip(".,!?¿¡"), ()):
                row[columns[code]] += SMALL_WORD / len(tokens)
    certainty = np.minimum(1.0, SPEAKS_FOR_ITSELF / np.array([len(words) for words in texts]))
    best = (scores * np.array(before) ** certainty[:, None]).argmax(axis=1).tolist()
    return [
        codes[column] if is_heard else _by_a_sign(words)
        for words, column, is_heard in zip(texts, best, speaks, strict=True)
    ]


@cache
def _weighed() -> tuple[list[str], list[float]]:
    """All languages that letters or small words may speak for, and what each weighs before a letter is read."""
    known = letters().codes
    codes = [*known, *sorted(set(chain.from_iterable(_BY_SMALL_WORD.values())) - set(known))]
    return codes, [_before(code) for code in codes]


def _is_hindi(spoken: set[str]) -> bool:
    hits = len(spoken & _HINDI)
    return hits >= 1 and hits + len(spoken & _SHARED) >= max(2, len(spoken) / 6)


def _before(code: str) -> float:
    return 1.0 if code in _EVERYWHERE else FREQUENT if code in _FREQUENT else RARE


def _by_a_sign(words: str) -> str:
    """What one letter gives away where the detector is silent."""
    lower = words.lower()
    for signs, code in (
        ("ñ¿¡", "es"),
        ("ãõ", "pt"),
        ("ß", "de"),
        ("äöü", "de"),
        ("ç", "pt"),
        ("êœ", "fr"),
        ("ìò", "it"),
    ):
        if any(sign in lower for sign in signs):
            return code
    return "en" if words.isascii() else ""
