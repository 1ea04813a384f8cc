"""The cadence: wall time over both changes of the clock, what falls away, what was kept, its file, its reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maturity.actions.cadence import make_feed, remind, revoke_feed, set_reminder
from maturity.actions.time import add_time
from maturity.cadence import occurrences, overlapping
from maturity.cadence_file import cadence_file
from maturity.keeping import records, told
from maturity.models import CadenceSetting, MeasuredTime
from roles import clock
from roles.actions.calendars import add_calendar, add_holiday
from roles.actions.people import Block, come_back, go_away, set_time_blocks
from roles.models import Absence, Mail, Member, Role, TimeBlock
from tests.cast import Cast, join

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = [((540, 1020),)] * 5 + [(), ()]


def block(weekday: int, begins: time, ends: time, activity: str = "monitoring", since: date | None = None) -> TimeBlock:
    return TimeBlock(organization_id=0, weekday=weekday, begins=begins, ends=ends, activity=activity, since=since)


def commit(member: Member, *blocks: tuple[Any, ...], at: datetime = NOW - timedelta(days=60)) -> None:
    set_time_blocks(member, blocks=[Block(*one) for one in blocks], by=member, at=at)


def test_nine_is_nine_on_both_sides_of_a_change() -> None:
    found = occurrences([block(0, time(9), time(10))], date(2026, 3, 23), date(2026, 4, 5), BERLIN)
    assert [one.begins_at for one in found] == [
        datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 3, 30, 7, tzinfo=UTC)
    ]  # fmt: skip
    found = occurrences([block(0, time(9), time(10))], date(2026, 10, 19), date(2026, 11, 1), BERLIN)
    assert [one.begins_at.hour for one in found] == [7, 8]


@pytest.mark.parametrize(
    ("day", "begins", "ends", "seconds"),
    [
        (date(2026, 3, 29), time(1), time(4), 2 * 3600), (date(2026, 10, 25), time(1), time(4), 4 * 3600),
        (date(2026, 3, 29), time(2), time(3), None),  # jumped over
        (date(2026, 3, 29), time(2, 30), time(3, 30), 1800), (date(2026, 3, 28), time(22), time(2), 4 * 3600),
    ],
)  # fmt: skip
def test_nights_of_the_change(day: date, begins: time, ends: time, seconds: float | None) -> None:
    found = occurrences([block(day.weekday(), begins, ends)], day, day, BERLIN)
    assert [one.seconds for one in found] == ([seconds] if seconds else [])


def test_what_lies_upon_each_other() -> None:
    late, early, noon = block(6, time(23), time(1)), block(0, time(0, 30), time(2)), block(0, time(12), time(13))
    assert overlapping([late, early, noon]) == [(late, early)]
    assert overlapping([noon, block(0, time(13), time(14))]) == []
    assert overlapping([noon, block(1, time(12), time(13))]) == []


def test_kept_missed_holiday_away_and_to_come(acme: Cast) -> None:
    acme.organization.time_zone = "Europe/Berlin"
    rosa = acme.rosa
    commit(rosa, *((day, time(9), time(10), "monitoring") for day in range(5)), (2, time(16), time(17), "monitoring"))
    office = add_calendar(acme.organization, name="Office", time_zone="Europe/Berlin", week=OFFICE, by=None, at=NOW)
    add_holiday(office, name="Feast", day=date(2026, 3, 13), by=None, at=NOW)
    go_away(rosa, until=datetime(2026, 3, 10, 20, tzinfo=UTC), by=rosa, at=datetime(2026, 3, 10, 5, tzinfo=UTC))
    go_away(rosa, by=rosa, at=datetime(2026, 3, 12, 5, tzinfo=UTC))
    come_back(rosa, by=rosa, at=datetime(2026, 3, 12, 7, 30, tzinfo=UTC))  # half past eight there
    for day, minutes in ((9, 30), (11, 59), (16, 29)):
        MeasuredTime.objects.create(member=rosa, day=date(2026, 3, day), activity="monitoring", seconds=60 * minutes)
    add_time(rosa, activity="monitoring", minutes=45, day=date(2026, 3, 12), by=rosa, at=NOW)
    add_time(rosa, activity="creating", minutes=90, day=date(2026, 3, 17), by=rosa, at=NOW)
    rows = told([Member.objects.get(pk=rosa.pk)], date(2026, 3, 9), date(2026, 3, 20), at=NOW)[rosa.pk]
    assert [(row.occurrence.day.day, row.state) for row in rows] == [
        (9, "kept"), (10, "away"), (11, "kept"), (11, "missed"), (12, "kept"), (13, "holiday"),
        (16, "missed"), (17, "missed"), (18, "missed"), (18, "to_come"), (19, "to_come"), (20, "to_come"),
    ]  # fmt: skip
    [record] = records([rosa], at=NOW)
    assert [(week.due, week.kept) for week in record.weeks[-2:]] == [(4, 3), (3, 0)] and record.in_a_row == 0
    assert [week.state for week in record.weeks[-2:]] == ["tight", "short"]


def test_blocks_count_from_the_day_on_which_they_were_committed(acme: Cast) -> None:
    commit(acme.rosa, (0, time(9), time(10), "monitoring"), at=datetime(2026, 3, 3, 9, tzinfo=UTC))
    commit(acme.rosa, (0, time(9), time(10), "monitoring"), (1, time(9), time(10), "creating"), at=NOW)
    assert [(row.weekday, row.since) for row in acme.rosa.time_blocks.all()] == [
        (0, date(2026, 3, 3)), (1, date(2026, 3, 18)),
    ]  # fmt: skip
    assert sum(week.due for week in records([acme.rosa], at=NOW)[0].weeks) == 2


def test_only_blocks_for_responding_bring_work(acme: Cast) -> None:
    elsewhere_in_the_week = (NOW.weekday() + 3) % 7
    commit(acme.rosa, (elsewhere_in_the_week, time(9), time(10), "monitoring"))
    rosa = Member.objects.get(pk=acme.rosa.pk)
    assert rosa.is_here(NOW) and Member.objects.here(NOW).filter(pk=rosa.pk).exists()
    commit(acme.rosa, (elsewhere_in_the_week, time(9), time(10), "responding"), (2, time(11), time(13), "monitoring"))
    rosa = Member.objects.get(pk=acme.rosa.pk)
    assert not rosa.is_here(NOW) and not Member.objects.here(NOW).filter(pk=rosa.pk).exists()
    assert Member.objects.outside_their_hours(NOW).filter(pk=rosa.pk).exists()


def test_the_file_says_what_the_page_says_for_a_year(acme: Cast) -> None:
    acme.organization.time_zone = "Europe/Berlin"
    commit(
        acme.rosa, (0, time(9), time(10), "monitoring"), (4, time(23), time(1), "responding"),
        (6, time(8), time(8, 30), "creating"),
    )  # fmt: skip
    office = add_calendar(acme.organization, name="Office", time_zone="Europe/Berlin", week=OFFICE, by=None, at=NOW)
    add_holiday(office, name="Easter Monday", day=date(2026, 4, 6), by=None, at=NOW)
    add_holiday(office, name="Christmas", day=date(2025, 12, 25), is_yearly=True, by=None, at=NOW)
    # Away on a Monday morning, and from a Friday evening on; another Monday until a block begins.
    for begins, ends in (("04T06:00", "04T10:00"), ("08T20:30", "09T06:00"), ("11T05:00", "11T07:00")):
        moments = [datetime.fromisoformat(f"2026-05-{moment}+00:00") for moment in (begins, ends)]
        Absence.objects.create(member=acme.rosa, begins_at=moments[0], ends_at=moments[1])
    read = icalendar.Calendar.from_ical(cadence_file(acme.rosa, at=NOW).decode())
    first, last = NOW.date(), NOW.date() + timedelta(days=365)
    events = recurring_ical_events.of(read).between(first, last + timedelta(days=1))
    in_file = sorted((event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) for event in events)
    rows = told([acme.rosa], first, last, at=NOW)[acme.rosa.pk]
    on_page = [
        (row.occurrence.begins_at.astimezone(UTC), row.occurrence.ends_at.astimezone(UTC))
        for row in rows
        if row.state == "to_come"
    ]
    assert in_file == on_page and len(on_page) == 3 * 52 - 2 - 2
    # Nine, eleven at night and eight, in winter and in summer.
    assert {begins.hour for begins, _ends in on_page} == {8, 7, 22, 21, 6}


def test_an_address_is_answered_until_it_is_revoked(acme: Cast, sign_in: Any) -> None:
    commit(acme.rosa, (0, time(9), time(10), "monitoring"))
    rosa = sign_in(acme.rosa)
    text = rosa.post("/o/acme/cadence/feed/make/").content.decode()
    address = text.split('id="address" value="')[1].split('"')[0]
    path = address[address.index("/cadence/") :]
    stranger = Client()
    answer = stranger.get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert answer.content.decode().count("BEGIN:VEVENT") == 1
    assert path.split("/")[-1].removesuffix(".ics") not in CadenceSetting.objects.get().feed_digest
    again = rosa.post("/o/acme/cadence/feed/make/")
    assert again.headers["Cache-Control"] == "no-store" and stranger.get(path).status_code == 404
    newer = again.content.decode().split('id="address" value="')[1].split('"')[0]
    path = newer[newer.index("/cadence/") :]
    assert rosa.post("/o/acme/cadence/feed/revoke/").status_code == 302 and stranger.get(path).status_code == 404
    key = make_feed(acme.rosa, by=acme.rosa, at=NOW)
    Member.objects.filter(pk=acme.rosa.pk).update(is_active=False)
    assert stranger.get(f"/cadence/{key}.ics").status_code == 404
    assert stranger.get("/cadence/.ics").status_code == 404
    with pytest.raises(PermissionDenied):
        make_feed(acme.rui, by=acme.carla, at=NOW)
    revoke_feed(acme.rui, by=acme.rui, at=NOW)


def test_one_is_reminded_once_and_neither_on_holidays_nor_away(acme: Cast) -> None:
    rosa = acme.rosa
    commit(rosa, (2, time(12, 10), time(12, 40), "monitoring"), (3, time(0, 5), time(1), "creating"))
    assert remind(at=NOW) == 0
    set_reminder(rosa, minutes=15, by=rosa, at=NOW)
    with pytest.raises(ValidationError):
        set_reminder(rosa, minutes=7, by=rosa, at=NOW)
    for moment in (NOW - timedelta(minutes=6), NOW, NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)):
        remind(at=moment)
    [mail] = Mail.objects.filter(kind="cadence")
    assert "Monitoring and research from 12:10 to 12:40" in mail.subject and "begins at 12:10" in mail.text
    remind(at=NOW.replace(hour=23, minute=55))
    assert Mail.objects.filter(kind="cadence").count() == 2, "the one after midnight"
    go_away(rosa, by=rosa, at=NOW + timedelta(days=1))
    remind(at=NOW + timedelta(days=7))
    assert Mail.objects.filter(kind="cadence").count() == 2


def test_the_pages(acme: Cast, sign_in: Any) -> None:
    rosa = sign_in(acme.rosa)
    assert "You have committed no hours yet" in rosa.get("/o/acme/cadence/").content.decode()
    form = {"count": "1", "b0-activity": "creating", "b0-weekday": "2", "b0-begins": "09:00", "b0-ends": "10:00"}
    assert rosa.post(f"/o/acme/team/{acme.rosa.pk}/time-blocks/", form).status_code == 302
    text = rosa.get("/o/acme/cadence/").content.decode()
    assert text.count("09:00–10:00 · Creating") == 2
    assert rosa.post("/o/acme/cadence/reminder/", {"minutes": "7"}).status_code == 422
    assert rosa.post("/o/acme/cadence/reminder/", {"minutes": "15"}).status_code == 302
    assert rosa.get("/o/acme/cadence/people/").status_code == 403
    TimeBlock.objects.update(since=None)
    text = sign_in(acme.carla).get("/o/acme/cadence/people/").content.decode()
    assert "Rosa" in text and "Rui" not in text


def test_the_cadence_of_many_takes_as_many_queries_as_that_of_one(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    TimeBlock.objects.create(member=acme.rosa, weekday=0, begins=time(9), ends=time(10))

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert carla.get("/o/acme/cadence/people/").status_code == 200
        return len(caught)

    few = queries()
    for number in range(19):
        TimeBlock.objects.create(
            member=join(f"P{number}", Role.RESPONDER, acme.care), weekday=1, begins=time(9), ends=time(10)
        )
    assert queries() == few


def test_over_the_api(acme: Cast, api: Any) -> None:
    blocks = [{"weekday": 2, "begins": "09:00", "ends": "10:00", "activity": "measuring"}]
    made = api(acme.rosa).post(f"/api/v1/members/{acme.rosa.pk}/time-blocks/", blocks)
    assert made.status_code == 200 and made.json()[0]["activity"] == "measuring"
    found = api(acme.carla).get(f"/api/v1/cadence/?member={acme.rosa.pk}").json()
    assert len(found["weeks"]) == 8 and {row["activity"] for row in found["coming"]} == {"measuring"}
    assert api(acme.elif_).get(f"/api/v1/cadence/?member={acme.rosa.pk}").status_code == 403
    assert api(acme.rosa).get("/api/v1/cadence/").json() == found
    assert clock.now() is not None
    rosa = api(acme.rosa)
    assert rosa.post("/api/v1/cadence/reminder/", {"minutes": 15}).json() == {"minutes": 15}
    assert rosa.post("/api/v1/cadence/reminder/", {"minutes": 7}).status_code == 400
    made = rosa.post("/api/v1/cadence/feed/")
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    setting = CadenceSetting.objects.get(member=acme.rosa)
    assert setting.remind_minutes == 15 and made.json()["address"].endswith(".ics") and setting.feed_digest
    assert rosa.post("/api/v1/cadence/feed/revoke/").status_code == 204
    assert not CadenceSetting.objects.get(member=acme.rosa).feed_digest
