"""Sentiment from the first day."""

from __future__ import annotations

from pathlib import Path

import pytest

from listening.learning import judge
from listening.learning.lexicon import LANGUAGES, lexicon, signs

LINES = (Path(__file__).parent / "words" / "moods.txt").read_text(encoding="utf-8").splitlines()
SENTENCES = {line[:2]: line[4:].split(" | ") for line in LINES}


@pytest.mark.parametrize("language", SENTENCES)
def test_three_sentences_of_each_language(language: str) -> None:
    told = judge(SENTENCES[language])
    assert [(each.language, each.sentiment) for each in told] == [(language, 1), (language, 0), (language, -1)]


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("This is not good", -1),
        ("I do not hate it", 1),
        ("great start but the rest was awful, just awful", -1),
        ("😍😍", 1),
        ("😡", -1),
        ("see you there :)", 1),
        ("so sad :(", -1),
        ("soooo gooooood", 1),
        ("#LoveThisPlace", 1),
        ("https://example.com/great/love", 0),
    ],
)
def test_what_turns_and_strengthens(text: str, sentiment: int) -> None:
    assert judge([text], languages=["en"])[0].sentiment == sentiment


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\u200b" * 500, "😀" * 5_000, "a" * 1_000_000, "é\u0301" * 400_000, "((((" * 250_000,
     "love " * 200_000, "@" * 100_000, "#" * 100_000, "http://" * 100_000,
     "\ud800", "!?" * 300_000, "ب" * 300_000, "a.b." * 200_000],
)  # fmt: skip
def test_hostile_texts_are_judged_quickly(text: str) -> None:
    (told,) = judge([text])
    assert -1 <= told.score <= 1


def test_known_languages_are_kept() -> None:
    assert [each.language for each in judge(["hola", "hello"], languages=["ca", ""])] == ["ca", "en"]


def test_the_lists_can_be_read() -> None:
    assert set(LANGUAGES) == {"ar", "de", "en", "es", "fr", "hi", "it", "pt"}
    for language in LANGUAGES:
        known = lexicon(language)
        assert len(known.weights) + len(known.stems) > 150
        assert known.negation and known.booster
    assert signs()["😍"] == 3
