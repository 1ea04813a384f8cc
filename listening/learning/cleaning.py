"""A post without what says nothing about its language or mood: addresses, handles, tags, and their debris."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 2_000
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00]"
)
_ADDRESS = re.compile(
    r"(?:https?://?|www\.)\S*|\bhttps?\b|(?<!\S)\S+@\S+\.\w+|\b[a-z0-9-]+\.(?:com|net|org|io|co|de|fr|es|it)\b(?:/\S*)?",
    re.IGNORECASE,
)
# Nothing is an address without one of these, and most texts have none.
_MAY_BE_ADDRESS = re.compile(r"\.[cdefinoCDEFINO]")
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
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    if _may_hold_an_address(text):
        text = _ADDRESS.sub(" ", text)
    if "RT" in text or "via" in text:
        text = _FORWARDED.sub(" ", text)
    return _HANDLE.sub(" ", text) if "@" in text or "＠" in text else text


def _may_hold_an_address(text: str) -> bool:
    lower = text.lower()
    return "@" in text or "http" in lower or "www." in lower or _MAY_BE_ADDRESS.search(text) is not None


# A batch asks twice of each text: for its language and for its mood.
@lru_cache(maxsize=1_000)
def bare(text: str) -> str:
    """The text, tidied and without debris."""
    return without_debris(tidy(text))


def words_only(text: str) -> str:
    """The words of the sentences; those of tags only where there are no others."""
    said = bare(text)
    if "#" not in said and "＃" not in said:
        return " ".join(_LETTERS.findall(said))
    words = _LETTERS.findall(_TAG.sub(" ", said))
    if not words:
        words = [part for tag in _TAG.findall(said) for part in _LETTERS.findall(_HUMP.sub(" ", tag))]
    return " ".join(words)
