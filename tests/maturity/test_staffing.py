"""The staffing calculator: the week from hand-counted rows, and the page and API that show it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.models import ResponseTarget
from maturity import erlang
from maturity import staffing_facts as facts
from maturity.evidence.asked import Asked
from maturity.staffing import WEEK, Assumptions, Gap, plan, spread
from maturity.staffing_answer import answer, span_in_words
from measurement.actions import recompute_rollups
from measurement.handling import Handling
from measurement.windows import Window
from roles.actions.calendars import add_calendar
from roles.audit import record
from roles.models import Department, Position, Role, TimeBlock
from tests import factories
from tests.cast import Cast, join

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday
OFFICE = [((9 * 60, 17 * 60),)] * 5 + [(), ()]
USUAL = Assumptions(handling_minutes=30, target_minutes=60, share=0.8, shrinkage=0.2)


def given_work(where: Any, moment: datetime, **fields: Any) -> Any:
    mention = factories.mention(at=moment, post=factories.post(at=moment, network="feed"))
    return factories.assignment(department=where, mention=mention, at=moment, **fields)


def roll_up() -> None:
    recompute_rollups(Window.up_to(NOW, days=70, zone=ZoneInfo("UTC")), at=NOW)


def test_arrivals_are_means_by_hour_of_the_organizations_week(acme: Cast) -> None:
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    # Both Mondays at 10 in Berlin; one Sunday at half past eleven at night in UTC, which is Monday there; today not.
    for moment in (
        datetime(2026, 3, 9, 9, 5, tzinfo=UTC),
        datetime(2026, 3, 16, 9, 59, tzinfo=UTC),
        datetime(2026, 3, 16, 9, 1, tzinfo=UTC),
        datetime(2026, 3, 15, 23, 30, tzinfo=UTC),
        NOW,
    ):
        given_work(acme.care, moment)
    given_work(acme.press, datetime(2026, 3, 9, 9, 5, tzinfo=UTC))
    recompute_rollups(Window.up_to(NOW, days=70, zone=ZoneInfo("Europe/Berlin")), at=NOW)
    found = facts.arrivals(Asked(NOW), acme.care)
    assert (found.weeks, found.total) == (2, 4)
    assert {number: count for number, count in enumerate(found.by_hour) if count} == {0: 0.5, 10: 1.5}
    assert facts.arrivals(Asked(NOW), None).total == 5


def test_handling_time_leaves_out_nights_sleep_and_extremes(acme: Cast) -> None:
    add_calendar(acme.organization, name="Office", time_zone="UTC", week=OFFICE, by=None, at=NOW)
    monday = datetime(2026, 3, 16, 10, tzinfo=UTC)
    for number, minutes in enumerate((0.5, 10, 10, 10, 10, 10, 10, 10, 400)):
        claimed = monday + timedelta(minutes=number)
        given_work(
            acme.care, monday, state="claimed", claimed_at=claimed,
            first_answered_at=claimed + timedelta(minutes=minutes),
        )  # fmt: skip
    # Overnight: ten minutes before closing and ten after opening. Asleep for an hour of seventy minutes.
    given_work(
        acme.care, monday, claimed_at=monday.replace(hour=16, minute=50),
        first_answered_at=monday.replace(hour=9, minute=10) + timedelta(days=1),
    )  # fmt: skip
    row = given_work(acme.care, monday, claimed_at=monday, first_answered_at=monday + timedelta(minutes=70))
    record("snooze", row, by=acme.rosa, at=monday + timedelta(minutes=5))
    record("wake", row, by=None, at=monday + timedelta(minutes=65))
    # Answered by somebody else before this claim: not counted.
    given_work(acme.care, monday, claimed_at=monday, first_answered_at=monday - timedelta(minutes=5))
    roll_up()
    found = facts.handling(Asked(NOW), acme.care)
    # 0.5, 10 eight times (the sleeper among them), 20, 400: without the first and the last of eleven.
    assert found.sample == 11 and found.median == 10
    assert found.minutes == pytest.approx((8 * 10 + 20) / 9)
    assert facts.handling(Asked(NOW), acme.press) == Handling(None, None, 0)


def test_who_is_committed(acme: Cast) -> None:
    asked = Asked(NOW)
    TimeBlock.objects.create(member=acme.rosa, weekday=0, begins=time(9, 30), ends=time(11))
    TimeBlock.objects.create(member=acme.rosa, weekday=6, begins=time(23), ends=time(1))
    found = facts.committed(asked, acme.care)
    assert (found.people, found.without_hours) == (2, 1)
    assert {number: there for number, there in enumerate(found.by_hour) if there} == {9: 0.5, 10: 1, 167: 1, 0: 1}
    add_calendar(acme.organization, name="Office", time_zone="UTC", week=OFFICE, by=None, at=NOW)
    found = facts.committed(Asked(NOW), acme.care)
    assert sum(found.by_hour) == 0.5 + 1 + 2 + 40, "Rui has named no hours, so he is there while it is open"
    assert sum(facts.opened(Asked(NOW), acme.care)) == 40
    assert facts.committed(Asked(NOW), acme.press).people == 0


def test_a_department_is_with_all_below_it_and_nobody_counts_twice(acme: Cast) -> None:
    below = Department.objects.create(name="Returns", slug="returns", parent=acme.care)
    Department.objects.filter(pk=acme.care.pk).update(below=[below.pk])
    care = Department.objects.get(pk=acme.care.pk)
    join("Rita", Role.RESPONDER, below)
    Position.objects.create(member=acme.rui, department=below, role=Role.RESPONDER)
    add_calendar(acme.organization, name="Office", time_zone="UTC", week=OFFICE, by=None, at=NOW)
    assert [facts.committed(Asked(NOW), where).people for where in (care, below, None)] == [3, 3, 3]
    assert sum(facts.committed(Asked(NOW), care).by_hour) == 3 * 40
    monday = datetime(2026, 3, 16, 10, tzinfo=UTC)
    for where in (care, below, below, acme.press):
        for number in range(5):
            given_work(where, monday + timedelta(minutes=number), claimed_at=monday,
                       first_answered_at=monday + timedelta(minutes=9))  # fmt: skip
    roll_up()
    assert [facts.arrivals(Asked(NOW), where).total for where in (care, below, None)] == [15, 10, 20]
    assert [facts.handling(Asked(NOW), where).sample for where in (care, below, None)] == [15, 10, 20]


def test_what_was_promised(acme: Cast) -> None:
    assert facts.promised_minutes(acme.care) == acme.organization.response_minutes
    fields: dict[str, Any] = {"is_default": True, "created_at": NOW}
    ResponseTarget.objects.create(name="All", first_response_minutes=90, **fields)
    ResponseTarget.objects.create(name="Care", first_response_minutes=30, department=acme.care, **fields)
    assert [facts.promised_minutes(where) for where in (acme.care, acme.press, None)] == [30, 90, 90]


def test_what_comes_while_it_is_closed_waits_for_the_first_open_hours() -> None:
    opened = [day < 5 and 9 <= hour < 17 for day in range(7) for hour in range(24)]
    arriving = [0.0] * WEEK
    arriving[5 * 24 + 12], arriving[24 + 3], arriving[24 + 10] = 6, 2, 1
    found = spread(arriving, opened, over=3)
    assert {number: count for number, count in enumerate(found) if count} == {
        9: 2, 10: 2, 11: 2, 33: pytest.approx(2 / 3), 34: pytest.approx(2 / 3 + 1), 35: pytest.approx(2 / 3),
    }  # fmt: skip


@given(st.integers(0, 10**9), st.floats(0, 1), st.integers(1, 200))
def test_nothing_is_lost_and_nothing_is_left_to_closed_hours(seed: int, open_share: float, over: int) -> None:
    chance = random.Random(seed)
    opened = [chance.random() < open_share for _hour in range(WEEK)]
    arriving = [20 * chance.random() for _hour in range(WEEK)]
    found = spread(arriving, opened, over=over)
    assert sum(found) == pytest.approx(sum(arriving))
    if any(opened):
        assert all(count == 0 for count, is_open in zip(found, opened, strict=True) if not is_open)


def test_the_plan_says_short_tight_and_enough() -> None:
    arriving, there = [0.0] * WEEK, [0.0] * WEEK
    arriving[9:13] = [1, 1, 1, 8]
    there[9:13] = [0, 1, 2, 2]
    week = plan(arriving, [True] * WEEK, there, USUAL)
    needed = erlang.needed(0.5, handling=30, target=60, share=0.8)
    assert [hour.state for hour in week.hours[8:13]] == ["none", "short", "tight", "enough", "short"] and needed == 1
    assert week.hours[12].needed == erlang.needed(4, handling=30, target=60, share=0.8)
    assert week.gaps[0] == Gap(12, 13, week.hours[12].needed - 2) and week.gaps[1] == Gap(9, 10, 1)
    assert week.there == 5 and week.well_placed == 0 + 1 + 1 + 2
    assert week.needed == pytest.approx((3 + week.hours[12].needed) / 0.8)


def test_hours_in_words() -> None:
    assert span_in_words(Gap(33, 36, 1)) == "Tuesday 09:00–12:00"
    assert span_in_words(Gap(160, 168, 1)) == "Sunday 16:00–24:00"
    assert span_in_words(Gap(47, 50, 1)) == "Tuesday 23:00 – Wednesday 02:00"


def test_the_page_and_the_api_say_the_same(acme: Cast, sign_in: Any, api: Any) -> None:
    now = datetime.now(UTC)
    client = sign_in(acme.carla)
    assert "Nothing to plan with yet" in client.get("/o/acme/playbook/staffing/").content.decode()
    for number in range(6):
        given_work(acme.care, now - timedelta(days=1, minutes=number))
    recompute_rollups(Window.up_to(now, days=10, zone=ZoneInfo("UTC")), at=now)
    address = f"/o/acme/playbook/staffing/?department={acme.care.pk}&handling_minutes=20&target_minutes=30&shrinkage=0"
    text = client.get(address).content.decode()
    assert "somebody is missing" in text and "heat--short" in text
    assert client.get("/o/acme/playbook/staffing/?share=100").status_code == 400
    assert sign_in(acme.rosa).get(address).status_code == 403
    found = api(acme.elif_).get(f"/api/v1/staffing/?department={acme.care.pk}&handling_minutes=20").json()
    assert len(found["hours"]) == 168 and found["handling_measured_minutes"] is None
    assert found["hours"] == [
        {
            "number": hour.number, "arriving": hour.arriving, "to_do": hour.to_do, "needed": hour.needed,
            "there": hour.there, "state": hour.state,
        }
        for hour in answer(now, acme.care, handling_minutes=20).week.hours
    ]  # fmt: skip
    assert api(acme.elif_).get("/api/v1/staffing/?factor=0").status_code == 400
