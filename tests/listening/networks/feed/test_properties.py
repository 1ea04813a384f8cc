"""Whatever the bytes: posts, or one plain reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listening.networks.feed.dates import read_date
from listening.networks.feed.encoding import decode
from listening.networks.feed.parse import parse_feed
from listening.networks.feed.shape import ParsedFeed
from listening.networks.feed.text import plain_text, plain_title
from listening.networks.protocols import Unreadable

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parent / "samples").iterdir())]
PIECES = [
    *(b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<item>", b"</item>", b"<entry>", b'"', b"{", b"["),
    *(b"&#0;", b"&#xD800;", b"&nbsp;", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"\x00", b"\xff\xfe", b"\xc3", b"\x1b$B"),
    *(b"<?xml version='1.0' encoding='utf-16'?>", b" xml:base='http://['", b"<link>http://[</link>", b"xmlns:a=''"),
    b"<pubDate>99999-99-99</pubDate>",
]
KEYS = st.sampled_from("id url title items authors author name content_html date_published attachments tags".split())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
usual = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(body: bytes, content_type: str) -> ParsedFeed | None:
    try:
        return parse_feed(body, content_type=content_type, base="https://e.example/", at=NOW)
    except Unreadable:
        return None


def check(body: bytes, content_type: str = "") -> None:
    feed = read(body, content_type)
    if feed is None:
        return
    ids = [post.id for post in feed.posts]
    assert len(set(ids)) == len(ids)
    assert all(ids)
    for post in feed.posts:
        words = (post.id, post.title, post.text, post.url, post.author.name, post.language, *post.problems, *post.media)
        assert not any("\x00" in word or any("\ud800" <= letter <= "\udfff" for letter in word) for word in words)
        assert post.url == "" or post.url.lower().startswith(("http://", "https://"))
    again = read(body, content_type)
    assert again is not None
    assert [post.id for post in again.posts] == ids


@usual
@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    check(body)


@usual
@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_in_a_feed(text: str, kind: str) -> None:
    inner = text.encode("utf-8", "replace")
    check(
        b"<rss><channel><item><title>%b</title><description>%b</description></item></channel></rss>" % (inner, inner),
        kind,
    )


@usual
@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_feeds(body: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=4))
        body = body[:at] + piece + body[at + data.draw(st.integers(0, 30)) :]
    check(body)


@usual
@given(st.sampled_from(SAMPLES), st.integers(0, 5_000))
def test_feeds_that_end_early(body: bytes, end: int) -> None:
    check(body[:end])


@usual
@given(JSON)
def test_any_json(said: object) -> None:
    items = [said, {"id": 1, "authors": said}]
    check(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, "authors": said}).encode())


@usual
@given(st.text(max_size=60) | st.from_regex(r"[\dA-Za-z:+./, -]{0,40}", fullmatch=True))
def test_any_date(text: str) -> None:
    moment, problem = read_date(text)
    assert moment is not None or problem


@usual
@given(
    st.binary(max_size=60),
    st.sampled_from(["", "text/xml; charset=utf-16", "x; charset=iso-2022-jp", "x; charset=idna", "x; charset=rot13"]),
)
def test_any_encoding(body: bytes, content_type: str) -> None:
    text, _ = decode(b"." + body, content_type)
    assert "\x00" not in text


@usual
@given(st.text(alphabet="<>/&;#!-=\"' abpbrscriptlt\n", max_size=80))
def test_any_html(html: str) -> None:
    assert "<script>" not in plain_text(html) or "&" in html
    assert "\n" not in plain_title(html)
