"""A post without what says nothing about its language or mood: addresses, handles, tags, and their debris."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2_000
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00]"
)
_ADDRESS = re.compile(
    r"(?:https?://?|www\.)\S*|\bhttps?\b|\S+@\S+\.\w+|\b[a-z0-9-]+\.(?:com|net|org|io|co|de|fr|es|it)\b(?:/\S*)?",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"[@＠][\w.-]+")
_TAG = re.compile(r"[#＃](\w+)")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d+);")
_FORWARDED = re.compile(r"\bRT\b|\bvia\b(?=\s*@)")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*[.,!?¿¡]?")
_HUMP = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|_|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


def tidy(text: str) -> str:
    """The text with invisible signs out and compatibility forms resolved; very long texts are cut."""
    text = text[: LONGEST * 2]
    return text if text.isascii() else unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))[:LONGEST]


def without_debris(text: str) -> str:
    """The text without addresses, handles and forwarding marks; tags stay."""
    text = _ENTITY.sub(" ", text)
    if ":" in text or "." in text or "http" in text:
        text = _ADDRESS.sub(" ", text)
    return _HANDLE.sub(" ", _FORWARDED.sub(" ", text))


def words_only(text: str) -> str:
    """The words of the sentences; those of tags only where there are no others."""
    bare = without_debris(tidy(text))
    words = _LETTERS.findall(_TAG.sub(" ", bare))
    if not words:
        words = [part for tag in _TAG.findall(bare) for part in _LETTERS.findall(_HUMP.sub(" ", tag))]
    return " ".join(words)
