"""Which posts are the same: by id, by address, by who wrote them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listening.identity import content_digest, url_key
from listening.ingest import ingest
from listening.models import Mention, Post
from listening.networks.protocols import RemoteAuthor
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW, page, remote

LATER = NOW + timedelta(hours=1)


def test_a_new_id_at_the_same_address_is_the_same_post(acme: Cast) -> None:
    source = factories.source()
    ingest(source, page(remote("old", "One", url="http://www.a.example/x?utm_source=feed")), at=NOW)
    same = ingest(source, page(remote("new", "One", url="https://a.example/x/")), at=LATER)
    assert (same.new, same.revised) == (0, 0)
    edited = ingest(source, page(remote("newer", "Two", url="https://a.example/x")), at=LATER)
    assert (edited.new, edited.revised) == (0, 1)
    assert Post.objects.get().remote_id.endswith(":newer")
    assert ingest(source, page(remote("newer", "Two", url="https://elsewhere.example/")), at=LATER).new == 0


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        # The old id is still listed: these are two posts at one address.
        ([("old", "/x")], [("old", "/x"), ("new", "/x")], 1),
        # Two posts stood there already: nobody can say which one it is.
        ([("one", "/x"), ("two", "/x")], [("new", "/x")], 1),
        # Two entries of the page stand there.
        ([("old", "/x")], [("new", "/x"), ("newer", "/x")], 2),
        # The address names the whole site.
        ([("old", "/")], [("new", "/")], 1),
        ([("old", "")], [("new", "")], 1),
    ],
)
def test_where_the_address_proves_nothing_a_new_id_is_a_new_post(
    acme: Cast, before: list[tuple[str, str]], after: list[tuple[str, str]], new: int
) -> None:
    source = factories.source()

    def listed(entries: list[tuple[str, str]]) -> Any:
        return page(*(remote(key, key, url=f"https://a.example{path}" if path else "") for key, path in entries))

    ingest(source, listed(before), at=NOW)
    assert ingest(source, listed(after), at=LATER).new == new


def test_a_source_that_is_added_anew_knows_its_posts(acme: Cast) -> None:
    first = factories.source(key="abc")
    factories.query("acme")
    ingest(first, page(remote(1)), at=NOW)
    first.delete()
    again = factories.source(key="abc")
    assert ingest(again, page(remote(1)), at=LATER).new == 0
    assert (Post.objects.get().source, Mention.objects.get().source) == (again, again)


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "x" * 5000},
        {"id": "nul\x00in it"},
        {"id": "lone \ud800 surrogate"},
        {"id": "1", "text": "a\x00b \udfff c", "title": "\x00", "url": "https://a.example/\x00", "media": ("\x00",)},
        {"id": "1", "url": "https://[broken/", "author": RemoteAuthor(name="n\x00" * 400, url="u" * 5000)},
        {"id": "1", "conversation": "c" * 3000, "in_reply_to": "r" * 3000, "language": "l" * 99, "published_at": None},
        {"id": "1", "author": RemoteAuthor(id="i" * 4000, handle="h" * 900)},
        {"id": "", "text": ""},
    ],
)  # fmt: skip
def test_whatever_a_place_says_can_be_stored_and_is_known_again(acme: Cast, fields: dict[str, Any]) -> None:
    source = factories.source()
    wanted = page(remote(fields.pop("id"), **fields))
    assert ingest(source, wanted, at=NOW).new == 1
    again = ingest(source, wanted, at=LATER)
    assert (again.new, again.revised) == (0, 0)


def test_an_id_twice_in_a_page_counts_as_it_was_said_last(acme: Cast) -> None:
    assert ingest(factories.source(), page(remote(1, "First"), remote(1, "Last")), at=NOW).new == 1
    assert Post.objects.get().text == "Last"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("http://a.example/x", "https://www.a.example/x/", True),
        ("https://a.example/x?b=1&utm_source=z", "https://a.example/x?b=1", True),
        ("https://A.example:443/x", "https://a.example/x", True),
        ("https://a.example/x?b=1", "https://a.example/x?b=2", False),
        ("https://a.example/x#one", "https://a.example/x#two", False),
        ("https://a.example/x", "https://b.example/x", False),
    ],
)
def test_spellings_of_an_address(first: str, second: str, same: bool) -> None:
    assert (url_key(first) == url_key(second)) is same


def test_the_border_between_title_and_text_counts() -> None:
    assert content_digest("a b", "c") != content_digest("a", "b c")
