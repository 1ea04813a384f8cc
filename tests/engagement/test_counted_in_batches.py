"""What a calendar's change has counted anew costs a few statements for all, and comes to the same as one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Assignment, Contact, Pause, Promise
from engagement.promises import Targets, count_anew, count_many
from engagement.watching import count_stale
from listening.ingest import ingest
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from roles.actions import calendars
from tests import factories
from tests.cast import Cast

WEEK = [((9 * 60, 17 * 60),)] * 5 + [(), ()]
LONGER = [((8 * 60, 20 * 60),)] * 5 + [(), ()]
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+00:00")


def promised(cast: Cast, number: int) -> list[Assignment]:
    rows = []
    for one in range(number):
        row = factories.assignment(department=cast.care, member=cast.rosa, at=MONDAY)
        for kind, minutes in (("first_response", 60 * 9), ("resolution", 60 * 20)):
            Promise.objects.create(
                assignment=row, kind=kind, minutes=minutes, in_business_hours=True, warn_at_percent=75,
                started_at=MONDAY, due_at=MONDAY, warn_at=MONDAY, counted_at=MONDAY, next_look_at=MONDAY,
            )  # fmt: skip
        if one % 3 == 1:
            ended = None if one % 2 else MONDAY + timedelta(hours=2)
            Pause.objects.create(assignment=row, why="consult", about=f"{one}", started_at=MONDAY, ended_at=ended)
        rows.append(row)
    return rows


def as_shown(row: Assignment) -> tuple[Any, ...]:
    fields = ("promise", "promised_at", "due_at", "warn_at", "paused_at", "first_due_at")
    looks = list(row.promises.order_by("pk").values_list("due_at", "warn_at", "next_look_at"))
    return tuple(getattr(row, name) for name in fields), looks


def test_many_are_counted_as_each(acme: Cast) -> None:
    calendars.add_calendar(
        acme.organization, name="Office", time_zone="UTC", week=WEEK, is_default=True, by=acme.carla, at=MONDAY
    )
    rows = promised(acme, 7)
    one_by_one = []
    for row in rows:
        for name, value in count_anew(row, at=MONDAY).items():
            setattr(row, name, value)
        one_by_one.append(as_shown(row))
    Promise.objects.update(due_at=MONDAY, warn_at=MONDAY, next_look_at=None)
    again = list(Assignment.objects.order_by("pk").select_related("target"))
    count_many(again, at=MONDAY, targets=Targets())
    assert [as_shown(row) for row in Assignment.objects.order_by("pk")] == one_by_one
    assert one_by_one[0][0][2] == datetime.fromisoformat("2026-11-24T11:00:00+00:00")


def test_a_change_of_hours_costs_the_same_for_one_and_for_twenty(acme: Cast) -> None:
    acting: dict[str, Any] = {"by": acme.carla, "at": MONDAY}
    office = calendars.add_calendar(
        acme.organization, name="Office", time_zone="UTC", week=WEEK, is_default=True, **acting
    )
    counts = []
    for number, week in ((1, LONGER), (19, WEEK)):
        promised(acme, number)
        calendars.change_calendar(office, name="Office", time_zone="UTC", week=week, is_default=True, **acting)
        with CaptureQueriesContext(connection) as queries:
            assert count_stale(at=MONDAY + timedelta(minutes=5)) >= number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_whom_our_own_account_answers_at_the_network_is_a_contact(acme: Cast, at: datetime) -> None:
    source = factories.source(network="practice", channel=(channel := factories.channel(account_id="7", handle="acme")))
    asks = RemotePost(id="1", text="acme is down?", author=RemoteAuthor(id="9", handle="ada"), conversation="1")
    ours = RemotePost(
        id="2", text="We are on it.", author=RemoteAuthor(id="7", handle=channel.handle), conversation="1",
        in_reply_to="1",
    )  # fmt: skip
    factories.query("acme")
    ingest(source, Page(posts=(asks,)), at=at - timedelta(hours=1))
    ingest(source, Page(posts=(ours,)), at=at)
    contact = Contact.objects.select_related("author").get()
    assert (contact.author.handle, contact.member, contact.first_at, contact.last_at) == ("ada", None, at, at)
    ingest(source, Page(posts=(asks,)), at=at + timedelta(hours=1))
    assert Contact.objects.count() == 1
