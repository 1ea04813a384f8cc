"""What letters speak for, beside eld itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from eld import LanguageDetector

from listening.learning.cleaning import words_only
from listening.learning.letters import letters

LINES = (Path(__file__).parent / "words" / "languages.txt").read_text(encoding="utf-8").splitlines()
TEXTS = [words_only(line.partition(": ")[2]) for line in LINES]


def test_a_batch_gets_the_sums_that_eld_gives_to_each() -> None:
    alone, known = LanguageDetector(), letters()
    for text, row in zip(TEXTS, known.scores(TEXTS), strict=True):
        told = {code: score for code, score in zip(known.codes, row.tolist(), strict=True) if score}
        assert told == pytest.approx(alone.detect(text).scores())


@pytest.mark.parametrize(
    "text", ["a", "no", "yes", "it's", "x" * 90, " ".join(TEXTS[:20]), "y" * 400, "¿qué?", "qqqq zzxq"]
)
def test_short_long_and_strange_words_are_cut_alike(text: str) -> None:
    (row,) = letters().scores([text])
    told = {code: score for code, score in zip(letters().codes, row.tolist(), strict=True) if score}
    assert told == pytest.approx(LanguageDetector().detect(text).scores())


def test_no_text_gives_no_row() -> None:
    assert letters().scores([]).shape == (0, len(letters().codes))
