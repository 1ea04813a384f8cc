"""The pages of publications and channels: planned, moved, settled by forms, and as much asked for many as for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from content.actions.links import set_link_template
from content.actions.publications import plan_now
from content.actions.reviews import ask_for_review
from content.link_querysets import count_click
from content.models import FirstComment, Publication, ReviewPolicy, TrackedLink
from engagement.actions.stops import stop_sending
from listening.models import Channel
from listening.networks.protocols import Refused
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square
from tests.content.publishing import publish
from tests.engagement.writing import Time

LISTS = "/o/acme/content/publications/"


def refuse(out: Any) -> None:
    raise Refused("The square does not want this.")


def test_a_variant_is_planned_moved_and_taken_off(creating: Cast, written: Any, sign_in: Any) -> None:
    variant, client = written(), sign_in(creating.rosa)
    assert "Without a time yet" in client.get(f"{LISTS}?tab=coming").content.decode()
    address = f"/o/acme/content/variants/{variant.pk}/plan/"
    assert client.get(address).status_code == 200
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    said = {"on_day": day, "at_time": "09:30", "zone": "Europe/Berlin", "grace_minutes": "30"}
    assert client.post(address, {**said, "zone": "Nowhere"}).status_code == 422
    assert client.post(address, {**said, "on_day": "2020-01-01"}).status_code == 422
    assert client.post(address, said).status_code == 302
    row = Publication.objects.get()
    assert (row.zone, row.grace_minutes, row.at_time.isoformat()) == ("Europe/Berlin", 30, "09:30:00")
    page = client.get(f"{LISTS}?tab=coming").content.decode()
    assert "09:30 in Europe/Berlin" in page and "Without a time yet" not in page
    assert client.post(f"{LISTS}{row.pk}/replan/", {**said, "at_time": "10:00"}).status_code == 302
    row.refresh_from_db()
    assert row.at_time.isoformat() == "10:00:00"
    client.post(f"{LISTS}{row.pk}/unplan/")
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert client.post(f"/o/acme/content/variants/{variant.pk}/plan-now/").status_code == 302
    assert Publication.objects.latest("pk").state == "ready"


def test_what_is_in_trouble_stands_first_and_is_settled(
    creating: Cast, planned: Any, square: Square, now: Time, sign_in: Any
) -> None:
    square.before = refuse
    row = planned("<script>alert(1)</script>")
    publish(now)
    client = sign_in(creating.rosa)
    page = client.get(LISTS).content.decode()
    assert "The square does not want this." in page and "You have to act." in page and "<script>alert(1)" not in page
    assert client.post(f"{LISTS}{row.pk}/reassign/", {"to": creating.rui.pk}).status_code == 302
    client.post(f"{LISTS}{row.pk}/settle/", {"decision": "mark_as_sent", "url": "nowhere"})
    row.refresh_from_db()
    assert row.state == "refused"
    client.post(f"{LISTS}{row.pk}/settle/", {"decision": "mark_as_sent", "url": "https://square.example.org/7"})
    row.refresh_from_db()
    assert (row.state, row.owner) == ("accepted", creating.rui)
    assert "https://square.example.org/7" in client.get(f"{LISTS}?tab=published").content.decode()
    assert "It is not there" not in client.get(f"{LISTS}{row.pk}/").content.decode()


def test_a_first_comment_is_settled_on_the_same_card(
    creating: Cast, planned: Any, square: Square, now: Time, sign_in: Any
) -> None:
    square.before = lambda out: None if hasattr(out, "slug") else refuse(out)
    row = planned(first_comment="Below it.")
    publish(now)
    client, comment = sign_in(creating.rosa), FirstComment.objects.get()
    assert "Below it." in client.get(f"{LISTS}{row.pk}/").content.decode()
    client.post(f"/o/acme/content/comments-of-ours/{comment.pk}/settle/", {"decision": "give_up"})
    comment.refresh_from_db()
    assert comment.state == "cancelled"


def test_what_is_held_is_let_go_by_a_person(
    creating: Cast, planned: Any, square: Square, now: Time, sign_in: Any
) -> None:
    row = planned()
    stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    client = sign_in(creating.rosa)
    page = client.get(f"{LISTS}?tab=coming").content.decode()
    assert "Let it go" not in page and "Only these roles" in page, "what would be refused is not offered"
    assert "Let it go" in sign_in(creating.carla).get(f"{LISTS}?tab=coming").content.decode()
    refused = client.post(f"{LISTS}{row.pk}/settle/", {"decision": "send_again"}, headers={"HX-Request": "true"})
    assert refused.status_code == 403 and "Only these roles" in refused.content.decode()
    sign_in(creating.carla).post(f"{LISTS}{row.pk}/settle/", {"decision": "send_again"})
    row.refresh_from_db()
    assert row.state == "ready"


def test_what_waits_leads_to_its_review_or_to_where_one_asks(creating: Cast, written: Any, sign_in: Any) -> None:
    ReviewPolicy.objects.all().delete()
    variants = [written(), written()]
    for variant in variants:
        plan_now(variant, by=creating.rosa, at=clock.now())
    [review] = ask_for_review(variants[0].piece, by=creating.rosa, at=clock.now())
    page = sign_in(creating.rosa).get(f"{LISTS}?tab=coming").content.decode()
    assert page.count(f"/o/acme/content/reviews/{review.pk}/") == 1 == page.count("Open the review")
    assert f"/o/acme/content/pieces/{variants[1].piece_id}/#review_title" in page
    page = sign_in(creating.gita).get(f"{LISTS}?tab=coming").content.decode()
    assert "Open the review" not in page and page.count("To its review") == 2


@pytest.mark.parametrize("tab", ["decide", "coming", "under_way", "published"])
def test_it_asks_as_much_for_many_as_for_one(creating: Cast, sign_in: Any, tab: str) -> None:
    client = sign_in(creating.rosa)
    state = {"decide": "missed", "coming": "ready", "under_way": "sending", "published": "accepted"}[tab]
    fill(creating, state, 1)
    one = asked(client, tab)
    fill(creating, state, 22)
    assert asked(client, tab) == one
    page = client.get(f"{LISTS}?tab={tab}").content.decode()
    after = page.split("after=")[1].split('"')[0]
    assert client.get(f"{LISTS}?tab={tab}&after={after}").content.decode().count("data-item") == 3


def fill(cast: Cast, state: str, number: int) -> None:
    at = clock.now()
    for _each in range(number):
        row = factories.publication(
            factories.variant(factories.piece(author=cast.rosa, department=cast.care)), state=state,
            put_before_person_at=at if state == "missed" else None, owner=cast.rosa,
            accepted_at=at if state == "accepted" else None,
        )  # fmt: skip
        row.deliveries.create(kind="send", started_at=at, finished_at=at, outcome="refused")
        factories.variant(row.variant.piece)


def asked(client: Client, tab: str) -> int:
    from django.db import connection

    client.get(f"{LISTS}?tab={tab}")
    with CaptureQueriesContext(connection) as found:
        assert client.get(f"{LISTS}?tab={tab}").status_code == 200
    return len(found)


def test_what_was_published_says_what_came_of_it(
    creating: Cast, planned: Any, square: Square, now: Time, sign_in: Any
) -> None:
    set_link_template(creating.organization, is_on=True, hosts=["acme.example"], by=creating.carla, at=now())
    row = planned(link="https://acme.example/wheels")
    publish(now)
    link = TrackedLink.objects.get(publication=row)
    for is_bot in (False, False, True):
        count_click(organization_id=row.organization_id, link_id=link.pk, at=now(), is_bot=is_bot, network="")
    page = sign_in(creating.rosa).get(f"{LISTS}?tab=published").content.decode()
    assert "links followed: 2 by people, 1 by programs" in page


def test_channels_of_our_own_are_opened_and_switched_off(creating: Cast, sign_in: Any) -> None:
    client = sign_in(creating.carla)
    assert client.get("/o/acme/content/channels/").status_code == 200
    client.post("/o/acme/content/channels/add/", {"network": "own-feed", "name": "Acme news"})
    feed = Channel.objects.get(network="own-feed")
    assert feed.url.endswith(f"/feeds/{feed.account_id}/") and len(feed.account_id) >= 16
    assert Client().get(f"/feeds/{feed.account_id}/").status_code == 200
    bad = {"network": "by-hand", "name": "Window", "url": "javascript:alert(1)"}
    assert client.post("/o/acme/content/channels/add/", bad).status_code == 422
    assert client.post("/o/acme/content/channels/add/", {"network": "mastodon", "name": "X"}).status_code == 422
    client.post("/o/acme/content/channels/add/", {**bad, "url": "https://acme.example/window"})
    page = client.get("/o/acme/content/channels/").content.decode()
    assert "Acme news" in page and "a person posts there" in page and "publishes by itself" in page
    client.post(f"/o/acme/content/channels/{feed.pk}/change/", {"switch": "off"})
    feed.refresh_from_db()
    assert (feed.is_active, feed.name) == (False, "Acme news")
    assert Client().get(f"/feeds/{feed.account_id}/").status_code == 404
    other = factories.channel()
    assert client.post(f"/o/acme/content/channels/{other.pk}/change/", {"switch": "off"}).status_code == 404
    assert sign_in(creating.rosa).post("/o/acme/content/channels/add/", bad).status_code == 403
