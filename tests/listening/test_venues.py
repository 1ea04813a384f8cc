"""The venue map: where the community talks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from listening.actions.venues import draw_wanted, map_venues
from listening.models import Author, Topic, VenueMap
from listening.venues import inventory, tiles, told
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

DAY = timedelta(days=1)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_tiles_fill_the_map_in_proportion(sizes: list[int]) -> None:
    sizes.sort(reverse=True)
    found = tiles(sizes, width=960, height=420)
    assert [tile.number for tile in found] == list(range(len(sizes)))
    total = sum(sizes)
    for tile in found:
        assert tile.x >= -0.1 and tile.x + tile.width <= 960.1 and tile.y >= -0.1 and tile.y + tile.height <= 420.1
        share = sizes[tile.number] / total * 960 * 420
        assert abs(tile.width * tile.height - share) <= 0.02 * share + 12
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert wide <= 0.1 or high <= 0.1


def heard(acme: Cast) -> dict[str, Any]:
    at = clock.now()
    daily = factories.source(name="The Daily")
    factories.channel()
    topic = Topic.objects.create(name="Billing")
    jo = Author.objects.create(network="practice", remote_id="jo", name="Jo")
    for tone in (-1, -1, 1):
        post = factories.post(at=at - DAY, author=jo)
        factories.mention(post=post, at=at - DAY, sentiment=tone, topic=topic)
    factories.mention(at=at - DAY)
    factories.mention(at=at - DAY, state="dismissed")
    factories.mention(post=factories.post(at=at - DAY, is_internal=True), at=at - DAY)
    factories.mention(at=at - 20 * DAY)
    article = factories.post(at=at - DAY, network="feed", source=daily)
    factories.mention(post=article, at=at - DAY, source=daily)
    factories.post("We answer", at=at - DAY, is_ours=True)
    return {"at": at, "daily": daily, "jo": jo}


def test_the_inventory_counts_what_was_heard(acme: Cast) -> None:
    rows = heard(acme)
    content = inventory(since=rows["at"] - 14 * DAY, until=rows["at"])
    assert (content["mentions"], content["left_out"]) == (5, 0)
    practice, daily = told(content)
    assert (practice.name, practice.mentions, practice.before, practice.authors) == ("Practice field", 4, 1, 2)
    assert (practice.sentiment, practice.topics) == ((2, 0, 1), [("Billing", 3)])
    assert practice.leaders[0] == ("Jo", 3)
    assert (practice.ours, practice.present) == (1, True)
    assert (daily.name, daily.mentions, daily.before) == ("The Daily", 1, 0)
    assert daily.is_source and not daily.present
    Author.objects.filter(pk=rows["jo"].pk).delete()
    Topic.objects.all().delete()
    practice = told(content)[0]
    assert practice.topics == [] and "Jo" not in dict(practice.leaders)


def test_a_map_is_asked_for_drawn_and_shown(acme: Cast, client: Client) -> None:
    rows = heard(acme)
    client.force_login(acme.elif_.user)
    assert "Nothing to map yet" in client.get("/o/acme/venues/").content.decode()
    assert client.post("/o/acme/venues/map/", {"days": "3"}).status_code == 422
    asked = client.post("/o/acme/venues/map/", {"days": "14"}, follow=True).content.decode()
    assert "being drawn" in asked
    assert draw_wanted(at=rows["at"] + timedelta(minutes=1)) == 1
    row = VenueMap.objects.get()
    shown = client.get("/o/acme/venues/").content.decode()
    assert "The Daily" in shown and "2 negative, 0 neutral, 1 positive" in shown and "<rect" in shown
    picture = client.get(f"/o/acme/venues/{row.pk}/picture/")
    assert picture["Content-Type"] == "image/svg+xml" and b"The Daily" in picture.content
    table = b"".join(client.get(f"/o/acme/venues/{row.pk}/table/").streaming_content).decode()
    assert "Practice field,practice,4,1,2,2,0,1,1" in table
    client.force_login(acme.rosa.user)
    assert client.get("/o/acme/venues/").status_code == 200
    assert client.post("/o/acme/venues/map/", {"days": "14"}).status_code == 403


def test_hostile_names_are_harmless(acme: Cast, client: Client) -> None:
    at = clock.now()
    bad = factories.source(name='<script>alert(1)</script>"')
    factories.mention(post=factories.post(at=at - DAY, network="feed", source=bad), at=at - DAY, source=bad)
    row = map_venues(acme.organization, days=14, by=acme.carla, at=at)
    draw_wanted(at=at)
    client.force_login(acme.carla.user)
    for address in ("/o/acme/venues/", f"/o/acme/venues/{row.pk}/picture/"):
        assert "<script>alert" not in client.get(address).content.decode()


def test_one_is_drawn_every_week(acme: Cast) -> None:
    at = clock.now()
    assert draw_wanted(at=at) == 1
    assert draw_wanted(at=at + 6 * DAY) == 0
    assert draw_wanted(at=at + 8 * DAY) == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_draw_one_map(acme: Cast) -> None:
    at = clock.now()

    def work(_turn: int) -> int:
        try:
            with acting_for(acme.organization):
                return draw_wanted(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert VenueMap.objects.count() == 1
    assert draw_wanted(at=at) == 0 and VenueMap.objects.get().drawn_at == at


def test_queries_do_not_grow_with_venues(acme: Cast, client: Client) -> None:
    at = clock.now()
    client.force_login(acme.carla.user)
    counts = []
    for number in (1, 20):
        for _turn in range(number):
            place = factories.source()
            factories.mention(post=factories.post(at=at, network="feed", source=place), at=at, source=place)
        map_venues(acme.organization, days=14, by=acme.carla, at=at + timedelta(seconds=1))
        draw_wanted(at=at + timedelta(seconds=1))
        client.get("/o/acme/venues/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/o/acme/venues/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_api(acme: Cast, client: Client) -> None:
    rows = heard(acme)
    headers = {"Authorization": f"Token {acme.token(acme.gita)}"}
    made = client.post("/api/v1/venue-maps/", {"days": 14}, content_type="application/json", headers=headers)
    assert (made.status_code, made.json()["drawn_at"]) == (201, None)
    draw_wanted(at=rows["at"])
    content = client.get(f"/api/v1/venue-maps/{made.json()['id']}/", headers=headers).json()["content"]
    assert content["venues"][0]["mentions"] == 4
