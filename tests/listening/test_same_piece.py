"""The same piece in different feeds and formats is recognised, and what only looks alike is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from listening.identity import piece_key, piece_keys, same_piece
from listening.ingest import ingest
from listening.models import Post
from listening.networks.protocols import RemotePost
from tests import factories
from tests.cast import Cast
from tests.conftest import ApiClient
from tests.listening.pages import NOW, page, remote

LONG = "The ferry to the islands runs every hour again: crew and harbour agreed on how many hands it needs at night."


def told(url: str = "", *, title: str = "The ferry runs again", text: str = "", key: str = "tag:1") -> RemotePost:
    return RemotePost(id=key, url=url, title=title, text=text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://harbour.example/2026/ferry", "http://www.harbour.example/2026/ferry/"),
        ("https://harbour.example/2026/ferry?utm_source=rss", "https://harbour.example/2026/ferry"),
        ("https://harbour.example/ferry?partner=rss&emc=rss", "https://harbour.example/ferry"),
        ("https://harbour.example/ferry?id=7&source=atom", "https://harbour.example/ferry?id=7"),
        ("https://m.harbour.example/ferry/amp", "https://harbour.example/ferry"),
        ("https://harbour.example/ferry/index.html", "https://harbour.example/ferry/"),
    ],
)
def test_one_address_has_many_spellings(one: str, other: str) -> None:
    assert same_piece(told(one, text="short"), told(other, text=LONG))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://harbour.example/?p=1", "https://harbour.example/?p=2"),
        ("https://harbour.example/watch?v=a&feature=youtube_gdata", "https://harbour.example/watch?v=b"),
        ("https://harbour.example/talk#comment-1", "https://harbour.example/talk#comment-2"),
        ("https://harbour.example/", "https://harbour.example/"),
        ("https://harbour.example/ferry", "https://island.example/ferry"),
        ("https://harbour.example/list?source=crew", "https://harbour.example/list?source=guests"),
        ("", ""),
    ],
)
def test_what_only_looks_alike_is_not_the_same(one: str, other: str) -> None:
    assert not same_piece(told(one, text="short"), told(other, text="short"))


def test_long_words_tell_a_piece_that_has_no_common_address() -> None:
    dressed = f"  {LONG.upper().replace('’', chr(39))}  "
    assert same_piece(told("https://a.example/1", text=LONG), told("https://b.example/2", text=dressed))
    assert not same_piece(told("https://a.example/1", text=LONG), told("https://b.example/2", text=LONG + " Not."))


def test_a_link_through_a_counter_leads_to_the_piece_that_the_id_names() -> None:
    counted = told("https://feeds.example/~r/harbour/~3/x1/", key="https://harbour.example/ferry")
    assert same_piece(counted, told("https://harbour.example/ferry"))


def test_an_address_that_a_page_gives_to_several_posts_names_none_of_them() -> None:
    assert piece_keys(told("https://harbour.example/news", text="short"), is_alone=False) == ()
    assert piece_key(told("https://harbour.example/news", text=LONG), is_alone=False) == piece_key(told(text=LONG))


@pytest.mark.parametrize("mark", [";jsessionid={0}", "?PHPSESSID={0}", "?utm_source={0}"])
def test_a_link_that_bears_a_session_is_the_same_post_at_the_next_poll(acme: Cast, mark: str) -> None:
    """Where a feed gives no ids, its links are the ids; some sites mark each reader's anew."""
    source = factories.source()
    for number, visit in enumerate(("A1", "B2", "C3")):
        url = "https://a.example/ferry" + mark.format(visit)
        ingest(source, page(remote(url, "The ferry runs.", url=url)), at=NOW + timedelta(hours=number))
    assert Post.objects.get().remote_id.endswith(mark.format("C3"))


def test_the_same_piece_is_found_across_sources(acme: Cast, api: Callable[[Any], ApiClient]) -> None:
    rss, json, other = factories.source(), factories.source(), factories.source()
    ingest(rss, page(remote(1, "In short.", title="Ferry", url="https://a.example/ferry?utm_source=rss")), at=NOW)
    ingest(json, page(remote(7, LONG, title="Ferry", url="http://www.a.example/ferry/")), at=NOW + timedelta(hours=1))
    shared = [remote(number, f"Short {number}.", url="https://a.example/news") for number in (1, 2)]
    ingest(other, page(*shared), at=NOW)
    first, second = Post.objects.get(source=rss), Post.objects.get(source=json)
    assert first.piece == second.piece != ""
    assert list(Post.objects.same_piece(first)) == [second]
    assert set(Post.objects.filter(source=other).values_list("piece", flat=True)) == {""}
    assert not Post.objects.same_piece(Post.objects.filter(source=other)[0]).exists()
    listed = api(acme.gita).get(f"/api/v1/posts/?piece={first.piece}").json()["results"]
    assert {row["id"] for row in listed} == {first.pk, second.pk}


def test_a_mention_names_the_other_places_of_its_piece(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    factories.query("ferry")
    here, there = factories.source(name="Here"), factories.source(name="Elsewhere Times")
    for source in (here, there):
        ingest(source, page(remote(1, "The ferry runs.", url="https://a.example/ferry")), at=NOW)
    mention = Post.objects.get(source=here).mention
    shown = sign_in(acme.gita).get(f"/o/acme/mentions/{mention.pk}/").content.decode()
    assert "The same piece elsewhere" in shown
    assert "Elsewhere Times" in shown
