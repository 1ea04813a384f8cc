"""Slots: laid on days as clocks have them, free until something is near, and offered where one plans."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from content.actions.publications import plan
from content.actions.slots import add_slots, remove_slot
from content.models import Publication, Slot
from content.slots import free_between, next_free, opening_named
from roles import clock
from roles.models import Level, Organization
from tests import factories
from tests.cast import Cast

# A Monday.
MONDAY = datetime(2026, 3, 23, 6, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def creating(acme: Cast) -> Cast:
    """Acme, where planning is open."""
    Organization.objects.filter(pk=acme.organization.pk).update(level=Level.CREATING)
    acme.organization.level = Level.CREATING
    return acme


def slots(cast: Cast, *weekdays: int, at_time: time = time(9), zone: str = "Europe/Berlin") -> Any:
    channel = factories.channel()
    add_slots(channel, weekdays=weekdays, at_time=at_time, zone=zone, by=cast.carla, at=MONDAY)
    return channel


def test_nine_is_nine_on_both_sides_of_a_change_of_the_clock(acme: Cast) -> None:
    slots(acme, 0, 6)
    found = free_between(MONDAY, MONDAY + 2 * WEEK, at=MONDAY)
    assert [one.due_at for one in found] == [
        datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC),
        datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 4, 5, 7, tzinfo=UTC),
    ]  # fmt: skip


def test_a_slot_is_taken_by_what_is_near_and_free_again_when_that_is_cancelled(acme: Cast) -> None:
    channel = slots(acme, 1)
    tuesday = datetime(2026, 3, 24, 8, tzinfo=UTC)
    assert [one.due_at for one in next_free(channel, at=MONDAY, most=2)] == [
        tuesday,
        tuesday + WEEK - timedelta(hours=1),
    ]
    row = factories.publication(factories.variant(channel=channel), due_at=tuesday + timedelta(minutes=29))
    assert next_free(channel, at=MONDAY)[0].on_day == date(2026, 3, 31)
    Publication.objects.filter(pk=row.pk).update(due_at=tuesday + timedelta(minutes=30))
    assert next_free(channel, at=MONDAY)[0].due_at == tuesday
    Publication.objects.filter(pk=row.pk).update(due_at=tuesday, state="missed")
    assert next_free(channel, at=MONDAY)[0].due_at == tuesday
    other = factories.publication(due_at=tuesday)
    assert other.channel_id != channel.pk and next_free(channel, at=MONDAY)[0].due_at == tuesday
    assert free_between(MONDAY, MONDAY + WEEK, at=tuesday + timedelta(seconds=1)) == [], "what is past is not free"


def test_what_cannot_be_a_slot_is_refused(acme: Cast) -> None:
    channel = slots(acme, 1)
    for wrong in ({"zone": "Mars/Crater"}, {"weekdays": []}, {"weekdays": [7]}):
        said: dict[str, Any] = {"weekdays": [2], "at_time": time(9), "zone": "UTC"} | wrong
        with pytest.raises(ValidationError):
            add_slots(channel, **said, by=acme.carla, at=MONDAY)
    assert add_slots(channel, weekdays=[1], at_time=time(9), zone="Europe/Berlin", by=acme.carla, at=MONDAY) == []
    with pytest.raises(PermissionDenied):
        add_slots(channel, weekdays=[3], at_time=time(9), zone="UTC", by=acme.rosa, at=MONDAY)
    row = Slot.objects.get()
    for text in ("", "x", f"{row.pk}", f"{row.pk}-2026-03-25", f"{row.pk}-2026-99-99", "99-2026-03-24"):
        assert opening_named(text) is None, text
    assert opening_named(f"{row.pk}-2026-03-24") is not None
    remove_slot(row, by=acme.carla, at=MONDAY)
    assert not Slot.objects.exists()


def test_free_slots_stand_on_the_calendar_and_can_be_dropped_on(creating: Cast, sign_in: Any) -> None:
    carla, at = sign_in(creating.carla), clock.now()
    channel = slots(creating, *range(7), at_time=time(11, 15), zone="UTC")
    variant = factories.variant(channel=channel)
    [one] = next_free(channel, at=at + timedelta(days=1))
    here = f"/o/acme/content/calendar/?view=week&from={one.on_day}"
    assert f'data-slot="{one.key}"' in carla.get(here).content.decode()
    asked = {"slot": one.key, "day": f"{one.on_day}", "next": here}
    carla.post(f"/o/acme/content/variants/{variant.pk}/plan/", asked, headers={"HX-Request": "true"})
    row = Publication.objects.get()
    assert row.due_at == one.due_at and f'data-slot="{one.key}"' not in carla.get(here).content.decode()
    stranger = factories.variant()
    answer = carla.post(f"/o/acme/content/variants/{stranger.pk}/plan/", asked, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "is not one of" in answer.content.decode()


def test_the_pages_and_the_api(creating: Cast, sign_in: Any, api: Any) -> None:
    carla = sign_in(creating.carla)
    bare = carla.get("/o/acme/content/calendar/slots/").content.decode()
    assert "No channel yet" in bare and "/o/acme/content/channels/" in bare and "Add slots" not in bare
    channel = factories.channel()
    assert "No channel has slots yet" in carla.get("/o/acme/content/calendar/slots/").content.decode()
    form = {"channel": channel.pk, "weekdays": ["1", "3"], "at_time": "09:30", "zone": "Europe/Berlin"}
    assert carla.post("/o/acme/content/calendar/slots/add/", form).status_code == 302
    text = carla.get("/o/acme/content/calendar/slots/").content.decode()
    assert "Tuesday, 09:30" in text and "Free next:" in text
    assert carla.post("/o/acme/content/calendar/slots/add/", form | {"zone": "Mars"}).status_code == 422
    said = {"channel": channel.pk, "weekdays": [4], "at_time": "12:00", "zone": "UTC"}
    coach = api(creating.carla)
    assert [row["weekday"] for row in coach.post("/api/v1/slots/", said).json()] == [4]
    assert len(coach.get(f"/api/v1/slots/free/?channel={channel.pk}").json()) == 12
    key = Slot.objects.get(weekday=4).pk
    assert coach.delete(f"/api/v1/slots/{key}/").status_code == 204 and Slot.objects.count() == 2
    assert api(creating.rosa).post("/api/v1/slots/", said).status_code == 403


def test_what_is_planned_twice_in_one_slot_is_said_and_not_forbidden(creating: Cast) -> None:
    channel = slots(creating, *range(7), zone="UTC")
    at = clock.now()
    for _number in range(2):
        day = at.date() + timedelta(days=2)
        plan(factories.variant(channel=channel), on_day=day, at_time=time(9), zone="UTC", by=creating.carla, at=at)
    assert Publication.objects.count() == 2
