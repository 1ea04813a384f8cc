"""The calendar in calendar programs: one's own and everybody's, until the address is ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
from django.test import Client

from content.actions.campaigns import add_campaign
from content.actions.feeds import make_calendar_feed, make_shared_feed
from content.models import CalendarFeed
from roles import clock
from roles.models import Member
from tests import factories
from tests.cast import Cast


def read(key: str) -> tuple[int, list[Any]]:
    answer = Client().get(f"/content/calendar/{key}.ics")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT") if answer.status_code == 200 else []
    return answer.status_code, events


def address_in(answer: Any) -> str:
    text = answer.content.decode()
    return str(text.split('id="address" value="')[1].split('"')[0].split("/")[-1].removesuffix(".ics"))


def test_ones_own_and_everybodys(acme: Cast) -> None:
    at = clock.now()
    mine = factories.publication(factories.variant(factories.piece("Mine, and <b>bold</b>", author=acme.rosa)))
    factories.publication(factories.variant(factories.piece("Theirs", author=acme.rui)))
    factories.publication(factories.variant(factories.piece("Gone", author=acme.rosa)), state="cancelled")
    factories.publication(factories.variant(factories.piece("Old", author=acme.rosa)), due_at=at - timedelta(days=60))
    add_campaign(name="Fair", begins_on=at.date(), ends_on=at.date(), by=acme.carla, at=at)
    own = make_calendar_feed(acme.rosa, by=acme.rosa, at=at)
    status, events = read(own)
    assert status == 200 and sorted(str(event["SUMMARY"]) for event in events) == [
        "Fair", f"Mine, and <b>bold</b> · {mine.channel.name}"
    ]  # fmt: skip
    [event] = [event for event in events if "publication" in event["UID"]]
    assert event["DTSTART"].dt == mine.due_at and str(event["STATUS"]) == "TENTATIVE"
    status, events = read(make_shared_feed(acme.organization, by=acme.carla, at=at))
    assert len([event for event in events if "publication" in event["UID"]]) == 2
    assert own not in str(CalendarFeed.objects.values_list("feed_digest", flat=True))


def test_an_address_is_answered_until_it_is_revoked(acme: Cast, sign_in: Any) -> None:
    rosa, carla = sign_in(acme.rosa), sign_in(acme.carla)
    base = "/o/acme/content/calendar/address"
    answer = rosa.post(f"{base}/make/")
    assert answer.headers["Cache-Control"] == "no-store"
    first = address_in(answer)
    second = address_in(rosa.post(f"{base}/make/"))
    assert (read(first)[0], read(second)[0]) == (404, 200)
    assert rosa.post(f"{base}/revoke/").status_code == 302 and read(second)[0] == 404
    assert rosa.post(f"{base}/share/").status_code == 403
    shared = address_in(carla.post(f"{base}/share/"))
    assert read(shared)[0] == 200 and "made by Carla" in rosa.get(f"{base}/").content.decode()
    assert carla.post(f"{base}/share/revoke/").status_code == 302 and read(shared)[0] == 404
    key = make_calendar_feed(acme.rosa, by=acme.rosa, at=clock.now())
    Member.objects.filter(pk=acme.rosa.pk).update(is_active=False)
    assert read(key)[0] == 404 and read("")[0] == 404
    Member.objects.filter(pk=acme.rosa.pk).update(is_active=True)
    assert read(key)[0] == 200
    acme.rosa.positions.all().delete()
    assert read(key)[0] == 404, "who may not read it here reads it nowhere"
