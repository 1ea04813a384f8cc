"""How places are written, and how texts are counted."""

from __future__ import annotations

import pytest

from listening.networks.mastodon.connecting import address_of
from listening.networks.mastodon.counting import count, letters, with_name
from listening.networks.mastodon.places import check_place, place_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Mentions ", "mentions"),
        ("mentions of @Acme@Social.example", "mentions of @Acme@social.example"),
        ("#Coffee", "#coffee"),
        ("#Coffee  #espresso +#Berlin -#ads", "#coffee #espresso +#berlin -#ads"),
        ("Search:  cold   soup", "search: cold soup"),
        ("list 12", "list 12"),
        ("@Ada@social.example", "@Ada@social.example"),
        ("ada@social.example", "@ada@social.example"),
        ("https://social.example/@ada", "@ada@social.example"),
        ("https://social.example/@ada@elsewhere.example", "@ada@elsewhere.example"),
    ],
)
def test_places_are_kept_in_one_form(typed: str, kept: str) -> None:
    assert check_place(typed) == kept
    assert check_place(kept) == kept


@pytest.mark.parametrize(
    "typed", ["", "search:", "@ada", "ada", "#", "-#ads", "#1", "#a words", "https://social.example/about", "#a " * 200]
)
def test_what_is_no_place_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^\w.*\.$"):
        check_place(typed)


def test_a_place_is_read_back() -> None:
    place = place_of("#coffee #espresso +#berlin -#ads")
    assert (place.kind, place.name) == ("tag", "coffee")
    assert place.others == {"any": ("espresso",), "all": ("berlin",), "none": ("ads",)}
    assert place_of("mentions of @acme@social.example").name == "acme@social.example"
    assert place_of("@ada@social.example").kind == "account"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" https://Social.example/ ", "https://social.example"),
        ("@ada@social.example", "https://social.example"),
        ("https://social.example/@ada", "https://social.example"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
    ],
)
def test_a_server_is_found_in_what_was_typed(typed: str, address: str) -> None:
    assert address_of(typed) == address


@pytest.mark.parametrize("typed", ["", "mastodon", "ftp://a.example", "a b.example", "https://a.example/x/y"])
def test_what_names_no_server_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match="Enter the name of a server"):
        address_of(typed)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0), ("hello", 5), ("👨‍👩‍👧‍👦!", 2), ("e\u0301", 1),
        ("https://a.example/" + "x" * 100, 23), ("(https://a.example/x).", 26),
        ("@ada@social.example hi", 7), ("mail ada@social.example", 23),
    ],
)  # fmt: skip
def test_texts_are_counted_as_servers_count(text: str, length: int) -> None:
    assert count(text) == length


@pytest.mark.parametrize(
    ("text", "acct", "worded"),
    [
        ("Sorry!", "ada@social.example", "@ada@social.example Sorry!"),
        ("Hi @Ada@social.example", "ada@social.example", "Hi @Ada@social.example"),
        ("Hi @ada", "ada@social.example", "Hi @ada"),
        ("Hi @adam", "ada@social.example", "@ada@social.example Hi @adam"),
        ("Hi @ada@elsewhere.example", "ada@social.example", "@ada@social.example Hi @ada@elsewhere.example"),
        ("Sorry!", "", "Sorry!"),
    ],
)
def test_whom_it_is_for_is_named(text: str, acct: str, worded: str) -> None:
    assert with_name(text, acct) == worded


def test_the_same_words_are_known_again() -> None:
    assert letters("Hi @ada@social.example, *sorry*!") == letters("Hi @ada , sorry !")
    assert letters("🙏 🙏") == letters("🙏🙏") != letters("🙂")
