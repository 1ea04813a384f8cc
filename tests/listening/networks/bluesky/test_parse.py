"""What a post says is read from its record alone, so that it says the same wherever it was met."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from listening.networks.bluesky.ids import is_did, is_handle
from listening.networks.bluesky.parse import author_of, post_of, posts_in_thread, read_moment

URI = "at://did:plc:ada/app.bsky.feed.post/3abc"
PARENT = {"uri": "at://did:plc:brand/app.bsky.feed.post/3aaa", "cid": "bafy1"}
ROOT = {"uri": "at://did:plc:root/app.bsky.feed.post/3999", "cid": "bafy0"}


def view(**record: Any) -> dict[str, Any]:
    said = {"$type": "app.bsky.feed.post", "text": "Hello", "createdAt": "2026-11-26T12:00:00.000Z"} | record
    author = {"did": "did:plc:ada", "handle": "ada.test", "displayName": "Ada"}
    return {"uri": URI, "cid": "c", "author": author, "record": said, "indexedAt": "2026-11-26T12:00:01.000Z"}


def link(start: int, end: int, uri: str) -> dict[str, Any]:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": uri}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def test_a_whole_answer() -> None:
    post: Any = post_of(view(reply={"parent": PARENT, "root": ROOT}, langs=["de", "en"]), to="did:plc:me")
    assert (post.id, post.text, post.url) == (URI, "Hello", "https://bsky.app/profile/did:plc:ada/post/3abc")
    assert (post.author.id, post.author.handle, post.author.name) == ("did:plc:ada", "ada.test", "Ada")
    assert post.published_at == datetime(2026, 11, 26, 12, tzinfo=UTC) and post.language == "de"
    assert (post.in_reply_to, post.conversation) == (PARENT["uri"], ROOT["uri"])
    assert post.addressed_to == ("did:plc:brand", "did:plc:me") and not post.problems


def test_links_are_whole_however_they_were_shortened() -> None:
    text = "Grüße: example.org/a... and here"
    start = len("Grüße: ".encode())
    shown = link(start, start + len("example.org/a..."), "https://example.org/abc")
    here = link(start + 21, start + 25, "https://example.org/x")
    post: Any = post_of(view(text=text, facets=[here, shown]))
    assert post.text == "Grüße: https://example.org/abc and here (https://example.org/x)"


def test_pictures_cards_and_quotes_are_words_too() -> None:
    image = {"alt": "A red square", "image": {"$type": "blob", "ref": {"$link": "b" * 30}, "size": 1}}
    quote = {"$type": "app.bsky.embed.record", "record": PARENT}
    media = {"$type": "app.bsky.embed.images", "images": [image]}
    both = {"$type": "app.bsky.embed.recordWithMedia", "record": quote, "media": media}
    raw: Any = post_of(view(embed=both))
    assert raw.text == "Hello\n\n[A red square]\n\nhttps://bsky.app/profile/did:plc:brand/post/3aaa"
    assert raw.media == (f"https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:ada/{'b' * 30}@jpeg",)
    assert "did:plc:brand" in raw.addressed_to
    shown = view(embed=both) | {"embed": {"media": {"images": [{"alt": "x", "fullsize": "https://cdn.test/1"}]}}}
    seen: Any = post_of(shown)
    assert seen.text == raw.text and seen.media == ("https://cdn.test/1",)
    card = {"external": {"uri": "https://example.org/", "title": "News", "description": ""}}
    assert getattr(post_of(view(text="", embed=card)), "text", "") == "News\nhttps://example.org/"


@pytest.mark.parametrize(
    ("written", "said"),
    [("2027-01-01T00:00:00Z", "later than"), ("yesterday", "does not say when"), (None, "does not say when")],
)
def test_a_date_that_cannot_be_is_that_of_being_seen_and_said(written: Any, said: str) -> None:
    post: Any = post_of(view(createdAt=written))
    assert post.published_at == datetime(2026, 11, 26, 12, 0, 1, tzinfo=UTC) and said in post.problems[0]


@pytest.mark.parametrize(
    "odd",
    [
        {"text": 5}, {"facets": "x"}, {"facets": [link(9, 99, "https://a.test")]},
        {"embed": []}, {"reply": "x"}, {"reply": {"parent": {}}}, {"langs": [None, "no language"]},
        {"facets": [link(1, 0, "https://a.test")]}, {"text": "é", "facets": [link(1, 2, "https://a.test")]},
    ],
)  # fmt: skip
def test_odd_records_are_read_as_far_as_they_go(odd: dict[str, Any]) -> None:
    assert post_of(view(**odd)) is not None


def test_what_is_no_post_is_none() -> None:
    assert post_of({}) is None and post_of(view() | {"record": None}) is None
    assert post_of(view() | {"uri": "at://did:plc:ada/app.bsky.feed.like/3abc"}) is None


def test_a_thread_brings_its_posts_and_takes_nothing_for_gone() -> None:
    gone = {"uri": PARENT["uri"], "notFound": True}
    blocked = {"uri": ROOT["uri"], "blocked": True}
    thread = {"post": view(), "parent": gone, "replies": [blocked, {"post": view() | {"uri": URI + "x"}}]}
    assert {post.id: post.deleted for post in posts_in_thread(thread)} == {URI: False, URI + "x": False}


def test_a_record_without_end_is_read_to_a_bound() -> None:
    many = [link(number, number + 1, f"https://a.test/{number}") for number in range(5000)]
    post: Any = post_of(view(text="é" * 500_000, facets=many))
    assert len(post.text) < 40_000


def test_names_and_moments() -> None:
    assert is_did("did:plc:abc") and is_did("did:web:example.com%3A8080") and not is_did("did:PLC:x:")
    assert is_handle("a-b.example.co") and not is_handle("a_b.test") and not is_handle("plain")
    assert author_of({"did": "d", "handle": "handle.invalid", "followersCount": 4}).followers == 4
    assert read_moment("2026-11-26T13:00:00.123456789+01:00") == datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)
    assert read_moment("2026-11-26 13:00:00Z") is None and read_moment("2026-02-30T00:00:00Z") is None
