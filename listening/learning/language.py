"""Which language a short post is written in."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from listening.learning.cleaning import words_only
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
_SCRIPT = {name: re.compile(f"[{signs}]") for name, signs in _SCRIPTS}
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
    words = words_only(text)[:LONGEST]
    if not words:
        return ""
    return _by_script(words) or _by_letters(words)


def _by_script(words: str) -> str:
    if words.isascii() or not _BEYOND_LATIN.search(words):
        return ""
    letters = sum(map(str.isalpha, words))
    counts = {name: len(script.findall(words)) for name, script in _SCRIPT.items()}
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


def _by_letters(words: str) -> str:
    tokens = words.lower().split()
    spoken = set(tokens)
    if _is_hindi(spoken):
        return "hi"
    scores = _detector().detect(words).scores()
    if not scores:
        return _by_a_sign(words)
    for token in tokens:
        for code in _BY_SMALL_WORD.get(token.strip(".,!?¿¡"), ()):
            scores[code] = scores.get(code, 0.0) + SMALL_WORD / len(tokens)
    certainty = min(1.0, SPEAKS_FOR_ITSELF / len(words))
    return str(max(scores, key=lambda code: scores[code] * _before(code) ** certainty))


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


@cache
def _detector() -> Any:
    from eld import LanguageDetector

    return LanguageDetector()
