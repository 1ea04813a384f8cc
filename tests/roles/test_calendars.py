"""Business hours: written, changed, removed and chosen; holidays by hand and from iCalendar files."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from config.catalogs import compile_all
from roles import clock
from roles.actions import calendars as actions
from roles.business_hours import Calendars, hours_of
from roles.models import AuditEntry, Calendar, Holiday, Position
from roles.opening_words import read_spans, spans_in_words, week_in_words
from roles.tenancy import acting_for
from roles.wording import listed
from tests.cast import Cast

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
WEEK: list[Any] = [((540, 1080),)] * 5 + [(), ()]


def calendar(acme: Cast, name: str = "Office", **fields: Any) -> Calendar:
    said: dict[str, Any] = {"time_zone": "Europe/Berlin", "week": WEEK, "by": acme.carla, "at": AT, **fields}
    return actions.add_calendar(acme.organization, name=name, **said)


def change(row: Calendar, acme: Cast, **fields: Any) -> Calendar:
    now_so = {"name": row.name, "time_zone": row.time_zone, "week": actions.week_of(row)}
    return actions.change_calendar(row, **now_so | fields, by=acme.carla, at=AT)


def test_the_first_one_is_the_default_and_a_department_may_have_its_own(acme: Cast) -> None:
    office = calendar(acme)
    night = calendar(acme, "Night", week=[((1320, 1560),)] * 7)
    assert (office.is_default, night.is_default) == (True, False)
    actions.choose_calendar(acme.press, calendar=night, by=acme.carla, at=AT)
    known = Calendars()
    assert (known.of_department(acme.care.pk), known.of_department(acme.press.pk)) == (office.pk, night.pk)
    change(night, acme, is_default=True)
    assert list(Calendar.objects.filter(is_default=True)) == [night]


def test_without_any_time_counts_around_the_clock(acme: Cast) -> None:
    known = Calendars()
    assert known.hours(known.of_department(acme.care.pk)) is clock.ALWAYS


def test_a_calendar_that_is_never_open_is_refused(acme: Cast) -> None:
    with pytest.raises(ValidationError, match="Give it an opening hour"):
        calendar(acme, week=[()] * 7)
    with pytest.raises(ValidationError, match="no time zone of this name"):
        calendar(acme, time_zone="Middle/Earth")
    assert not Calendar.objects.exists()


def test_what_is_counted_with_it_changes_with_it(acme: Cast) -> None:
    row = calendar(acme)
    friday = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)
    monday = datetime(2026, 11, 30, 10, 30, tzinfo=UTC)
    assert clock.due(friday, 240, hours=hours_of(Calendar.objects.get())) == monday
    actions.add_holiday(row, name="Founders' day", day=date(2026, 11, 30), by=acme.carla, at=AT)
    assert clock.due(friday, 240, hours=hours_of(Calendar.objects.get())) == monday + timedelta(days=1)
    actions.remove_holiday(Holiday.objects.get(), by=acme.carla, at=AT)
    assert clock.due(friday, 240, hours=hours_of(Calendar.objects.get())) == monday


def test_a_default_is_not_removed_and_the_others_are(acme: Cast) -> None:
    office, night = calendar(acme), calendar(acme, "Night")
    actions.choose_calendar(acme.press, calendar=night, by=acme.carla, at=AT)
    with pytest.raises(ValidationError, match="default"):
        actions.remove_calendar(office, by=acme.carla, at=AT)
    actions.remove_calendar(night, by=acme.carla, at=AT)
    acme.press.refresh_from_db()
    assert (acme.press.calendar, Calendar.objects.count()) == (None, 1)
    assert AuditEntry.objects.filter(verb="remove_calendar").count() == 1


def test_only_those_who_hold_the_whole_set_hours_and_a_department_is_its_coachs(acme: Cast) -> None:
    row = calendar(acme)
    Position.objects.filter(member=acme.carla).update(department=acme.press)
    del acme.carla.held_positions
    with pytest.raises(PermissionDenied, match="whole organization"):
        actions.add_holiday(row, name="Mine", day=AT.date(), by=acme.carla, at=AT)
    actions.choose_calendar(acme.press, calendar=row, by=acme.carla, at=AT)
    with pytest.raises(PermissionDenied):
        actions.choose_calendar(acme.care, calendar=row, by=acme.carla, at=AT)
    with pytest.raises(PermissionDenied):
        actions.remove_calendar(row, by=acme.rosa, at=AT)


# Holidays from files.


def ics(*events: str) -> str:
    inner = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{inner}END:VCALENDAR\r\n"


def event(uid: str, day: str, name: str = "A day", *more: str) -> str:
    return "\r\n".join([f"UID:{uid}", f"DTSTART;VALUE=DATE:{day}", f"SUMMARY:{name}", *more])


def take(row: Calendar, acme: Cast, text: str) -> tuple[int, int, int, int]:
    done = actions.import_holidays(row, text=text, by=acme.carla, at=AT)
    return done.added, done.changed, done.removed, done.unchanged


def days(row: Calendar) -> list[tuple[str, str, bool]]:
    return [(one.day.isoformat(), one.name, one.is_yearly) for one in row.holidays.order_by("day", "pk")]


def test_a_file_is_taken_over_and_the_same_again_changes_nothing(acme: Cast) -> None:
    row = calendar(acme)
    file = ics(
        event("xmas", "20201225", "Christmas", "RRULE:FREQ=YEARLY"),
        event("easter-2027", "20270329", "Easter Monday"),
        event("bridge", "20261228", "Between the years", "DTEND;VALUE=DATE:20261231"),
    )
    assert take(row, acme, file) == (5, 0, 0, 0)
    before, entries = days(row), AuditEntry.objects.count()
    assert before == [
        ("2020-12-25", "Christmas", True),
        ("2026-12-28", "Between the years", False),
        ("2026-12-29", "Between the years", False),
        ("2026-12-30", "Between the years", False),
        ("2027-03-29", "Easter Monday", False),
    ]
    assert take(row, acme, file) == (0, 0, 0, 5)
    assert (days(row), AuditEntry.objects.count()) == (before, entries)


def test_a_later_file_moves_renames_and_cancels_by_uid_and_leaves_the_rest(acme: Cast) -> None:
    row = calendar(acme)
    actions.add_holiday(row, name="By hand", day=date(2026, 12, 24), hours=((540, 720),), by=acme.carla, at=AT)
    take(row, acme, ics(event("a", "20270101", "One"), event("b", "20270201", "Two"), event("c", "20270301", "Three")))
    later = ics(
        event("a", "20270102", "One"), event("b", "20270201", "Deux"), event("c", "20270301", "3", "STATUS:CANCELLED")
    )
    assert take(row, acme, later) == (1, 1, 2, 0)
    assert [line[:2] for line in days(row)] == [
        ("2026-12-24", "By hand"), ("2027-01-02", "One"), ("2027-02-01", "Deux"),
    ]  # fmt: skip


def test_rules_and_their_exceptions_are_written_out(acme: Cast) -> None:
    row = calendar(acme)
    thursday = event("t", "20201126", "Thanksgiving", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
                     "EXDATE;VALUE=DATE:20271125")  # fmt: skip
    take(row, acme, ics(thursday))
    found = [line[0] for line in days(row)]
    assert "2026-11-26" in found and "2027-11-25" not in found and "2028-11-23" in found
    assert take(row, acme, ics(thursday))[:3] == (0, 0, 0)


def test_what_a_person_wrote_comes_before_what_was_imported(acme: Cast) -> None:
    row = calendar(acme)
    actions.add_holiday(row, name="Half", day=date(2026, 12, 24), hours=((540, 720),), by=acme.carla, at=AT)
    take(row, acme, ics(event("eve", "20261224", "Christmas Eve")))
    assert hours_of(Calendar.objects.get()).spans_on(date(2026, 12, 24)) == ((540, 720),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "Choose a file that ends in .ics"),
        ("", "no event in this file"),
        ("<html><body>Sign in</body></html>", "not an iCalendar file"),
        ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR", "no event in this file"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT", "no event in this file"),
        (ics(*(event(str(n), "20270101", "x", "RRULE:FREQ=YEARLY;BYDAY=1MO") for n in range(101))), "single days"),
        ("x" * 1_000_001, "too large"),
    ],
)  # fmt: skip
def test_a_bad_file_says_what_to_do(acme: Cast, text: str, says: str) -> None:
    row = calendar(acme)
    with pytest.raises(ValidationError, match=says):
        take(row, acme, text)
    assert not row.holidays.exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (event("a", "20270101", "Every day", "RRULE:FREQ=DAILY"), "week's hours"),
        (event("a", "20270101", "Each second", "RRULE:FREQ=YEARLY;BYSECOND=1,2"), "week's hours"),
        ("UID:a\r\nDTSTART:20270101T140000Z\r\nSUMMARY:Party", "time of day"),
        (event("a", "20270101", "A year off", "DTEND;VALUE=DATE:20280101"), "longer than a month"),
        ("UID:a\r\nDTSTART:soon\r\nSUMMARY:Soon", "cannot be read"),
        ("UID:a\r\nSUMMARY:Never", "cannot be read"),
        (event("a", "20270101", "Odd", "RRULE:FREQ=YEARLY;BYDAY=9QQ"), "cannot be read"),
        (event("a", "99991231", "The last of all days"), "cannot be read|is a placeholder"),
        (event("a", "00010101", "The first"), "is a placeholder"),
    ],
)
def test_an_event_that_is_no_holiday_is_left_out_with_the_reason(acme: Cast, lines: str, says: str) -> None:
    row = calendar(acme)
    done = actions.import_holidays(row, text=ics(lines, event("b", "20270201", "Good")), by=acme.carla, at=AT)
    assert [line[1] for line in days(row)] == ["Good"]
    assert len(done.left_out) == 1 and re.search(says, done.left_out[0][1])


# Words.


@pytest.mark.parametrize(
    ("text", "spans", "again"),
    [
        ("09:00-18:00", ((540, 1080),), "09:00–18:00"),
        ("9 – 12.30, 13:30—18", ((540, 750), (810, 1080)), "09:00–12:30, 13:30–18:00"),
        ("22:00-02:00", ((1320, 1560),), "22:00–02:00"),
        ("24 h", ((0, 1440),), "00:00–24:00"),
        ("0:00-24:00", ((0, 1440),), "00:00–24:00"),
        ("closed", (), "closed"),
        ("", (), "closed"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: Any, again: str) -> None:
    assert (read_spans(text), spans_in_words(spans)) == (spans, again)
    assert read_spans(again) == spans


@pytest.mark.parametrize("text", ["nine to five", "25:00-26:00", "9:60-10", "9-12, 11-14", "9", "9-10-11", "24:30-25"])
def test_hours_that_cannot_be_read_say_how_to_write_them(text: str) -> None:
    with pytest.raises(ValidationError):
        read_spans(text)


def test_a_week_in_one_line() -> None:
    assert week_in_words(WEEK) == "Monday to Friday 09:00–18:00"
    assert week_in_words([((0, 1440),)] * 7) == "Every day 00:00–24:00"
    odd: list[Any] = [((540, 720),), (), ((540, 1080),), ((540, 1080),), (), (), ((600, 660),)]
    assert week_in_words(odd) == "Monday 09:00–12:00; Wednesday and Thursday 09:00–18:00; Sunday 10:00–11:00"
    assert week_in_words([()] * 7) == "Never open"


def test_hours_have_the_plain_comma_in_every_language() -> None:
    compile_all()
    with translation.override("ja"):
        assert listed(["a", "b"]) == "a、b"
        assert spans_in_words(((540, 750), (810, 1080))) == "09:00–12:30, 13:30–18:00"
        assert read_spans("09:00–12:30、13:30–18:00") == ((540, 750), (810, 1080))


# Pages and API.


def test_a_coach_sets_hours_on_the_page_and_reads_what_they_mean(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.carla)
    week = {f"day{day}": "9-18" if day < 5 else "" for day in range(7)}
    data = {"name": "Office", "time_zone": "Europe/Berlin", **week}
    bad = client.post("/o/acme/calendars/add/", {**data, "day0": "whenever"})
    assert bad.status_code == 422 and "09:00–12:30" in bad.content.decode()
    empty = client.post("/o/acme/calendars/add/", {"name": "Office", "time_zone": "Europe/Berlin"})
    assert empty.status_code == 422 and "Give it an opening hour" in empty.content.decode()
    assert client.post("/o/acme/calendars/add/", data).status_code == 302
    with acting_for(cast.organization):
        row = Calendar.objects.get()
    page = client.get(f"/o/acme/calendars/{row.pk}/", {"within": "4", "start": "2026-11-27T16:30"}).content.decode()
    assert "Monday to Friday 09:00–18:00" in page
    assert "on Friday, 27 November 2026 16:30 is due on <strong>Monday, 30 November 2026 11:30</strong>" in page
    file = ics(event("x", "20281225", "<script>alert(1)</script>"))
    answer = client.post(f"/o/acme/calendars/{row.pk}/import-holidays/", {"text": file}, follow=True)
    page = answer.content.decode()
    assert "Added: 1" in page and "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    bad = client.post(f"/o/acme/calendars/{row.pk}/import-holidays/", {"text": "nonsense"})
    assert bad.status_code == 422 and "ends in .ics" in bad.content.decode()
    assert (
        client.post(
            f"/o/acme/calendars/{row.pk}/add-holiday/", {"name": "A", "day": "2026-12-24", "hours": "9-12"}
        ).status_code
        == 302
    )
    seen = sign_in(cast.rosa).get(f"/o/acme/calendars/{row.pk}/").content.decode()
    assert "A" in seen and "Import an iCalendar file" not in seen
    assert client.get("/o/acme/calendars/").status_code == 200


def test_the_list_asks_as_often_for_one_as_for_many(cast: Cast, sign_in: Any, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(cast.carla)
    with acting_for(cast.organization):
        row = calendar(cast)
    client.get("/o/acme/calendars/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/o/acme/calendars/")
    with acting_for(cast.organization):
        for number in range(20):
            calendar(cast, f"Office {number}")
            actions.add_holiday(row, name=str(number), day=AT.date() + timedelta(days=number), by=None, at=AT)
    with django_assert_num_queries(len(one)):
        client.get("/o/acme/calendars/")


def test_programs_do_the_same(api: Any, cast: Cast) -> None:
    carla = api(cast.carla)
    body = {"name": "Office", "time_zone": "Asia/Kolkata", "week": ["9:00-18:00"] * 5 + ["", ""]}
    made = carla.post("/api/v1/calendars/", body)
    assert made.status_code == 201, made.json()
    assert (made.json()["in_words"], made.json()["is_default"]) == ("Monday to Friday 09:00–18:00", True)
    address = f"/api/v1/calendars/{made.json()['id']}/"
    due = carla.get(f"{address}due/", {"start": "2026-11-27T16:30:00+05:30", "minutes": 240}).json()["due_at"]
    assert datetime.fromisoformat(due) == datetime.fromisoformat("2026-11-30T11:30:00+05:30")
    done = carla.post(f"{address}import-holidays/", {"text": ics(event("x", "20261130", "Day"))})
    assert done.json() == {"added": 1, "changed": 0, "removed": 0, "unchanged": 0, "left_out": []}
    (one,) = carla.get(f"{address}holidays/").json()
    assert (one["day"], one["is_imported"]) == ("2026-11-30", True)
    bad = carla.patch(address, {"week": ["soon"] * 7})
    assert bad.status_code == 400 and "errors" in bad.json()
    assert carla.patch(address, {"name": "Mumbai"}).json()["name"] == "Mumbai"
    assert carla.post(f"{address}remove-holiday/{one['id']}/").status_code == 204
    assert carla.delete(address).status_code == 400
    assert api(cast.rosa).post("/api/v1/calendars/", body).status_code == 403
    assert api(cast.rosa).get("/api/v1/calendars/").status_code == 200
    assert api(cast.sam).get(address).status_code == 404
