"""What changed between two texts, for people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from listening.difference import compare

BEFORE = """# Tone

We answer within a day.
Always with a name.

- short
- honest

Nothing else."""


def said(before: str, after: str) -> list[str]:
    signs = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}
    return [
        f"… {part.count}"
        if part.kind == "left_out"
        else "".join(signs[kind].format(text) for kind, text in part.pieces)
        for part in compare(before, after)
    ]


def test_words_are_told_apart_in_the_paragraph_in_which_they_stand() -> None:
    after = BEFORE.replace("within a day", "within two hours").replace("- honest", "- honest\n- kind")
    assert said(BEFORE, after) == [
        "Tone",
        "We answer within [-a day-][+two hours+]. Always with a name.",
        "short",
        "honest",
        "[+kind+]",
        "Nothing else.",
    ]


def test_how_lines_are_wrapped_makes_no_difference() -> None:
    assert said(BEFORE, BEFORE.replace("day.\nAlways", "day. Always")) == ["… 5"]


def test_what_stayed_is_left_out_but_for_what_stands_beside_a_change() -> None:
    many = "\n\n".join(f"Paragraph number {number}" for number in range(20))
    assert said(many, many.replace("number 10", "number ten")) == [
        "… 9", "Paragraph number 9", "Paragraph number [-10-][+ten+]", "Paragraph number 11", "… 8",
    ]  # fmt: skip


def test_a_paragraph_that_came_before_a_changed_one_is_new() -> None:
    assert said("We are kind to all.", "First of all.\n\nWe are very kind to all.") == [
        "[+First of all.+]",
        "We are[+ very+] kind to all.",
    ]


def test_what_was_written_anew_went_and_came_whole() -> None:
    assert said("One two three.", "Entirely other words here") == [
        "[-One two three.-]",
        "[+Entirely other words here+]",
    ]


def test_marks_are_shown_only_where_nothing_but_they_changed() -> None:
    assert said("Be **kind** to [all](https://a.example).", "Be **very kind** to [all](https://a.example).") == [
        "Be[+ very+] kind to all (https://a.example)."
    ]
    assert said("Be kind to all.", "Be **kind** to all.") == ["Be [+**+]kind[+**+] to all."]


@given(st.text(max_size=400), st.text(max_size=400))
def test_what_went_was_there_and_what_is_new_is_there(before: str, after: str) -> None:
    for part in compare(before, after):
        for kind, text in part.pieces:
            whole = after if kind == "new" else before
            assert set(text) - set(whole) <= set(" ()")


def test_the_longest_texts_stand_whole_instead_of_being_compared_word_by_word() -> None:
    assert [part.kind for part in compare("a b " * 5000, "b a " * 5000)] == ["gone", "new"]
    assert {part.kind for part in compare("a\n\n" * 6000, "b\n\na\n\n" * 3000)} == {"gone", "new"}
