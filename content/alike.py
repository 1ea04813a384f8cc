"""Which ideas say nearly the same: a few keys make them candidates, all their letters decide; in every script.

An idea is too short for the shingles by which stories are folded: three words of one line are not a run of words. So
what is compared are the runs of three letters in its words (of two neighbours in scripts without spaces).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from content.models import Idea
from listening.matching.folding import SYMBOLS, fold, is_unspaced

# The beginnings of its longest words are an idea's keys: “brake”, “brakes” and “braking” meet under one.
STEM, LEAST_LETTERS, MOST_KEYS = 5, 4, 24
# So many of the newest that share a key are compared, and so many are shown.
LOOKED_AT, SHOWN = 300, 5
# From this share of all runs on two ideas are alike; a short one may also stand whole in a long one.
ALIKE, WITHIN, LEAST_WITHIN = 0.42, 0.85, 20


@dataclass(frozen=True)
class Likeness:
    """An idea that says nearly the same, and how nearly, in per cent."""

    idea: Idea
    percent: int


def keys_of(text: str) -> list[int]:
    """Return the keys under which an idea is found by alike ones."""
    spaced, unspaced = _words(text)
    longest = sorted({word for word in spaced if len(word) >= LEAST_LETTERS}, key=lambda word: (-len(word), word))
    stems = dict.fromkeys(word[:STEM] for word in longest)
    pairs = dict.fromkeys(one + other for one, other in pairwise(unspaced))
    return sorted({_number(key) for key in [*stems, *pairs][:MOST_KEYS]})


def runs_of(text: str) -> frozenset[str]:
    """Return the runs of letters by which two texts are compared."""
    spaced, unspaced = _words(text)
    padded = [f"  {word} " for word in spaced]
    runs = {word[at : at + 3] for word in padded for at in range(len(word) - 2)}
    return frozenset(runs | {one + other for one, other in pairwise(unspaced)})


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0 to 1 how alike two texts are, 0 where they are not."""
    shared, fewer = len(one & other), min(len(one), len(other))
    if not shared:
        return 0.0
    of_all = shared / (len(one) + len(other) - shared)
    within = shared / fewer
    if within >= WITHIN and fewer >= LEAST_WITHIN:
        return max(of_all, within * WITHIN)
    return of_all if of_all >= ALIKE else 0.0


def alike(text: str, *, but: Iterable[int] = ()) -> list[Likeness]:
    """The ideas that stand and say nearly the same as a text, the most alike first; one statement."""
    return alike_to_each([text], but=but)[0]


def alike_to_each(texts: list[str], *, but: Iterable[int] = ()) -> list[list[Likeness]]:
    """The same for several texts, in one statement."""
    keys = {key for text in texts for key in keys_of(text)}
    if not keys:
        return [[] for _text in texts]
    rows = list(Idea.objects.standing().sharing(keys).exclude(pk__in=list(but)).with_everything()[:LOOKED_AT])
    compared = [(row, runs_of(row.said)) for row in rows]
    found = []
    for text in texts:
        runs = runs_of(text)
        judged = [(likeness(runs, theirs), row) for row, theirs in compared]
        best = sorted((pair for pair in judged if pair[0]), key=lambda pair: (-pair[0], -pair[1].pk))
        found.append([Likeness(row, round(100 * share)) for share, row in best[:SHOWN]])
    return found


def _words(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and its characters where they are written without spaces."""
    words = [word for word in fold(text).split() if word not in SYMBOLS]
    unspaced = [word for word in words if is_unspaced(word[0])]
    return [word for word in words if not is_unspaced(word[0])], unspaced


def _number(text: str) -> int:
    """A number that PostgreSQL holds as bigint."""
    return int.from_bytes(blake2b(text.encode("utf-8", "ignore"), digest_size=8).digest()) - 2**63
