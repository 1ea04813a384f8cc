"""Moments that a network dates badly: the post is kept, and every clock can show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from listening.identity import with_moments
from listening.ingest import ingest
from listening.models import Author, Post, Source
from listening.networks.hacker_news.reading import post_of
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from listening.verdicts import on_page
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
EAST = timezone(timedelta(hours=14))


@pytest.mark.parametrize("at", [FIRST, LAST, datetime(1, 1, 1, tzinfo=EAST), datetime(1799, 12, 31, tzinfo=UTC)])
def test_a_placeholder_is_no_moment(at: datetime) -> None:
    post = with_moments(RemotePost("1", published_at=at, updated_at=NOW, problems=("Odd.",)))
    assert (post.published_at, post.updated_at) == (None, NOW)
    assert post.problems[0] == "Odd." and "is a placeholder" in post.problems[1]


def test_what_names_no_zone_is_in_utc_and_what_is_sound_stays_itself() -> None:
    assert with_moments(RemotePost("1", published_at=datetime(2026, 3, 1))).published_at == datetime(
        2026, 3, 1, tzinfo=UTC
    )
    sound = RemotePost("1", published_at=NOW)
    assert with_moments(sound) is sound


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak"])
def test_no_page_fails_over_what_a_network_dates(acme: Cast, sign_in: Any, zone: str) -> None:
    type(acme.organization).objects.filter(pk=acme.organization.pk).update(time_zone=zone)
    source = factories.source(network="mastodon", place="#acme")
    factories.query("acme")
    who = RemoteAuthor("many", followers=10**30)
    posts = tuple(
        RemotePost(str(number), "Is acme down?", author=who, published_at=at, updated_at=at)
        for number, at in enumerate((FIRST, LAST, datetime(2026, 3, 1), NOW))
    )
    assert ingest(source, Page(posts=posts, status=200), at=NOW).mentions == 4
    assert Post.objects.filter(published_at=None).count() == 2 and Author.objects.get().followers == 2**63 - 1
    assert sign_in(acme.gita).get("/o/acme/stream/").status_code == 200
    verdict = on_page(Source.objects.get(), Page(posts=posts[:1], status=200), at=NOW)
    assert verdict.last_item_at is None


@pytest.mark.parametrize("seconds", [10**15, 10**30, 253402300799 + 1])
def test_a_second_beyond_every_calendar_is_none(seconds: int) -> None:
    assert post_of({"objectID": "1", "comment_text": "acme", "created_at_i": seconds}).published_at is None
