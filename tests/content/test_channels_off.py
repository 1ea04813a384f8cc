"""Channels that are off: nothing vanishes; what is planned waits with a reason, is missed with a word, or moves."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from content.actions.channels import add_channel, change_channel
from content.actions.publications import plan, plan_now
from content.actions.repurposing import move_variant
from content.actions.variant_media import attach_media
from content.models import Publication, Variant, VariantMedia
from content.publishing import publications_out
from content.punctuality import look_after_late
from engagement.refusals import Refusal
from listening.models import Channel
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast
from tests.engagement.writing import Time

State = Publication.State


@pytest.fixture
def feed(creating: Cast, now: Time) -> Channel:
    return add_channel(creating.organization, network="own-feed", name="Acme news", by=creating.carla, at=now())


@pytest.fixture
def switch(creating: Cast, now: Time) -> Any:
    def to(channel: Channel, *, on: bool) -> None:
        change_channel(channel, name=channel.name, url="", is_active=on, by=creating.carla, at=now())
        channel.refresh_from_db()

    return to


@pytest.fixture
def tomorrow(creating: Cast, written: Any, feed: Channel, now: Time) -> Publication:
    """Something that is planned for tomorrow in the feed."""
    day = now().date() + timedelta(days=1)
    variant = written(channel=feed, title="Wheels")
    return plan(variant, on_day=day, at_time=time(12), zone="UTC", by=creating.rosa, at=now())


def test_what_is_planned_waits_and_goes_on_when_it_is_on_again(
    creating: Cast, tomorrow: Publication, feed: Channel, switch: Any, now: Time
) -> None:
    due_at = tomorrow.due_at
    assert tomorrow.state == State.READY
    switch(feed, on=False)
    tomorrow.refresh_from_db()
    assert tomorrow.state == State.WAITING and "Acme news” is switched off" in tomorrow.problem
    switch(feed, on=True)
    tomorrow.refresh_from_db()
    assert (tomorrow.state, tomorrow.problem, tomorrow.next_attempt_at) == (State.READY, "", due_at)


def test_what_was_planned_in_the_same_moment_waits_when_its_time_comes(
    creating: Cast, planned: Any, feed: Channel, now: Time
) -> None:
    row = planned(channel=feed, title="Wheels")
    Channel.objects.filter(pk=feed.pk).update(is_active=False)
    assert publications_out.deliver_next(now=now)
    row.refresh_from_db()
    assert row.state == State.WAITING and "switched off" in row.problem and not row.deliveries.exists()


def test_past_its_time_it_is_missed_and_whoever_planned_it_is_told(
    creating: Cast, tomorrow: Publication, feed: Channel, switch: Any, now: Time
) -> None:
    switch(feed, on=False)
    late = tomorrow.missed_at + timedelta(minutes=1)
    look_after_late(at=late)
    tomorrow.refresh_from_db()
    assert tomorrow.state == State.MISSED and "switched off" in tomorrow.problem
    assert tomorrow.owner == creating.rosa and tomorrow.put_before_person_at == late


def test_nothing_new_is_planned_there(creating: Cast, written: Any, feed: Channel, switch: Any, now: Time) -> None:
    variant = written(channel=feed, title="Wheels")
    switch(feed, on=False)
    with pytest.raises(Refusal, match="switched off"):
        plan_now(variant, by=creating.rosa, at=now())
    assert not Publication.objects.exists()


def test_what_a_person_posts_already_is_left_with_them(creating: Cast, planned: Any, switch: Any, now: Time) -> None:
    place = add_channel(creating.organization, network="by-hand", name="Window", by=creating.carla, at=now())
    row = planned(channel=place)
    publications_out.deliver_next(now=now)
    switch(place, on=False)
    row.refresh_from_db()
    assert row.state == State.BY_HAND and row.put_before_person_at


def test_a_variant_moves_with_its_media_and_its_time(creating: Cast, written: Any, switch: Any, now: Time) -> None:
    by, picture = creating.rosa, factories.media()
    place, other = (
        add_channel(creating.organization, network="by-hand", name=name, by=creating.carla, at=now())
        for name in ("Window", "Letter")
    )
    old = written(channel=place, title="Wheels")
    attach_media(old, media=picture, by=by, at=now())
    day = now().date() + timedelta(days=1)
    row = plan(old, on_day=day, at_time=time(12), zone="UTC", grace_minutes=90, by=by, at=now())
    switch(place, on=False)
    with pytest.raises(Refusal, match="switched off"):
        move_variant(old, channel=place, by=by, at=now())
    made = move_variant(old, channel=other, by=by, at=now())
    old.refresh_from_db()
    row.refresh_from_db()
    assert old.is_dropped and row.state == State.CANCELLED
    assert (made.channel, made.text, made.title) == (other, old.text, old.title)
    assert [use.media for use in VariantMedia.objects.filter(variant=made)] == [picture]
    again = Publication.objects.get(variant=made)
    assert (again.state, again.due_at, again.grace_minutes) == (State.READY, row.due_at, 90)
    assert AuditEntry.objects.filter(verb="move_variant").count() == 1
    with pytest.raises(Refusal):
        move_variant(old, channel=other, by=by, at=now())
    with pytest.raises(PermissionDenied):
        move_variant(made, channel=place, by=creating.elif_, at=now())


def test_nothing_moves_where_a_variant_is_already_or_while_it_is_published(
    creating: Cast, tomorrow: Publication, feed: Channel, now: Time
) -> None:
    other = add_channel(creating.organization, network="own-feed", name="Other news", by=creating.carla, at=now())
    taken = factories.variant(tomorrow.variant.piece, channel=other)
    with pytest.raises(Refusal, match="already"):
        move_variant(tomorrow.variant, channel=other, by=creating.rosa, at=now())
    Variant.objects.filter(pk=taken.pk).update(is_dropped=True)
    Publication.objects.filter(pk=tomorrow.pk).update(state=State.UNKNOWN)
    with pytest.raises(Refusal, match="being published"):
        move_variant(tomorrow.variant, channel=other, by=creating.rosa, at=now())
    assert Variant.objects.in_use().get().pk == tomorrow.variant_id


def test_pages_say_what_becomes_of_it(
    creating: Cast, tomorrow: Publication, written: Any, feed: Channel, switch: Any, sign_in: Any, now: Time
) -> None:
    written(channel=feed, title="Later")
    coach, writer = sign_in(creating.carla), sign_in(creating.rosa)
    channels = coach.get("/o/acme/content/channels/").content.decode()
    assert "1 variant without a time" in channels and "1 planned publication" in channels
    assert "Once it is off, what is planned waits" in channels
    coach.post(f"/o/acme/content/channels/{feed.pk}/change/", {"switch": "off"})
    assert "It waits until the channel is on again" in coach.get("/o/acme/content/channels/").content.decode()
    here = f"/o/acme/content/pieces/{tomorrow.variant.piece_id}/"
    page = writer.get(f"{here}?variant={tomorrow.variant_id}").content.decode()
    assert "This channel is switched off" in page and "channel is off" in page and "Waits for its channel" in page
    shown = writer.get(f"/o/acme/content/publications/{tomorrow.pk}/").content.decode()
    assert "Waits for its channel" in shown and "Move to another channel" in shown
    calendar = writer.get(f"/o/acme/content/calendar/?view=list&channel={feed.pk}").content.decode()
    assert calendar.count("Its channel is switched off") == 2 and "Waits for its channel" in calendar
    assert "Waits for its channel" in writer.get("/o/acme/content/").content.decode()
    address = f"/o/acme/content/variants/{tomorrow.variant_id}/move/"
    assert "Choose a channel." in writer.post(address, {"channel": feed.pk}, follow=True).content.decode()
    other = add_channel(creating.organization, network="own-feed", name="Other news", by=creating.carla, at=now())
    moved = writer.post(address, {"channel": other.pk}, follow=True)
    assert "It is said there now." in moved.content.decode()
    assert Publication.objects.get(state=State.READY).channel == other
    assert mail.outbox == []


def test_over_the_api_it_is_the_same(creating: Cast, tomorrow: Publication, feed: Channel, api: Any, now: Time) -> None:
    coach, writer = api(creating.carla), api(creating.rosa)
    there = f"/api/v1/channels/{feed.pk}/"
    told = coach.get(there).json()
    assert (told["to_plan"], told["planned"]) == (0, 1)
    assert coach.patch(there, {"is_active": False}).json()["planned"] == 1
    waits = writer.get(f"/api/v1/publications/{tomorrow.pk}/").json()
    assert waits["state"] == "waiting" and "switched off" in waits["problem"]
    here = f"/api/v1/variants/{tomorrow.variant_id}/"
    assert writer.get(here).json()["is_channel_active"] is False
    assert writer.post(f"{here}move/", {"channel": feed.pk}).status_code == 400
    other = coach.post("/api/v1/channels/", {"network": "own-feed", "name": "Other news"}).json()
    moved = writer.post(f"{here}move/", {"channel": other["id"]}).json()
    assert (moved["channel"], moved["is_channel_active"], moved["standing"]) == (other["id"], True, "planned")
    assert writer.post(f"{here}move/", {"channel": other["id"]}).status_code == 409
