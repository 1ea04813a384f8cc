"""The words that a place listens for: written as a list, found as whole words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from listening.networks.bluesky.parse import text_of
from listening.networks.words import _

PREFIX = "words:"
MOST, SHORTEST, LONGEST = 50, 2, 100
# Letters of scripts that put spaces between words; in others a word may stand anywhere.
_SPACED = "0-9A-Za-z\u00c0-\u052f\u0531-\u058f"


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words and phrases, any of which is enough."""

    pattern: re.Pattern[str]

    def are_in(self, record: Mapping[str, Any]) -> bool:
        """Tell whether one of the words is in what a record says."""
        return self.pattern.search(_folded(text_of(record))) is not None


def words_in(place: str) -> list[str]:
    """Return the words that a place names; raises ValueError with what is wrong about them."""
    found = [" ".join(word.strip(" \"“”'").split()) for word in place[len(PREFIX) :].split(",")]
    found = list(dict.fromkeys(word for word in found if word))
    if not found:
        raise ValueError(_("Name at least one word: words: acme, acme phone"))
    if len(found) > MOST:
        raise ValueError(_("At most %(most)s words fit into one place.", most=MOST))
    for word in found:
        if len(word) < SHORTEST or not any(map(str.isalnum, word)):
            raise ValueError(_("“%(word)s” is too short to listen for.", word=word))
        if len(word) > LONGEST:
            raise ValueError(_("A word or phrase has at most %(longest)s characters.", longest=LONGEST))
    return found


@lru_cache(maxsize=256)
def words_of(place: str) -> Words:
    """Return what a place listens for, ready to be looked for."""
    return Words(_pattern(words_in(place)))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(_folded(word)) for word in sorted(words, key=len, reverse=True)))


def _bounded(word: str) -> str:
    before = f"(?<![{_SPACED}])" if re.match(f"[{_SPACED}]", word) else ""
    after = f"(?![{_SPACED}])" if re.search(f"[{_SPACED}]$", word) else ""
    return before + r"\s+".join(map(re.escape, word.split(" "))) + after


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")
