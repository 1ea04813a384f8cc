"""Of a reply by mail only what its sender wrote is the answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listening.networks.mail.own_words import MARK, own_words

QUOTED = f"> {MARK}\n>\n> Rosa asks you\n> May we promise a date?\n"
REPLIES = {
    "plain": "Yes: Friday.\n\n",
    "english": "Yes: Friday.\n\nOn Wed, 25 Nov 2026 at 21:56, Acme <touchline@example.org> wrote:\n\n" + QUOTED,
    "two lines": "Yes: Friday.\n\nOn Wed, 25 Nov 2026 at 21:56, A very long name\n<touchline@example.org> wrote:\n\n"
    + QUOTED,
    "german": "Yes: Friday.\n\nAm 25.11.26 um 21:56 schrieb Acme:\n" + QUOTED,
    "french": "Yes: Friday.\n\nLe mer. 25 nov. 2026 à 21:56, Acme <touchline@example.org> a écrit :\n" + QUOTED,
    "dutch": "Yes: Friday.\n\nOp wo 25 nov 2026 om 21:56 schreef Acme <touchline@example.org>:\n" + QUOTED,
    "outlook": "Yes: Friday.\n\n________________________________\nFrom: Acme <touchline@example.org>\nSent: Wednesday\n"
    "To: Bodo\nSubject: Rosa asks\n\n" + MARK + "\nMay we promise a date?\n",
    "original": "Yes: Friday.\n\n-----Original Message-----\nFrom: Acme\nMay we promise a date?\n",
    "no quote sign, unknown language": f"Yes: Friday.\n\n{MARK}\nMay we promise a date?\n",
    "signature": "Yes: Friday.\n\n-- \nBodo\nLegal\n",
    "telephone": "Yes: Friday.\n\nSent from my telephone\n\n" + QUOTED,
    "below": QUOTED + "\nYes: Friday.\n",
    "windows": "Yes: Friday.\r\n\r\nAm 25.11.26 um 21:56 schrieb Acme:\r\n" + QUOTED.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", REPLIES)
def test_what_is_quoted_and_signed_goes(name: str) -> None:
    assert own_words(REPLIES[name]) == "Yes: Friday."


def test_answers_between_the_quoted_lines_stay() -> None:
    assert own_words(f"> {MARK}\n> A date?\nFriday.\n> A price?\nThe old one.\n") == "Friday.\nThe old one."


def test_who_writes_nothing_says_nothing() -> None:
    assert own_words("\n\n" + QUOTED) == ""
    assert own_words("") == ""


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters=">-\u200b\ufeff\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
    max_size=200,
)


@given(WORDS)
def test_any_words_above_the_mark_come_through(words: str) -> None:
    said = own_words(words)
    assert own_words(f"{words}\n\n{QUOTED}") == said
    assert own_words(said) == said or "\n" in words


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    assert MARK not in own_words(f"{text}\n{MARK}\n{text}")
