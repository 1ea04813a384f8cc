"""Documents made to cost more than they are worth: read within bounds, or refused with a plain reason."""

from __future__ import annotations

import gzip

import pytest

from listening.networks.feed import patient
from listening.networks.feed.limits import LARGEST, LONGEST_TEXT, MOST_ENTRIES
from listening.networks.feed.parse import parse_feed
from listening.networks.protocols import Unreadable

LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><rss><channel><title>&l9;</title><item><guid>1</guid><description>&l9;</description></item></channel></rss>"
)


def test_entities_within_entities_are_not_unfolded() -> None:
    (post,) = parse_feed(LAUGHS.encode()).posts
    assert "haha" not in post.text


def test_one_entity_many_times_stays_within_the_longest_text() -> None:
    head = f'<!DOCTYPE a [<!ENTITY a "{"x" * 90}">]>'
    document = f"{head}<rss><channel><item><description>{'&a;' * 50_000}</description></item></channel></rss>"
    (post,) = parse_feed(document.encode()).posts
    assert len(post.text) <= LONGEST_TEXT


def test_a_harmless_entity_is_understood() -> None:
    head = '<!DOCTYPE rss [<!ENTITY club "Kite Club">]>'
    document = f"{head}<rss><channel><item><title>The &club; &copy;</title></item></channel></rss>"
    assert parse_feed(document.encode()).posts[0].title == "The Kite Club ©"


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://127.0.0.1:1/x"])
@pytest.mark.parametrize("kind", ["<!ENTITY x SYSTEM '{}'>", "<!ENTITY % x SYSTEM '{}'> %x;"])
def test_nothing_is_fetched_from_inside_a_document(kind: str, place: str) -> None:
    document = f"<!DOCTYPE rss [{kind.format(place)}]><rss><channel><item><title>a&x;b</title></item></channel></rss>"
    assert parse_feed(document.encode()).posts[0].title == "a&x;b"


@pytest.mark.parametrize("closed", [True, False])
def test_a_hundred_thousand_levels_are_not_walked(closed: bool) -> None:
    body = b"<rss><channel>" + b"<b>" * 100_000 + (b"</b>" * 100_000 + b"</channel></rss>" if closed else b"")
    with pytest.raises(Unreadable, match=r"deeper than any feed|no feed"):
        parse_feed(body)


def test_deep_html_is_not_walked() -> None:
    deep = "<div>" * 100_000 + "end"
    (post,) = parse_feed(
        f"<rss><channel><item><description><![CDATA[{deep}]]></description></item></channel></rss>".encode()
    ).posts
    assert "<div>" not in post.text


def test_deep_json_is_refused() -> None:
    with pytest.raises(Unreadable, match="broken"):
        parse_feed(b'{"items":' + b"[" * 100_000)


def test_no_more_entries_are_read_than_anybody_needs_and_it_is_said() -> None:
    feed = parse_feed(
        b"<rss><channel>"
        + b"".join(b"<item><guid>%d</guid></item>" % n for n in range(MOST_ENTRIES + 5))
        + b"</channel></rss>"
    )
    assert len(feed.posts) == MOST_ENTRIES
    assert not feed.complete
    assert "more than 10,000 entries" in feed.problems[0]


def test_the_largest_document_is_as_large_as_the_largest_answer() -> None:
    with pytest.raises(Unreadable, match="larger than 5 MB"):
        parse_feed(b"<rss/>" + b" " * LARGEST)
    with pytest.raises(Unreadable, match="larger than 5 MB"):
        parse_feed(gzip.compress(b"<rss/>" + b" " * (LARGEST * 20)))


@pytest.mark.parametrize("text", ["<a>" * 1_000, "<b/>" * 40_000, "x" * 600_000])
def test_the_patient_parser_is_spared_what_takes_it_seconds(text: str) -> None:
    assert not patient.can_try(text)


def test_forgotten_tags_do_not_count_as_depth() -> None:
    assert patient.can_try("<rss>" + "<item><title>a<br><b>x</title></item>" * 1_000)
