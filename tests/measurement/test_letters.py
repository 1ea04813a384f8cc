"""Which letters paper has is read from its fonts, and paper is in English where it lacks those of a language."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from django.utils import translation

from measurement.letters import _ranges, covered, in_words_of_paper


def test_a_font_says_which_letters_it_has() -> None:
    font = Path(str(files("fontpkg_noto_sans") / "files")) / "NotoSans[wdth,wght].ttf"
    found = {code for first, last in _ranges(font, 0) for code in range(first, last + 1)}
    assert {ord(letter) for letter in "aÄЖΩ€"} <= found
    assert ord("日") not in found and ord("日") not in covered()


@pytest.mark.parametrize(
    ("language", "lacking", "spoken"), [("ja", "日本語", "en"), ("ar", "", "ar"), ("de", "", "de")]
)
def test_paper_is_in_english_where_letters_lack(language: str, lacking: str, spoken: str) -> None:
    with translation.override(language):
        with in_words_of_paper() as name:
            assert (name, translation.get_language()) == (lacking, spoken)
        assert translation.get_language() == language
