"""Real feeds and real attacks, where the folder with them is present; nothing of it is part of the project."""

from __future__ import annotations

import asyncio
import calendar
import json
import re
import warnings
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any

import feedparser
import pytest

from listening.identity import piece_keys, url_key
from listening.networks.feed.dates import read_date
from listening.networks.feed.encoding import decode
from listening.networks.feed.parse import parse_feed
from listening.networks.feed.shape import ParsedFeed
from listening.networks.feed.text import plain_text
from listening.networks.guard import Guard, PinningResolver
from listening.networks.protocols import NetworkError, RemotePost, Unreadable
from tests.corpus.gathered import each_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FEEDS, ATTACKS = DATA / "A_feeds", DATA / "D_adversarial"

pytestmark = [
    pytest.mark.skipif(not FEEDS.exists(), reason="the corpus of captured feeds is not on this machine"),
    pytest.mark.filterwarnings("ignore:To avoid breaking existing software:DeprecationWarning"),
]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


MANIFEST = rows(FEEDS / "manifest.jsonl")


@cache
def ours(file: str) -> ParsedFeed | None:
    try:
        return parse_feed((FEEDS / file).read_bytes())
    except Unreadable:
        return None


@cache
def theirs(file: str) -> Any:
    """The same by feedparser, which need not clean what is inside a text: that is not compared with ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse((FEEDS / file).read_bytes(), sanitize_html=False, resolve_relative_uris=False)


def distinct(entries: list[Any]) -> int:
    """How many entries feedparser found that differ in what makes a post."""
    content = lambda e: e["content"][0]["value"] if e.get("content") else e.get("summary")  # noqa: E731
    return len({(e.get("id"), e.get("link"), e.get("title"), content(e), e.get("published")) for e in entries})


@each_of("row", MANIFEST, named=lambda row: row["file"])
def test_no_entry_is_lost_and_none_invented(row: dict[str, Any]) -> None:
    feed, entries = ours(row["file"]), theirs(row["file"]).entries
    expected = max(distinct(entries), row["feedparser_distinct_ids"] or 0)
    if feed is None:
        assert row["feedparser_items"] == 0
        return
    assert len(feed.posts) >= expected
    if row["kind"] not in {"jsonfeed", "gzip"}:  # feedparser reads neither.
        assert len(feed.posts) <= max(row["feedparser_items"], len(entries))


@each_of("row", MANIFEST, named=lambda row: row["file"])
def test_every_post_can_be_stored_and_is_the_same_at_the_next_poll(row: dict[str, Any]) -> None:
    feed = ours(row["file"])
    if feed is None:
        return
    ids = [post.id for post in feed.posts]
    assert len(set(ids)) == len(ids)
    assert all(0 < len(identity.encode()) <= 500 for identity in ids)
    assert [post.id for post in parse_feed((FEEDS / row["file"]).read_bytes()).posts] == ids
    for post in feed.posts:
        words = f"{post.id}{post.title}{post.text}{post.url}{post.author.name}{post.language}"
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", words)
        assert post.url == "" or post.url.startswith(("http://", "https://"))
        assert post.published_at is None or post.published_at.utcoffset() == timedelta()


def moment(entry: Any) -> datetime | None:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    if parsed is None or parsed.tm_year < 1800:  # The year 1 is a placeholder.
        return None
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def pairs(row: dict[str, Any]) -> list[tuple[RemotePost, Any]]:
    feed, entries = ours(row["file"]), theirs(row["file"]).entries
    if feed is None or len(feed.posts) != len(entries):
        return []
    return list(zip(feed.posts, entries, strict=True))


# Where we differ on purpose: half a day is afternoon when the text says PM, and no time zone is 30 hours wide.
READ_BETTER = ("PM", "+3000")


@each_of("row", MANIFEST, named=lambda row: row["file"])
def test_dates_agree_with_feedparser_wherever_it_has_one(row: dict[str, Any]) -> None:
    for post, entry in pairs(row):
        written = f"{entry.get('published', '')} {entry.get('updated', '')}"
        if (expected := moment(entry)) is not None and not any(mark in written for mark in READ_BETTER):
            assert post.published_at is not None, written
            assert post.published_at.replace(microsecond=0) == expected, written


def test_at_least_as_many_entries_are_dated_as_feedparser_dates() -> None:
    dated = sum(1 for row in MANIFEST for post, _ in pairs(row) if post.published_at)
    assert dated >= sum(1 for row in MANIFEST for _, entry in pairs(row) if moment(entry))


def test_titles_and_links_agree_with_feedparser() -> None:
    compared = [(post, entry) for row in MANIFEST for post, entry in pairs(row)]
    title = lambda entry: " ".join(re.sub("<[^>]*>", "", unescape(entry.get("title", ""))).split())  # noqa: E731
    titles = [post for post, entry in compared if post.title != title(entry)]
    links = [
        post for post, entry in compared
        if entry.get("link", "").startswith(("http://", "https://")) and post.url != entry.link
    ]  # fmt: skip
    assert len(compared) > 3_000
    assert len(titles) <= 0.01 * len(compared)  # What is left: letters encoded twice, which we set right.
    assert len(links) <= 0.001 * len(compared)


def told(file: str) -> list[tuple[RemotePost, frozenset[str]]]:
    """The posts of a document with the keys of their pieces."""
    feed = ours(file)
    posts = feed.posts if feed else []
    shared = Counter(url_key(post.url) for post in posts)
    return [(post, frozenset(piece_keys(post, is_alone=shared[url_key(post.url)] == 1))) for post in posts]


def found(member: dict[str, Any]) -> tuple[RemotePost, frozenset[str]]:
    named = (pair for pair in told(member["feed"]) if member["id"] and pair[0].id == member["id"])
    linked = (pair for pair in told(member["feed"]) if pair[0].url == member["link"])
    return next(named, None) or next(linked)


@each_of("group", rows(FEEDS / "dup_gold.jsonl"), named=lambda group: group["members"][0]["link"][-60:])
def test_the_same_piece_is_recognised(group: dict[str, Any]) -> None:
    """Where the links of a group differ in what names the page, these are different pieces, whatever the titles."""
    pairs = [found(member) for member in group["members"]]
    is_one = len({url_key(member["link"]) for member in group["members"]}) == 1
    assert is_one or not group["cross_feed"]
    folded = len({post.id for post, _keys in pairs}) == 1
    assert (folded or bool(frozenset.intersection(*(keys for _post, keys in pairs)))) == is_one


def test_hardly_a_captured_piece_is_taken_for_another() -> None:
    by_key: dict[str, list[RemotePost]] = {}
    for row in MANIFEST:
        if row["provenance"] == "captured":
            for post, keys in told(row["file"]):
                for key in keys:
                    by_key.setdefault(key, []).append(post)
    pairs = [pair for posts in by_key.values() for pair in combinations(posts, 2)]
    assert len(pairs) >= 31
    assert all(one.title == other.title for one, other in pairs)


def test_a_web_page_is_called_one() -> None:
    pages = [row["file"] for row in MANIFEST if row["kind"] == "html"]
    assert pages
    for file in pages:
        with pytest.raises(Unreadable, match="web page"):
            parse_feed((FEEDS / file).read_bytes())


@each_of("row", rows(ATTACKS / "dates" / "dates_gold_other.jsonl"), named=lambda row: row["input"])
def test_gold_dates(row: dict[str, Any]) -> None:
    read, problem = read_date(row["input"])
    if row["expected_utc"] is None:
        assert read is None
        assert problem
    else:
        assert read is not None
        if row["expected_utc"] != "PARSES":
            assert read == datetime.fromisoformat(row["expected_utc"])


@each_of("row", rows(ATTACKS / "dates" / "date_shapes.open.jsonl"), named=lambda row: row["example"])
def test_every_shape_of_date_seen_in_feeds(row: dict[str, Any]) -> None:
    read, _ = read_date(row["example"])
    assert read is not None
    if row["feedparser_utc"]:
        assert read.replace(microsecond=0) == datetime.fromisoformat(row["feedparser_utc"])


MEANT = {
    "invalid-prolog.xml": ("테스트 피드", "Café"),
    "utf8-incorrect-prolog.xml": ("테스트 피드", "Café"),
    "utf8.xml": ("테스트 피드", "Café"),
    "iso-8859-1.xml": ("Café",),
    "windows-1252.xml": ("Euro €",),
    "windows-1252-incorrect-prolog.xml": ("Euro €",),
    "koi8r.xml": ("Пример RSS ленты",),
    "iso88591.xml": ("Anaïs", "Jürgen"),
    "iso88591_utf8_mismatch.xml": ("Anaïs", "Jürgen"),
}


@each_of("path", sorted((ATTACKS / "encodings").glob("*.xml")), named=lambda path: path.name)
def test_wrong_and_odd_encodings(path: Path) -> None:
    text, _ = decode(path.read_bytes())
    words = MEANT[path.name.rpartition("__")[2]]
    assert all(word in text for word in words)


@each_of("path", sorted((ATTACKS / "xml_attacks").rglob("*.xml")), named=lambda path: path.name)
def test_attacks_by_xml_come_to_nothing(path: Path) -> None:
    attack = path.read_bytes()
    found = re.search(rb"<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", attack, re.DOTALL)
    references = b"".join(b"&%s;" % name for name in re.findall(rb"<!ENTITY\s+(\w+)", attack)) * 3
    feed = b"<rss><channel><item><guid>1</guid><description>" + references + b"</description></item></channel></rss>"
    (post,) = parse_feed((found.group() if found else b"") + feed).posts
    assert len(post.text) < 10_000
    assert "root:" not in post.text
    with pytest.raises(Unreadable):
        parse_feed(attack)


@each_of("row", rows(ATTACKS / "html_js" / "xss_payloads.jsonl"))
def test_injections_leave_no_script_behind(row: dict[str, Any]) -> None:
    payload = next(value for key, value in row.items() if key in {"payload", "input", "text"})
    text = plain_text(f"<p>before</p>{payload}")
    live = re.search(r"<\s*(script|iframe|object|embed|svg|img|body|link|meta)[\s>/]", text, re.IGNORECASE)
    assert not live or re.search(r"&(?:lt|#0*60|#x0*3c)", payload, re.IGNORECASE)
    json.dumps(text).encode()


async def only_private(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"]


@each_of("row", rows(ATTACKS / "ssrf" / "ssrf_urls.jsonl"), named=lambda row: row["url"][:80])
def test_no_forged_address_gets_past_the_guard(row: dict[str, Any]) -> None:
    """Refused as written; or a plain name of a public site, and then refused when it leads inside."""
    guard = Guard()
    try:
        url = guard.check_url(row["url"])
    except NetworkError:
        return
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", url.raw_host or "")
    assert not re.fullmatch(r"[0-9.]+", url.raw_host or "")
    with pytest.raises(NetworkError):
        asyncio.run(PinningResolver(guard, only_private).resolve(url.raw_host or "", url.port or 80))
