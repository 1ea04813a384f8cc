"""Each entry is one post, with an id that stays the same from poll to poll."""

from __future__ import annotations

from listening.networks.feed.limits import LONGEST_ID
from listening.networks.feed.parse import parse_feed


def ids(*items: str) -> list[str]:
    document = "<rss><channel>" + "".join(f"<item>{inner}</item>" for inner in items) + "</channel></rss>"
    return [post.id for post in parse_feed(document.encode()).posts]


def test_the_guid_is_the_id_else_the_link() -> None:
    assert ids("<guid> a </guid><link>http://e.example/1</link>") == ["a"]
    assert ids("<guid isPermaLink='true'/><link>http://e.example/1</link>") == ["http://e.example/1"]
    assert ids("<guid>  </guid><link>http://e.example/1</link>") == ["http://e.example/1"]


def test_without_both_title_and_date_make_the_id_so_that_an_edit_is_no_new_post() -> None:
    one = ids("<title>T</title><pubDate>2026-01-01</pubDate><description>a</description>")
    edited = ids("<title>T</title><pubDate>2026-01-01</pubDate><description>b</description>")
    other = ids("<title>T</title><pubDate>2026-01-02</pubDate><description>a</description>")
    assert one == edited != other


def test_entries_that_are_truly_the_same_are_one() -> None:
    assert ids(*["<guid>a</guid><title>T</title>"] * 3) == ["a"]


def test_one_guid_for_different_entries_is_told_apart_by_the_link() -> None:
    first, second = ids(
        "<guid>a</guid><link>http://e.example/1</link>", "<guid>a</guid><link>http://e.example/2</link>"
    )
    assert first != second
    assert first.startswith("a#")
    assert ids("<guid>a</guid><link>http://e.example/2</link>", "<guid>a</guid><link>http://e.example/1</link>") == [
        second,
        first,
    ]


def test_what_tells_entries_apart_does_not_depend_on_their_neighbours() -> None:
    items = [f"<guid>a</guid><title>T{n}</title><pubDate>2026-01-0{n}</pubDate>" for n in range(1, 6)]
    before, after = ids(*items[:4]), ids(*items[1:])
    assert before[1:] == after[:3]
    assert len(set(before + after)) == 5


def test_one_link_for_everything_still_gives_each_its_own_id() -> None:
    found = ids(*(f"<link>http://e.example/</link><title>T{n}</title>" for n in range(20)))
    assert len(set(found)) == 20


def test_an_id_fits_an_index() -> None:
    long = "x" * 10_000
    (one,), (two,) = ids(f"<guid>{long}a</guid>"), ids(f"<guid>{long}b</guid>")
    assert one != two
    assert len(one.encode()) <= LONGEST_ID
    assert len(ids(f"<guid>{'ü' * 10_000}</guid>")[0].encode()) <= LONGEST_ID


def test_the_id_does_not_change_when_a_feed_is_broken_once() -> None:
    sound = "<rss><channel><item><guid isPermaLink='false'>a/1</guid><title>T</title></item></channel></rss>"
    broken = sound.replace("</channel></rss>", "<item><title>x</b></item>")
    base = "https://e.example/feed"
    assert (
        parse_feed(sound.encode(), base=base).posts[0].id == parse_feed(broken.encode(), base=base).posts[0].id == "a/1"
    )


def test_an_empty_entry_is_kept_with_a_note() -> None:
    (post,) = parse_feed(b"<rss><channel><item/></channel></rss>").posts
    assert post.id
    assert post.problems == ("The entry is empty.",)
