"""What we published and hear again, by whatever way, is ours: no mention, nothing to route, nothing to answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from content import own_posts
from content.actions.publications import settle_publication
from content.models import Publication
from content.publishing import publications_out
from listening.actions.mentions import keep
from listening.identity import is_its_own_page, page_key
from listening.ingest import ingest
from listening.models import Mention, Post, Source
from listening.networks.feed.parse import parse_feed
from listening.networks.mastodon.parse import Home, post_of
from listening.networks.protocols import Page, RemotePost, Unreachable
from tests import factories
from tests.cast import Cast
from tests.content.doubles import LOST, Square
from tests.content.publishing import look, publish
from tests.engagement.writing import Time
from tests.listening.pages import page, remote

ARTICLE = "https://blog.acme.example/2026/wheels/"
WORDPRESS = """<rss version="2.0"><channel><title>Acme</title><link>https://blog.acme.example/</link>
<item><title>Acme wheels</title><link>{link}</link><guid isPermaLink="false">{guid}</guid>
<description>Acme trues wheels on Saturdays.</description></item></channel></rss>"""
STATUS = {
    "id": "999", "url": "https://Town.example/@acme/7", "uri": "https://town.example/users/acme/statuses/7",
    "content": "<p>Acme trues wheels.</p>", "account": {"id": "55", "acct": "crew@town.example", "username": "crew"},
    "created_at": "2026-11-26T10:00:00.000Z",
}  # fmt: skip


def feed_of(link: str, guid: str) -> Page:
    return page(*parse_feed(WORDPRESS.format(link=link, guid=guid).encode()).posts)


@pytest.fixture
def out(planned: Any, now: Time) -> Any:
    """Publish something that then stands at an address."""
    factories.query("acme")

    def one(url: str, network: str = "square", remote_id: str = "") -> Publication:
        row: Publication = planned(channel=factories.channel(network=network))
        whole = publications_out.whole().get(pk=row.pk)
        publications_out.accepted(whole, remote_id=remote_id, remote_url=url, at=now(), looks_left=False, seen=True)
        return whole

    return one


@pytest.mark.parametrize(
    ("link", "guid", "is_ours"),
    [
        # WordPress names an entry by a number on its own server, and feeds mark their readers.
        (f"{ARTICLE}?utm_source=rss&utm_medium=feed", "https://blog.acme.example/?p=12", True),
        ("http://www.blog.acme.example/2026/wheels", "https://www.blog.acme.example/?p=12", True),
        (ARTICLE, "tag:planet.example,2026:55", True),
        # Somebody shares our page on a site where links are shared: that is said about us.
        (ARTICLE, "https://links.example/s/kx7", False),
        ("https://blog.acme.example/2026/other/", "https://blog.acme.example/?p=13", False),
        # A comment on it is no echo of it.
        (f"{ARTICLE}#comment-4", "https://blog.acme.example/2026/wheels/#comment-4", False),
    ],
)
def test_a_feed_that_brings_it_back_brings_no_mention(out: Any, now: Time, link: str, guid: str, is_ours: bool) -> None:
    out(ARTICLE)
    ingest(factories.source(), feed_of(link, guid), at=now())
    assert Post.objects.get().is_ours is is_ours
    assert Mention.objects.count() == (0 if is_ours else 1)


def test_an_answer_and_a_page_that_many_share_are_not_ours(out: Any, now: Time) -> None:
    out(ARTICLE)
    source = factories.source()
    ingest(source, page(remote(1, url=ARTICLE, in_reply_to="0"), remote(2, "Acme!", url=ARTICLE)), at=now())
    assert Mention.objects.count() == 2


def test_another_server_that_shows_our_post_brings_no_mention(out: Any, now: Time) -> None:
    out("https://town.example/@acme/7", network="mastodon", remote_id="town.example/7")
    heard = post_of(STATUS, Home("village.example", "village.example"))
    assert heard is not None and heard.id == "village.example/999"
    ingest(factories.source(network="mastodon", place="#acme"), page(heard), at=now())
    again = RemotePost(id="town.example/7", text="Acme, under its id alone")
    ingest(factories.source(network="mastodon", place="acme"), page(again), at=now())
    assert Post.objects.filter(is_ours=True).count() == 2 and not Mention.objects.exists()
    # An id is one only at its network.
    ingest(factories.source(), page(RemotePost(id="town.example/7", text="Acme elsewhere")), at=now())
    assert Mention.objects.count() == 1


def test_what_is_heard_before_the_network_answers_is_ours_once_it_does(
    planned: Any, square: Square, now: Time, creating: Cast
) -> None:
    factories.query("acme")
    square.after = lambda _out: (_ for _ in ()).throw(Unreachable(LOST))
    row = planned()
    publish(now)
    source = factories.source()
    echo = page(remote("https://square.example.org/0", "Acme trues wheels.", url="https://square.example.org/0"))
    assert ingest(source, echo, at=now()).mentions == 1
    routed = Mention.objects.get()
    look(now)
    row.refresh_from_db()
    assert row.state == "accepted" and row.page == page_key("https://square.example.org/0")
    routed.refresh_from_db()
    assert (routed.state, routed.triage_code, routed.triaged_by) == ("dismissed", "ours", None)
    assert Post.objects.get().is_ours
    # Edited there, it stays ours.
    edited = page(remote("https://square.example.org/0", "Acme trues all.", url="https://square.example.org/0"))
    assert ingest(source, edited, at=now()).revised == 1
    routed.refresh_from_db()
    assert routed.state == "dismissed" and Mention.objects.count() == 1


def test_what_a_person_said_of_it_stays_and_by_hand_counts_too(planned: Any, now: Time, creating: Cast) -> None:
    factories.query("acme")
    row = planned(channel=factories.channel(network="by-hand"))
    publish(now)
    source: Source = factories.source()
    ingest(source, page(remote(1, url=ARTICLE), remote(2, "Acme on", url=f"{ARTICLE}?page=2")), at=now())
    kept = keep(Mention.objects.get(post__url=ARTICLE), by=creating.gita, at=now())
    settle_publication(row, decision="mark_as_sent", url=f"{ARTICLE}?utm_source=x", by=creating.rosa, at=now())
    kept.refresh_from_db()
    assert kept.state == "kept"
    assert Post.objects.get(url=ARTICLE).is_ours and not Post.objects.exclude(url=ARTICLE).get().is_ours


def test_what_was_heard_in_the_same_moment_is_found_a_little_later(out: Any, now: Time) -> None:
    row = out(ARTICLE)
    Publication.objects.filter(pk=row.pk).update(page="")
    ingest(factories.source(), page(remote(1, url=ARTICLE)), at=now())
    Publication.objects.filter(pk=row.pk).update(page=page_key(ARTICLE))
    assert Mention.objects.get().state == "untriaged"
    assert own_posts.recognise_again(at=now() + timedelta(hours=1)) == 1
    assert Mention.objects.get().state == "dismissed"
    assert own_posts.recognise_again(at=now() + timedelta(hours=1)) == 0


def test_an_id_at_another_place_tells_that_it_is_about_the_page() -> None:
    assert is_its_own_page(ARTICLE, "https://www.blog.acme.example/?p=1") and is_its_own_page(ARTICLE, "12")
    assert not is_its_own_page(ARTICLE, "https://news.example/item?id=1") and not is_its_own_page(ARTICLE, "http://[")
