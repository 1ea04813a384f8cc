"""The language of short posts."""

from __future__ import annotations

import pytest

from listening.learning import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The train to the coast was late again this morning", "en"),
        ("El tren de la costa llegó tarde otra vez esta mañana", "es"),
        ("O trem para o litoral atrasou de novo hoje de manhã", "pt"),
        ("Le train pour la côte était encore en retard ce matin", "fr"),
        ("Der Zug an die Küste kam heute Morgen schon wieder zu spät", "de"),
        ("Il treno per la costa era di nuovo in ritardo stamattina", "it"),
        ("De trein naar de kust was vanmorgen alweer te laat", "nl"),
        ("Pociąg nad morze znowu spóźnił się dziś rano", "pl"),
        ("قطار الساحل تأخر مرة أخرى هذا الصباح", "ar"),
        ("قطار امروز صبح دوباره دیر کرد، چه بد", "fa"),
        ("Поезд на побережье сегодня утром опять опоздал", "ru"),
        ("Потяг на узбережжя сьогодні вранці знову запізнився", "uk"),
        ("海岸行きの電車が今朝もまた遅れた", "ja"),
        ("去海边的火车今天早上又晚点了", "zh"),
        ("해안으로 가는 기차가 오늘 아침 또 늦었다", "ko"),
        ("Το τρένο άργησε πάλι σήμερα το πρωί", "el"),
        ("יום נעים לכולם", "he"),
        ("รถไฟมาสายอีกแล้วเช้านี้", "th"),
        ("yeh train aaj phir late hai, kya karo bhai", "hi"),
    ],
)
def test_a_sentence_is_told(text: str, language: str) -> None:
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
