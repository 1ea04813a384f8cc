"""The language of short posts."""

from __future__ import annotations

from pathlib import Path

import pytest

from listening.learning import detect

SENTENCES = (Path(__file__).parent / "words" / "languages.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_is_told(line: str) -> None:
    language, text = line.split(": ", 1)
    assert detect(text) == language


@pytest.mark.parametrize(
    "text", ["que partida fantástica ontem", "@amigo não acredito que perdi isso #novela https://example.com/x"]
)
def test_debris_does_not_change_the_language(text: str) -> None:
    assert detect(text) == "pt"


@pytest.mark.parametrize(
    "text", ["", "   ", "😀😀😀", "@anna @ben", "https://example.com/the/long/way", "12345", "\u200b\u200d"]
)
def test_nothing_is_told_where_there_are_no_words(text: str) -> None:
    assert detect(text) == ""


def test_tags_are_read_where_there_is_nothing_else() -> None:
    assert detect("#GoodMorningEveryone #HaveANiceDay") == "en"


def test_the_script_of_most_letters_decides_in_a_mixed_text() -> None:
    assert detect("قطار الساحل تأخر مرة أخرى wow") == "ar"
    assert detect("We say שלום to all of our guests in the morning") == "en"
