"""How alike two posts are, and the keys under which alike ones find each other; pure, in every script.

A post is reduced to what it says: without reposting marks, addresses, signatures, case and punctuation. Its shingles
are all runs of a few neighbouring words (of some more characters in scripts without spaces). Keys come from the
smallest of its shingles under fixed orders (MinHash, in bands), from its beginning, from all its words and from its
address. A common key only makes two posts candidates; `likeness` compares them word by word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise

from listening.matching.folding import SYMBOLS, fold
from listening.matching.folding import is_unspaced as is_character_unspaced

# Who says less says nothing of one's own: distinct words; a character of a script without spaces counts half.
LEAST_WORDS = 8
# Shared shingles of all shingles, from which two posts are one story. Among short ones and among those whose figures
# differ, one word more or less is often another matter ("refund" for "transfer"), so nearly all must agree.
ALIKE, ALIKE_STRICTLY = 0.6, 0.85
SHORT = 14  # shingles
# A beginning is the same piece cut off if nearly all of it is found at the beginning of the longer.
CUT_OFF = 0.9
LEAST_CUT = 15  # words, where nothing says that it was cut
BEGINNING = 8  # words
ADDED = 4  # words before or after the same words: a comment of one breath, a paper's name, tags
BANDS, ROWS = 12, 3
SAMPLE = 64
_RUN, _RUN_UNSPACED = 2, 4
_LAST_SPACED = "\u0e00"  # no script before Thai is written without spaces

_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b(?:t\.co|bit\.ly|buff\.ly|ow\.ly|dlvr\.it)/\S+", re.IGNORECASE)
_HANDLES_FIRST = re.compile(r"^(?:\s*[.>]?@[\w.-]+(?:@[\w.-]+)?[,:]?\s+)+")
_REPOST = re.compile(
    r"^\W*(?:rt|mt|fwd?|re(?:post(?:ed)?|blog(?:ged)?|shared|tweet(?:ed)?)?)\b\s*(?:from|by|via|of)?\s*[:@]\s*"
    r"(?:@?[\w.-]+(?:@[\w.-]+)?\s*:)?",
    re.IGNORECASE,
)
_NAMED_REPOST = re.compile(
    r"^\W*(?:rt|mt|repost(?:ed)?|reblog(?:ged)?)\s+(?:(?:from|by|via)\s+)?@[\w.-]+:?", re.IGNORECASE
)
_CREDIT = re.compile(
    r"\s*[\[(|–—-]*\s*\b(?:via|h/t|hat tip(?: to)?|ht)\b:?\s+@?[\w.' -]{1,40}[\])]?\s*$", re.IGNORECASE
)
_CREDIT_HANDLE = re.compile(r"\b(?:via|h/t|ht)\s+@[\w.-]+", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"^(?:--\s*$.*|sent from my .*|the post .* (?:first )?appeared first on .*|(?:continue reading|read more|read the"
    r" (?:full|whole|rest).*|weiterlesen|lire la suite|leer más)\b.{0,60})",
    re.IGNORECASE | re.MULTILINE,
)
_DOTS = re.compile(r"(?:…|\.\.\.)[\])]?\s*$")
_AFTER_DASHES = re.compile(r"^--\s*$.*\Z", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Telling:
    """What a post says, ready to be compared."""

    words: tuple[str, ...]
    # Whether it ends with dots, so that its end is somewhere else.
    is_cut: bool = False

    @cached_property
    def shingles(self) -> frozenset[str]:
        """All runs of neighbouring words."""
        words = self.words
        unspaced = sum(map(_is_unspaced, words))
        run = _RUN_UNSPACED if 2 * unspaced > len(words) else _RUN
        if len(words) <= run:
            return frozenset([" ".join(words)]) if words else frozenset()
        return frozenset(" ".join(words[start : start + run]) for start in range(len(words) - run + 1))

    @cached_property
    def figures(self) -> frozenset[str]:
        """The words with a digit in them: two results of one match are not the same story."""
        return frozenset(word for word in self.words if not word.isalpha() and any(map(str.isdigit, word)))

    @cached_property
    def says_enough(self) -> bool:
        """Whether it says so much that who says the same has it from there."""
        weight = 0.0
        for word in set(self.words):
            if word[0].isalnum():
                weight += 0.5 if _is_unspaced(word) else 1
        return weight >= LEAST_WORDS


def tell(title: str, text: str) -> Telling:
    """Reduce a post to what it says."""
    title, text = _bare(title), _bare(text)
    said = fold(text).split()
    headed = fold(title).split()
    if said[: len(headed)] != headed:
        said = headed + said
    words = tuple(word for word in said if word not in SYMBOLS)
    # The last word before the dots may be half a word.
    return Telling(words[:-1], is_cut=True) if _DOTS.search(text) else Telling(words)


def _bare(text: str) -> str:
    text = _ADDRESS.sub(" ", text)
    text = _AFTER_DASHES.sub("", text)
    text = _SIGNATURE.sub(" ", text).strip()
    for mark in (_NAMED_REPOST, _REPOST, _HANDLES_FIRST):
        text = mark.sub("", text)
    return _CREDIT.sub("", _CREDIT_HANDLE.sub(" ", text))


def likeness(one: Telling, other: Telling) -> float:
    """From 0 to 1 how alike two posts are where they tell one story, 0 where they do not."""
    if not (one.says_enough and other.says_enough):
        return 0.0
    if one.words == other.words:
        return 1.0
    alike = resemblance(one, other)
    is_short = min(len(one.shingles), len(other.shingles)) < SHORT
    strictly = is_short or one.figures != other.figures
    shorter, longer = sorted((one, other), key=lambda telling: len(telling.words))
    if alike >= (ALIKE_STRICTLY if strictly else ALIKE) or _is_within(shorter, longer) or _is_cut_off(shorter, longer):
        return alike
    return 0.0


def resemblance(one: Telling, other: Telling) -> float:
    """Return the share of all shingles that both have."""
    shared = len(one.shingles & other.shingles)
    return shared / max(len(one.shingles) + len(other.shingles) - shared, 1)


def _is_within(shorter: Telling, longer: Telling) -> bool:
    """Whether the longer says the same words, and a few before or after them."""
    length = len(shorter.words)
    if len(longer.words) - length > ADDED:
        return False
    return shorter.words in (longer.words[:length], longer.words[-length:])


def _is_cut_off(shorter: Telling, longer: Telling) -> bool:
    """Whether the shorter is the beginning of the longer, its last words perhaps cut or replaced."""
    length = len(shorter.words)
    if length < (LEAST_WORDS if shorter.is_cut else LEAST_CUT):
        return False
    begins = Telling(longer.words[: length + 2])
    return len(shorter.shingles & begins.shingles) >= CUT_OFF * len(shorter.shingles)


def keys_of(telling: Telling, *, addresses: tuple[str, ...] = (), apart: str = "") -> list[int]:
    """Return the keys under which a post is found by others of its story; `apart` keeps kinds from meeting."""
    keys = {_number(f"address {address} {apart}") for address in addresses if address}
    if telling.says_enough:
        keys.add(_number(f"words {' '.join(telling.words)} {apart}"))
        keys.add(_number(f"beginning {' '.join(telling.words[:BEGINNING])} {apart}"))
        keys.update(_bands(telling, apart))
    return sorted(keys)


def _bands(telling: Telling, apart: str) -> list[int]:
    # The smallest alone stand for the whole where a text is long: the same ones in both of an alike pair.
    numbers = sorted(_mixed(shingle) for shingle in telling.shingles)[:SAMPLE]
    # The number nearest to a fixed mask is any of them with the same chance: the mask orders them anew.
    least = [min(map(mask.__xor__, numbers)) for mask in _MASKS]
    return [_number(f"band {band} {least[band * ROWS : (band + 1) * ROWS]} {apart}") for band in range(BANDS)]


def _mixed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "ignore"), digest_size=8).digest())


def _is_unspaced(word: str) -> bool:
    return word[0] > _LAST_SPACED and is_character_unspaced(word[0])


def _number(text: str) -> int:
    """A number that PostgreSQL holds as bigint."""
    return _mixed(text) - 2**63


_MASKS = [_mixed(f"order {number}") for number in range(BANDS * ROWS)]
assert all(one != other for one, other in pairwise(sorted(_MASKS)))
