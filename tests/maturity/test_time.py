"""Actual time: what counts and once only, what people say of it, and what adds up."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from content.calendar_days import monday_of
from engagement.models import Assignment
from maturity import staffing_facts
from maturity.actions.time import add_time, be_at_it, correct_time, forget_old_time, go_on, take_back_time
from maturity.evidence.asked import Asked
from maturity.models import LastSign, MeasuredTime, TimeEntry
from maturity.spent import actual, week_of, week_of_people
from maturity.time_forms import LengthField
from roles.models import AuditEntry, Member, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday
TODAY = NOW.date()


def said(member: Member, at: datetime, seconds: float = 30, activity: str = "responding") -> None:
    be_at_it(member, activity=activity, seconds=seconds, by=member, at=at)


def opened(member: Member, at: datetime, activity: str = "responding") -> None:
    go_on(member, activity=activity, by=member, at=at)


def measured(member: Member) -> dict[tuple[str, str], float]:
    rows = MeasuredTime.objects.filter(member=member)
    return {(f"{row.day:%d}", row.activity): round(row.seconds, 3) for row in rows}


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_half_minutes_add_up_and_idle_ones_do_not(acme: Cast) -> None:
    for second in (30, 60, 90):
        said(acme.rosa, later(second))
    said(acme.rosa, later(1000), seconds=12)  # back after a quarter of an hour
    said(acme.rosa, later(1010), seconds=10, activity="monitoring")
    assert measured(acme.rosa) == {("18", "responding"): 102, ("18", "monitoring"): 10}
    said(acme.rosa, later(5000), seconds=4000)
    assert measured(acme.rosa)["18", "responding"] == 162, "no page may claim more than a minute at once"


def test_two_windows_count_once(acme: Cast) -> None:
    for second in range(30, 331, 30):
        said(acme.rosa, later(second))
        said(acme.rosa, later(second + 10), activity="monitoring")
    assert sum(measured(acme.rosa).values()) == 340
    said(acme.rosa, later(340), seconds=60)  # told twice, as after a broken connection
    said(acme.rosa, later(300), seconds=60)  # told late
    assert sum(measured(acme.rosa).values()) == 340
    assert LastSign.objects.get().at == later(340)


def test_without_script_the_next_page_tells(acme: Cast) -> None:
    opened(acme.rosa, later(0))
    opened(acme.rosa, later(200), activity="")
    opened(acme.rosa, later(260), activity="monitoring")
    opened(acme.rosa, later(290))
    opened(acme.rosa, later(290 + 301))
    assert measured(acme.rosa) == {("18", "responding"): 200, ("18", "monitoring"): 30}


STEPS = st.lists(st.tuples(st.integers(0, 400), st.floats(0, 90), st.booleans()), min_size=1, max_size=15)


def test_never_more_than_the_clock_shows(acme: Cast) -> None:
    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def walk(steps: list[tuple[int, float, bool]]) -> None:
        with transaction.atomic():
            at, told = NOW, 0.0
            for step, seconds, tells in steps:
                at += timedelta(seconds=step)
                if tells:
                    said(acme.rosa, at, seconds)
                    told += min(seconds, 60)
                else:
                    opened(acme.rosa, at)
            counted = sum(row.seconds for row in MeasuredTime.objects.all())
            lasted = (at - NOW) / timedelta(seconds=1)
            assert 0 <= counted <= lasted + 60 + 0.01
            if all(tells for _step, _seconds, tells in steps):
                assert counted <= told + 0.01
            transaction.set_rollback(True)

    walk()


@pytest.mark.parametrize(
    ("zone", "at", "found"),
    [
        ("UTC", datetime(2026, 3, 18, 0, 0, 20, tzinfo=UTC), {"17": 10, "18": 20}),
        ("Asia/Kolkata", datetime(2026, 3, 17, 18, 30, 20, tzinfo=UTC), {"17": 10, "18": 20}),
        # The clock goes forward at two and back at three: the day changes at its midnight all the same.
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 0, 20, tzinfo=UTC), {"28": 10, "29": 20}),
        ("Europe/Berlin", datetime(2026, 3, 29, 22, 0, 20, tzinfo=UTC), {"29": 10, "30": 20}),
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, 20, tzinfo=UTC), {"29": 30}),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 0, 20, tzinfo=UTC), {"25": 30}),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, 20, tzinfo=UTC), {"25": 10, "26": 20}),
        # There midnight itself is jumped over, or comes twice.
        ("Africa/Cairo", datetime(2026, 4, 23, 22, 0, 20, tzinfo=UTC), {"23": 10, "24": 20}),
        ("America/Havana", datetime(2026, 11, 1, 5, 0, 20, tzinfo=UTC), {"01": 30}),
    ],
)
def test_days_are_those_of_the_organization(acme: Cast, zone: str, at: datetime, found: dict[str, float]) -> None:
    acme.organization.time_zone = zone
    said(acme.rosa, at)
    assert {day: seconds for (day, _activity), seconds in measured(acme.rosa).items()} == found


@pytest.mark.django_db(transaction=True)
def test_windows_that_tell_at_once_count_once(cast: Cast) -> None:
    with acting_for(cast.organization):
        said(cast.rosa, NOW, 0)
    barrier = threading.Barrier(6)

    def tell(number: int) -> None:
        with acting_for(cast.organization):
            barrier.wait()
            for second in range(5, 61, 5):
                said(cast.rosa, later(second), 30, "monitoring" if number % 2 else "responding")
        connection.close()

    windows = [threading.Thread(target=tell, args=(number,)) for number in range(6)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    with acting_for(cast.organization):
        assert sum(measured(cast.rosa).values()) == pytest.approx(60)


def test_a_correction_stands_beside_what_was_measured_and_lets_go_on(acme: Cast) -> None:
    rosa = acme.rosa
    said(rosa, later(30))
    acting: dict[str, Any] = {"by": rosa, "at": later(60), "day": TODAY, "activity": "responding"}
    add_time(rosa, minutes=20, **acting)
    correct_time(rosa, minutes=15, **acting)
    cell = week_of(rosa, monday_of(TODAY)).lines[2].cells[1]
    assert (cell.measured, cell.added, cell.seconds, cell.is_corrected) == (30, 1200, 900, True)
    said(rosa, later(90))
    correct_time(rosa, minutes=15.5, **acting)  # as it is: nothing to say
    assert AuditEntry.objects.filter(verb="correct_time").count() == 1
    correct_time(rosa, minutes=10, **acting)
    assert week_of(rosa, monday_of(TODAY)).totals[1] == 600
    assert TimeEntry.objects.filter(kind="corrected").count() == 1
    take_back_time(TimeEntry.objects.get(kind="added"), by=rosa, at=later(99))
    assert week_of(rosa, monday_of(TODAY)).totals[1] == 60, "a correction that counted on it went too"
    entry = AuditEntry.objects.filter(verb="correct_time").order_by("-pk")[0]
    assert entry.before is None and entry.after is None, "the log names no figures"


def test_a_correction_reaches_no_other_day(acme: Cast) -> None:
    # More was taken off than is there any more: that day counts as nothing, and the others as they are.
    for day, kind, minutes in (
        (TODAY, "added", 20),
        (TODAY, "corrected", -50),
        (TODAY - timedelta(days=1), "added", 30),
    ):
        TimeEntry.objects.create(
            member=acme.rosa, day=day, activity="responding", kind=kind, seconds=60 * minutes, entered_at=NOW
        )
    assert week_of(acme.rosa, monday_of(TODAY)).seconds == 30 * 60
    assert week_of_people([acme.rosa], monday_of(TODAY)).seconds == 30 * 60


def test_what_cannot_be(acme: Cast) -> None:
    rosa = acme.rosa
    acting: dict[str, Any] = {"by": rosa, "at": NOW}
    for wrong in (
        {"activity": "sleeping", "minutes": 5, "day": TODAY}, {"activity": "creating", "minutes": 0, "day": TODAY},
        {"activity": "creating", "minutes": 1441, "day": TODAY},
        {"activity": "creating", "minutes": 5, "day": TODAY + timedelta(days=1)},
        {"activity": "creating", "minutes": 5, "day": TODAY - timedelta(days=93)},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            add_time(rosa, **wrong, **acting)
    add_time(rosa, activity="creating", minutes=1000, day=TODAY, **acting)
    for verb in (add_time, correct_time):
        with pytest.raises(ValidationError):
            verb(rosa, activity="monitoring", minutes=500, day=TODAY, **acting)
    with pytest.raises(PermissionDenied):
        add_time(rosa, activity="creating", minutes=5, day=TODAY, by=acme.carla, at=NOW)


def test_what_was_spent_on_average_of_whole_weeks(acme: Cast) -> None:
    # Whole weeks before NOW: 16 February to 15 March. Measured since 25 February: three weeks of them.
    for day, who, activity, minutes in (
        (date(2026, 2, 25), acme.rosa, "responding", 60), (date(2026, 3, 15), acme.rosa, "responding", 120),
        (date(2026, 3, 15), acme.gita, "monitoring", 90), (date(2026, 3, 16), acme.gita, "monitoring", 500),
    ):  # fmt: skip
        MeasuredTime.objects.create(member=who, day=day, activity=activity, seconds=60 * minutes)
    add_time(acme.rosa, activity="initiating", minutes=45, day=date(2026, 3, 9), by=acme.rosa, at=NOW)
    correct_time(acme.rosa, activity="responding", minutes=30, day=date(2026, 3, 15), by=acme.rosa, at=NOW)
    found = actual(TODAY)
    assert found is not None and (found.weeks, found.first, found.last) == (3, date(2026, 2, 16), date(2026, 3, 15))
    assert found.hours == {"responding": 0.5, "monitoring": 0.5, "initiating": 0.25}
    in_care = actual(TODAY, acme.care)
    assert in_care is not None and in_care.hours == {"responding": 0.5, "initiating": 0.25}
    assert actual(TODAY - timedelta(days=60)) is None


def test_handling_is_time_spent_over_what_it_ended(acme: Cast) -> None:
    rita = join("Rita", Role.RESPONDER, acme.care)
    yesterday = NOW - timedelta(days=1)
    for who in (acme.rosa, acme.rui, rita):
        MeasuredTime.objects.create(member=who, day=yesterday.date(), activity="responding", seconds=3600)
    MeasuredTime.objects.create(member=acme.gita, day=yesterday.date(), activity="monitoring", seconds=9999)
    assert staffing_facts.hands_on(Asked(NOW), acme.care) is None, "nothing was ended"
    for number in range(12):
        who = (acme.rosa, acme.rui, rita)[number % 3]
        ended: dict[str, Any] = {"first_answered_at": yesterday} if number % 2 else {"resolved_at": yesterday}
        ended |= {} if number % 2 else {"state": "resolved"}
        row = factories.assignment(department=acme.care, member=who, at=yesterday - timedelta(hours=1))
        Assignment.objects.filter(pk=row.pk).update(**ended)
    found = staffing_facts.hands_on(Asked(NOW), acme.care)
    assert found == staffing_facts.HandsOn(15.0, 3.0, 12)
    MeasuredTime.objects.filter(member=rita).delete()
    assert staffing_facts.hands_on(Asked(NOW), acme.care) is None, "it would be the time of two"


def test_after_two_years_it_is_removed(acme: Cast) -> None:
    for days in (10, 740):
        day = TODAY - timedelta(days=days)
        MeasuredTime.objects.create(member=acme.rosa, day=day, activity="creating", seconds=60)
    assert forget_old_time(at=NOW) == 1 and MeasuredTime.objects.count() == 1


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("1:30", 90), ("90", 90), ("1.5 h", 90), ("1,5h", 90), ("1h30", 90), ("0:05", 5), ("2 h", 120), ("45 min", 45)],
)
def test_lengths_as_people_write_them(written: str, minutes: int) -> None:
    assert LengthField().clean(written) == minutes


@pytest.mark.parametrize("written", ["soon", "1:2:3", "-5", "h", "–", "<b>"])
def test_lengths_that_are_none(written: str) -> None:
    with pytest.raises(ValidationError):
        LengthField().clean(written)


def test_another_organization_counts_its_own(acme: Cast) -> None:
    said(acme.rosa, NOW)
    with acting_for(acme.elsewhere):
        said(acme.sam, NOW)
        assert MeasuredTime.objects.count() == 1 and actual(TODAY) is None
    assert MeasuredTime.objects.get().member == acme.rosa
