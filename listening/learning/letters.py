"""Which languages the letters of texts speak for: the data and the reckoning of eld, for many texts in one go.

eld looks at pieces of four letters and adds up, language by language, how near each piece is to its usual frequency
there. The same sums are taken here from arrays, which takes a fraction of the time and of the memory.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 256
REMEMBERED_WORDS = 100_000
LONGEST_TEXT, LONGEST_CUT, LONGEST_WORD = 350, 380, 70
PIECE, STEP = 4, 3
SCALE, DIVISOR = 13_200, 3.2
ONLY_ONE, FEW = 27.0, 16
# Above every number that a piece can have.
_TEXT = 1 << 26
_BORDERS = str.maketrans(dict.fromkeys(".,!?¿¡’-", " "))


class _Pieces(dict[bytes, tuple[int, ...]]):
    """The numbers of a word's pieces, for words met before; pieces that nobody knows have numbers above the others."""

    def __init__(self, known: dict[bytes, int]) -> None:
        super().__init__()
        self.known, self.unknown = known, dict[bytes, int]()

    def __missing__(self, word: bytes) -> tuple[int, ...]:
        if len(self) >= REMEMBERED_WORDS:
            self.clear()
            self.unknown.clear()
        numbers = self[word] = tuple(map(self._number, _cut(word)))
        return numbers

    def _number(self, piece: bytes) -> int:
        number = self.known.get(piece)
        return self.unknown.setdefault(piece, len(self.known) + len(self.unknown)) if number is None else number


def _cut(word: bytes) -> list[bytes]:
    """The pieces of a word: four letters each, with a space where it begins and ends."""
    length = min(len(word), LONGEST_WORD)
    pieces = [word[place : place + PIECE] for place in range(0, length - PIECE, STEP)]
    pieces.append(word[max(length - PIECE, 0) :] + b" ")
    pieces[0] = b" " + pieces[0]
    return pieces


class Letters:
    """What is known of all pieces: how frequent each is in which languages, one piece behind the other."""

    def __init__(self, by_piece: dict[bytes, dict[int, float]], languages: dict[int, str]) -> None:
        import numpy as np

        self.codes = [languages.get(number, "") for number in range(max(languages) + 1)]
        self._pieces = _Pieces({piece: number for number, piece in enumerate(by_piece)})
        self._known = len(by_piece)
        counts = np.fromiter(map(len, by_piece.values()), np.int64, len(by_piece))
        total = int(counts.sum())
        self._counts, self._first = counts, counts.cumsum() - counts
        self._language = np.fromiter(chain.from_iterable(by_piece.values()), np.int64, total)
        frequencies = chain.from_iterable(found.values() for found in by_piece.values())
        self._frequency = np.fromiter(frequencies, np.float64, total)
        # The fewer languages have a piece, the more it says.
        self._weight = np.where(counts == 1, ONLY_ONE, np.where(counts < FEW, (FEW - counts) / 2 + 1, 1.0))

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """A row for each text, a column for each of `codes`: how much its letters speak for it, 0 where not at all."""
        import numpy as np

        parts = [self._some(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.codes)))

    def _some(self, texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        found = [list(chain.from_iterable(map(self._pieces.__getitem__, _words(text)))) for text in texts]
        sizes = np.fromiter(map(len, found), np.int64, len(found))
        numbers = np.fromiter(chain.from_iterable(found), np.int64, int(sizes.sum()))
        keys, times = np.unique(np.repeat(np.arange(len(texts)), sizes) * _TEXT + numbers, return_counts=True)
        text, piece = np.divmod(keys, _TEXT)
        different = np.bincount(text, minlength=len(texts))
        share = times / sizes[text] * SCALE
        is_known = piece < self._known
        text, piece, share = text[is_known], piece[is_known], share[is_known]
        counts = self._counts[piece]
        # Where each piece's languages stand, one after the other.
        places = np.arange(int(counts.sum())) + np.repeat(self._first[piece] - (counts.cumsum() - counts), counts)
        usual, here = self._frequency[places], np.repeat(share, counts)
        near = np.minimum(here / usual, usual / here) * np.repeat(self._weight[piece], counts) + 2
        columns = len(self.codes)
        cells = np.repeat(text * columns, counts) + self._language[places]
        sums = np.bincount(cells, weights=near, minlength=len(texts) * columns).reshape(len(texts), columns)
        return sums / (np.maximum(different, 1) * DIVISOR)[:, None]


def _words(text: str) -> list[bytes]:
    said = text.translate(_BORDERS).strip().lower().encode()
    if len(said) > LONGEST_TEXT:
        said = said[: min(LONGEST_CUT, said.find(b" ", LONGEST_TEXT))]
    return said.split()


@cache
def letters() -> Letters:
    """The shipped data, read once; eld's own form of it is let go."""
    spec = importlib.util.find_spec("eld.resources.ngrams.ngramsM60")
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Letters(module.ngrams_data["ngrams"], module.ngrams_data["languages"])
