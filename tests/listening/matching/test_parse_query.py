import pytest
from hypothesis import given
from hypothesis import strategies as st

from listening.matching import QueryError, parse


@pytest.mark.parametrize(
    ("source", "position", "length", "says"),
    [
        ("", 0, 0, "empty"),
        (" \n ", 0, 0, "empty"),
        ("a (b OR (c)", 2, 1, "bracket opened at character 3 is never closed"),
        ("a (b OR", 5, 2, "OR at character 6 needs something after it"),
        ("a) b", 1, 1, "closing bracket at character 2 has no opening one"),
        ("a () b", 2, 2, "nothing between the brackets"),
        ('say "acme cup', 4, 1, "quotation mark at character 5 is never closed"),
        ("OR acme", 0, 2, "OR at character 1 needs something before it"),
        ("a OR OR b", 2, 2, "OR at character 3 needs something after it"),
        ("a (OR b)", 3, 2, "OR at character 4 needs something before it"),
        ("acme AND", 5, 3, "AND at character 6 needs something after it"),
        ("acme NOT", 5, 3, "NOT at character 6 needs something after it"),
        ("acme && cup", 5, 2, "Write AND instead of &&"),
        ("NOT spam", 0, 8, "only says what must not be there"),
        (" -spam -(ad OR win)", 1, 18, "only says what must not be there"),
        ("acme OR -spam", 8, 1, "One side of this OR"),
        ("NOT (acme AND NOT spam)", 0, 23, "only says what must not be there"),
        ("wo*d", 2, 1, "star can only stand at the end"),
        ("acme a*", 5, 2, "would match too much"),
        ("acme …", 5, 1, "no letter or digit"),
        ("#match-day", 0, 10, "A tag is"),
        ("@anna*", 0, 6, "A handle is written"),
        ("a NEAR b", 2, 4, "Say how near"),
        ("a NEAR/0 b", 2, 6, "Say how near"),
        ("a NEAR/5 b NEAR/5 c", 11, 6, "joins two things only"),
        ("a NEAR/5 (b c)", 2, 6, "between words and phrases"),
        ("colour:red", 0, 7, "There is no field “colour”"),
        ("lang:english x", 0, 12, "language as its code"),
        ("lang: en", 0, 5, "right behind lang: without a space"),
        ("has:video x", 0, 9, "you can write media, link"),
    ],
)
def test_an_error_names_its_place(source, position, length, says):
    with pytest.raises(QueryError) as caught:
        parse(source)
    assert says in str(caught.value)
    assert (caught.value.position, caught.value.length) == (position, length)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000,
        "(" * 5_000 + "a" + ")" * 5_000,
        "NOT " * 2_000,
        "a " * 5_000,
        "a" * 10_001,
        '"' * 9_999,
        "-" * 9_999,
    ],
)
def test_monstrous_queries_are_refused(source):
    with pytest.raises(QueryError):
        parse(source)


def test_many_nots_are_no_depth():
    assert parse("acme " + "-" * 9_000 + "spam").reading() == "Posts that say “acme” and “spam”."


def query_or_error(source):
    try:
        return parse(source)
    except QueryError as error:
        return error


@given(st.text(alphabet='ab#@-="*() :/\nORANDTE5東', max_size=40))
def test_any_text_is_a_query_or_an_explained_error(source):
    outcome = query_or_error(source)
    if isinstance(outcome, QueryError):
        assert str(outcome)
        assert 0 <= outcome.position <= outcome.position + outcome.length <= len(source)
    else:
        assert outcome.reading().startswith("Posts that")


@pytest.mark.parametrize(
    ("source", "reading"),
    [
        ("acme", "Posts that say “acme”."),
        ('acme "cup final" -rugby', "Posts that say “acme” and “cup final”, but do not say “rugby”."),
        ("a b OR c", "Posts that (say “a” and “b”) or say “c”."),
        ("a (b OR c)", "Posts that say “a” and (say “b” or “c”)."),
        ("a -(b OR c)", "Posts that say “a”, but do not say “b” or “c”."),
        ("a -(b c)", "Posts that say “a”, but are not among those that (say “b” and “c”)."),
        ("a NEAR/5 (b OR c)", "Posts that say “a” within 5 words of “b” or “c”."),
        ("a ONEAR/1 b", "Posts that say “a” directly followed by “b”."),
        ("refund*", "Posts that say “refund…”."),
        ("=Apple -#ad", "Posts that say “Apple” (in exactly this spelling), but do not carry the tag #ad."),
        (
            "@anna lang:en has:media",
            "Posts that address @anna, are in the language “en” and have a picture, film or sound.",
        ),
        ("a -is:reply", "Posts that say “a”, but are not replies."),
        ("a - - b", None),
    ],
)
def test_a_query_is_read_in_words(source, reading):
    if reading is None:
        with pytest.raises(QueryError):
            parse(source)
    else:
        assert parse(source).reading() == reading


@pytest.mark.parametrize(
    ("source", "hints"),
    [
        ("a OR b", []),
        ("(a b) OR c", []),
        ("a or b", ["“or” in small letters"]),
        ("a b OR c", ["Words side by side"]),
    ],
)
def test_what_may_be_meant_otherwise_is_hinted_at(source, hints):
    given_hints = [str(hint) for hint in parse(source).hints]
    assert len(given_hints) == len(hints)
    assert all(begins in hint for begins, hint in zip(hints, given_hints, strict=True))
