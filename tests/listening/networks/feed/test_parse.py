"""Every format as the same posts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from listening.networks.feed.parse import parse_feed
from listening.networks.feed.shape import ParsedFeed
from listening.networks.protocols import RemoteAuthor, RemotePost, Unreadable

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str, *, base: str = "") -> ParsedFeed:
    return parse_feed((SAMPLES / name).read_bytes(), base=base)


def item(inner: str, *, channel: str = "", base: str = "") -> RemotePost:
    posts = rss(f"<item>{inner}</item>", channel=channel, base=base).posts
    assert len(posts) == 1
    return posts[0]


def rss(items: str, *, channel: str = "", base: str = "") -> ParsedFeed:
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    document = f'<rss version="2.0" {spaces}><channel><title>T</title>{channel}{items}</channel></rss>'
    return parse_feed(document.encode(), base=base)


def test_rss_2() -> None:
    feed = sample("rss2.xml")
    assert (feed.title, feed.language, feed.wait, feed.problems) == ("Harbour Notes", "en-GB", 5400, [])
    assert feed.posts[0] == RemotePost(
        id="harbour-101",
        title="The ferry is late & nobody knows why",
        text="The ferry is late.\n\nAgain.",
        url="https://harbour.example/2026/ferry",
        author=RemoteAuthor(name="Ida Holm"),
        published_at=datetime(2026, 3, 2, 7, 15, tzinfo=UTC),
        language="en-GB",
        media=("https://harbour.example/photos/ferry.jpg",),
    )
    fish, notice = feed.posts[1:]
    assert (fish.url, fish.author.name, fish.text) == ("https://harbour.example/2026/fish", "Per Lund", "Cod\nHerring")
    assert (notice.id, notice.url, notice.published_at) == ("notices/7", "https://harbour.example/notices/7", None)


def test_rss_0_91_with_html_entities_and_a_document_type() -> None:
    (post,) = sample("rss091.xml").posts
    assert (post.title, post.text, post.language) == ("Café am Markt", "Kaffee & Kuchen für 3 Euro.", "de")


def test_rss_1_0() -> None:
    feed = sample("rss10.rdf")
    (post,) = feed.posts
    assert (feed.language, feed.wait) == ("nl", 1800)
    assert (post.id, post.author.name) == ("http://library.example/b/1", "A. Reader")
    assert post.published_at == datetime(2026, 2, 27, 9, 0, tzinfo=UTC)


def test_atom_1_0() -> None:
    feed = sample("atom10.xml", base="https://garden.example/elsewhere/feed")
    first, second = feed.posts
    assert feed.title == "Garden & Yard"
    assert (first.title, first.text) == ("How to write <b> in a title", "Les roses\n\nfleurissent.")
    assert (first.url, first.language) == ("https://garden.example/blog/1.html", "fr")
    assert first.author == RemoteAuthor(name="Rosa Verde", url="https://garden.example/about/rosa")
    assert first.media == ("https://media.garden.example/1.mp3",)
    assert first.updated_at == datetime(2026, 3, 2, 8, 30, 0, 500000, tzinfo=UTC)
    assert (second.title, second.text, second.author.name) == ("Re: Roses", "Plain, with a < b.", "Tom, Kim")
    assert second.in_reply_to == first.id
    assert second.published_at == second.updated_at == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("name", ["atom03.xml", "bom.xml"])
def test_atom_0_3(name: str) -> None:
    (post,) = sample(name).posts
    assert (post.id, post.text) == ("tag:workshop.example,2004:bench", "Made of oak.")
    assert post.published_at == datetime(2004, 5, 1, 8, 0, tzinfo=UTC)
    assert post.updated_at == datetime(2004, 5, 2, 10, 0, tzinfo=UTC)


def test_json_feed() -> None:
    first, second = sample("feed11.json").posts
    assert (first.title, first.text, first.url) == ("Wind <3", "Up we go", "https://kites.example/k1")
    assert (first.author.name, first.media) == ("Ola, Bo", ("https://kites.example/k1.jpg",))
    assert first.published_at == datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    assert (second.id, second.text, second.language) == ("2", "Lines < 30 m & strong", "de")
    assert second.author == RemoteAuthor(name="Club", url="https://kites.example/about")


def test_a_broken_document_gives_what_can_be_read_and_says_so() -> None:
    feed = sample("broken.xml", base="https://bits.example/feed")
    first, second = feed.posts
    assert feed.title == "Bits & Pieces"
    assert (first.title, first.text) == ("Rock & Roll night", "Bring friends\nand cake")
    assert (first.id, first.url) == ("bits-1", "https://bits.example/?a=1&b=2")
    assert (second.id, second.author.name, second.updated_at) == ("bits-2", "Nia", None)
    assert feed.problems == ["The XML of the feed is not correct; what could be read was taken."]


def test_an_undeclared_prefix_alone_does_no_harm() -> None:
    feed = parse_feed(b"<rss><channel><item><title>A</title><itunes:author>Nia</itunes:author></item></channel></rss>")
    assert [(post.title, post.author.name) for post in feed.posts] == [("A", "Nia")]


def test_an_atom_feed_without_its_namespace_is_read() -> None:
    (post,) = parse_feed(b"<feed><entry><id>1</id><title>A</title><updated>2026-01-01</updated></entry></feed>").posts
    assert (post.id, post.title, post.published_at) == ("1", "A", datetime(2026, 1, 1, tzinfo=UTC))


def test_links_that_are_not_on_the_web_are_left_out_with_a_note() -> None:
    for link in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "urn:x:y"):
        post = item(f"<guid>1</guid><link>{link}</link>")
        assert post.url == ""
        assert "is left out" in post.problems[0]


def test_a_link_inside_xml_base_begins_there() -> None:
    document = b"""<rss xml:base="https://a.example/x/"><channel xml:base="y/"><item><link>1</link></item>
        <item xml:base="/z/"><link>2</link></item></channel></rss>"""
    assert [post.url for post in parse_feed(document).posts] == ["https://a.example/x/y/1", "https://a.example/z/2"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("mail@example.org (Ann Lee)", "Ann Lee"),
        ("Ann Lee &lt;mail@example.org&gt;", "Ann Lee"),
        ("mail@example.org", "mail@example.org"),
        ("&lt;b&gt;Ann&lt;/b&gt; Lee", "Ann Lee"),
        ("<![CDATA[ Ann & Lee ]]>", "Ann & Lee"),
    ],
)
def test_the_author_is_a_name(written: str, name: str) -> None:
    assert item(f"<guid>1</guid><author>{written}</author>").author.name == name


def test_a_name_goes_before_a_mail_address() -> None:
    assert item("<author>a@example.org</author><dc:creator>Ann</dc:creator>").author.name == "Ann"


@pytest.mark.parametrize(
    ("said", "tag"),
    [("en", "en"), ("EN-us", "en-US"), ("pt_BR", "pt-BR"), ("zh-Hant-TW", "zh-Hant-TW"), ("English", ""), ("und", "")],
)
def test_the_language_only_when_it_is_one(said: str, tag: str) -> None:
    assert item("<guid>1</guid>", channel=f"<language>{said}</language>").language == tag


def test_the_fullest_text_counts() -> None:
    assert item("<description>short</description><content:encoded>long</content:encoded>").text == "long"
    assert item("<description>short</description><content:encoded> </content:encoded>").text == "short"
    assert item("<media:group><media:description>film</media:description></media:group>").text == "film"


def test_an_unreadable_date_gives_none_and_the_next_candidate_is_tried() -> None:
    post = item("<guid>1</guid><pubDate>31 February 2026</pubDate>")
    assert post.published_at is None
    assert "could not be read" in post.problems[0]
    second = item("<guid>1</guid><pubDate>soon</pubDate><dc:date>2026-01-01</dc:date>")
    assert second.published_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert second.problems == ()


def test_a_date_in_the_future_is_noted() -> None:
    document = b"<rss><channel><item><guid>1</guid><pubDate>2031-01-01</pubDate></item></channel></rss>"
    (post,) = parse_feed(document, at=datetime(2026, 1, 1, tzinfo=UTC)).posts
    assert post.published_at == datetime(2031, 1, 1, tzinfo=UTC)
    assert "lies in the future" in post.problems[0]
    assert parse_feed(document, at=datetime(2030, 12, 31, tzinfo=UTC)).posts[0].problems == ()


def test_characters_that_a_database_refuses_are_dropped() -> None:
    document = '{"version":"https://jsonfeed.org/version/1","items":[{"id":"a\\u0000b","title":"c\\ud800d","content_text":"e\\u0001f"}]}'
    (post,) = parse_feed(document.encode()).posts
    assert (post.id, post.title, post.text) == ("ab", "cd", "ef")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b" \n\x00 ", "is empty"),
        (b"<!DOCTYPE html><html><head><title>Hi</title></head></html>", "This is a web page, not a feed."),
        (
            b"<html><head><link rel='alternate' type='application/rss+xml' href='/rss?a=1&amp;b=2'>",
            "https://s.example/rss?a=1&b=2",
        ),
        (b"<note><to>you</to></note>", "XML, but not a feed"),
        (b'{"status": "ok"}', "JSON, but not a feed"),
        (b'{"version": ', "broken"),
        (b"[1, 2]", "JSON, but not a feed"),
        (b"Service unavailable", "text, not a feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a feed"),
        (b"%PDF-1.7", "not a feed"),
        (b"<", "no feed"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as error:
        parse_feed(body, base="https://s.example/page")
    assert reason in str(error.value)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert rss("").posts == []
    assert parse_feed(b'{"version":"https://jsonfeed.org/version/1","title":"T","items":[]}').title == "T"


def test_names_in_capitals_are_names() -> None:
    feed = parse_feed(
        b"<RSS><CHANNEL><TITLE>Loud</TITLE><ITEM><TITLE>One</TITLE><LINK>https://a.example/1</LINK>"
        b"<PUBDATE>Tue, 10 Jun 2003 04:00:00 GMT</PUBDATE></ITEM></CHANNEL></RSS>"
    )
    (post,) = feed.posts
    assert (feed.title, post.title, post.url) == ("Loud", "One", "https://a.example/1")
    assert post.published_at is not None
