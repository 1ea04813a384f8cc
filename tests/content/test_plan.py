"""Plans: for a moment that the clocks of a zone show, once, by those who may."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from content.actions.publications import plan, plan_now, replan, settle_publication, unplan
from content.models import Publication
from content.punctuality import reckon_due_times
from engagement.refusals import Refusal
from tests.cast import Cast
from tests.content.doubles import Square
from tests.content.publishing import publish
from tests.engagement.writing import Time


@pytest.mark.parametrize("day", [date.max, date.min])
def test_no_calendar_shows_such_a_day(creating: Cast, written: Any, now: Time, day: date) -> None:
    for zone in ("Pacific/Honolulu", "Pacific/Auckland"):
        with pytest.raises(ValidationError, match="between 1971 and 2198"):
            plan(written(), on_day=day, at_time=time(23, 59), zone=zone, by=creating.rosa, at=now())


def test_it_is_planned_once_and_not_for_the_past(creating: Cast, written: Any, now: Time) -> None:
    variant = written()
    row = plan_now(variant, by=creating.rosa, at=now())
    with pytest.raises(Refusal, match="planned already"):
        plan_now(variant, by=creating.rosa, at=now())
    with pytest.raises(Refusal, match="passed"):
        replan(row, on_day=date(2020, 1, 1), at_time=time(9), zone="UTC", by=creating.rosa, at=now())
    with pytest.raises(ValidationError):
        replan(row, on_day=date(2099, 1, 1), at_time=time(9), zone="Nowhere", by=creating.rosa, at=now())
    unplan(row, by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert row.state == "cancelled"
    with pytest.raises(Refusal):
        unplan(row, by=creating.rosa, at=now())
    assert plan_now(variant, by=creating.rosa, at=now()).state == "ready"


def test_only_those_who_publish_plan_and_settle(creating: Cast, planned: Any, written: Any, now: Time) -> None:
    row = planned()
    for member in (creating.gita, creating.bodo, creating.elif_, creating.olga):
        with pytest.raises(PermissionDenied):
            plan_now(written(), by=member, at=now())
        with pytest.raises(PermissionDenied):
            unplan(row, by=member, at=now())
        with pytest.raises(PermissionDenied):
            settle_publication(row, decision="give_up", by=member, at=now())


# Berlin puts its clocks forward at 2:00 on 29 March and back at 3:00 on 25 October; Lord Howe's move by half an hour.
@pytest.mark.parametrize(
    ("day", "clock", "zone", "due"),
    [
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29", "03:30", "Europe/Berlin", "2026-03-29T01:30"),
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-10-25", "03:30", "Europe/Berlin", "2026-10-25T02:30"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),
        ("2026-06-01", "09:00", "Asia/Kolkata", "2026-06-01T03:30"),
        ("2026-06-01", "09:00", "Asia/Kathmandu", "2026-06-01T03:15"),
    ],
)
def test_it_is_due_as_the_clock_there_shows_it(
    creating: Cast, written: Any, square: Square, now: Time, day: str, clock: str, zone: str, due: str
) -> None:
    moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
    now.at = moment - timedelta(days=1)
    row = plan(
        written(), on_day=date.fromisoformat(day), at_time=time.fromisoformat(clock), zone=zone,
        by=creating.rosa, at=now(),
    )  # fmt: skip
    assert row.due_at == moment
    now.at = moment - timedelta(seconds=1)
    publish(now)
    assert not square.taken
    now.at = moment
    publish(now)
    assert len(square.taken) == 1


def test_a_zone_that_changed_its_clocks_moves_what_is_to_come(creating: Cast, written: Any, now: Time) -> None:
    due = (now() + timedelta(days=9)).replace(second=0, microsecond=0)
    row = plan(written(), on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    # As it was reckoned when the zone still had other clocks.
    Publication.objects.update(due_at=due - timedelta(hours=1), next_attempt_at=due - timedelta(hours=1))
    assert (reckon_due_times(at=now()), reckon_due_times(at=now())) == (1, 0)
    row.refresh_from_db()
    assert (row.due_at, row.next_attempt_at) == (due, due)
