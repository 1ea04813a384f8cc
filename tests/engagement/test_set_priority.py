"""How urgent it is: said by a person, in one or in many, taken back, and promised anew where that follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from engagement.actions.assignments import claim, hand_off, resolve
from engagement.actions.policy import escalate_due, set_policy
from engagement.actions.priorities import put_priority_back, set_priority
from engagement.actions.rules import add_rule
from engagement.actions.targets import add_target
from engagement.models import Assignment
from engagement.reason_words import in_words
from engagement.refusals import Refusal, Stale
from engagement.routing import route
from roles.actions import calendars
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]
SignIn = Callable[[Any], Client]


@pytest.fixture
def doing(acme: Cast, at: datetime) -> dict[str, Any]:
    return {"by": acme.carla, "at": at}


def test_it_is_written_down_and_moves_in_the_queue(acme: Cast, given: Given, at: datetime, sign_in: SignIn) -> None:
    first, second = given(acme.rosa, due_at=at), given(acme.rosa)
    set_priority(second, priority=1, by=acme.rosa, at=at)
    page = sign_in(acme.rosa).get("/o/acme/queue/").content.decode()
    assert page.index(f"assignment_{second.pk}") < page.index(f"assignment_{first.pk}")
    entry = AuditEntry.objects.get(verb="set_priority")
    assert (entry.before["priority"], entry.after["priority"], entry.by) == (3, 1, acme.rosa)
    second.refresh_from_db()
    assert in_words(second.reasons)[-1] == "Rosa said that it is urgent."
    assert (second.version, second.state) == (1, "open")


def test_the_same_again_is_nothing_and_nonsense_is_refused(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    assert set_priority(row, priority=3, by=acme.rosa, at=at).version == 0
    with pytest.raises(ValidationError):
        set_priority(row, priority=9, by=acme.rosa, at=at)
    with pytest.raises(PermissionDenied):
        set_priority(row, priority=1, by=acme.gita, at=at)
    with pytest.raises(Stale):
        set_priority(row, priority=1, version=7, by=acme.rosa, at=at)
    claim(row, by=acme.rui, at=at)
    with pytest.raises(PermissionDenied):
        set_priority(row, priority=1, by=acme.rosa, at=at)
    resolve(row, outcome="spam", by=acme.rui, at=at)
    with pytest.raises(Refusal):
        set_priority(row, priority=1, by=acme.rui, at=at)


def test_it_is_taken_back_as_long_as_nothing_happened(acme: Cast, given: Given, at: datetime) -> None:
    row = given(acme.rosa)
    set_priority(row, priority=2, by=acme.rosa, at=at)
    row = put_priority_back(row, by=acme.rosa, at=at)
    assert (row.priority, row.reasons) == (3, [])
    set_priority(row, priority=2, by=acme.rosa, at=at)
    hand_off(row, to=acme.rui, by=acme.rosa, at=at)
    with pytest.raises(Stale):
        put_priority_back(row, by=acme.rosa, at=at)


def test_another_target_by_itself_is_promised_anew_and_a_rules_own_stays(acme: Cast, at: datetime, doing: Any) -> None:
    add_target(acme.organization, name="All", first_response_minutes=240, in_business_hours=False, is_default=True,
               **doing)  # fmt: skip
    add_target(acme.organization, name="Urgent", first_response_minutes=30, in_business_hours=False, priority=1,
               is_default=True, **doing)  # fmt: skip
    add_rule(acme.press, name="Own", response_minutes=90, condition={"all": [
        {"field": "words", "operator": "say", "value": "own"}]}, **doing)  # fmt: skip
    add_rule(acme.care, name="All", **doing)
    usual, own = route([factories.mention(at=at), factories.mention("own", at=at)], at=at)
    if usual.department_id != acme.care.pk:
        usual, own = own, usual
    row = set_priority(usual, priority=1, by=acme.carla, at=at + timedelta(minutes=1))
    row.refresh_from_db()
    assert (row.due_at, row.first_due_at) == (at + timedelta(minutes=30), at + timedelta(minutes=30))
    assert row.target is not None and row.target.name == "Urgent"
    promise = row.promises.get()
    assert (promise.minutes, promise.started_at) == (30, at)
    row = put_priority_back(row, by=acme.carla, at=at + timedelta(minutes=2))
    assert row.due_at == at + timedelta(minutes=240)
    kept = set_priority(own, priority=1, by=acme.carla, at=at)
    assert kept.due_at == at + timedelta(minutes=90)


def test_what_is_escalated_is_promised_anew(acme: Cast, at: datetime, doing: Any) -> None:
    add_target(acme.organization, name="All", first_response_minutes=240, in_business_hours=False, is_default=True,
               **doing)  # fmt: skip
    add_target(acme.organization, name="High", first_response_minutes=120, in_business_hours=False, priority=2,
               is_default=True, **doing)  # fmt: skip
    add_rule(acme.care, name="All", **doing)
    (row,) = route([factories.mention(at=at)], at=at)
    assert escalate_due(at=at + timedelta(minutes=61)) == 1
    row = Assignment.objects.get(pk=row.pk)
    assert (row.priority, row.due_at, row.first_due_at) == (2, at + timedelta(hours=2), at + timedelta(hours=2))
    assert row.promises.get().minutes == 120


def test_escalation_counts_in_business_hours_where_the_policy_says_so(acme: Cast, doing: Any) -> None:
    friday = datetime.fromisoformat("2026-11-27T16:30:00+00:00")
    week = [((9 * 60, 17 * 60),)] * 5 + [(), ()]
    calendars.add_calendar(acme.organization, name="Office", time_zone="UTC", week=week, is_default=True, **doing)
    set_policy(acme.organization, escalation_minutes=60, escalates_in_business_hours=True, **doing)
    add_rule(acme.care, name="All", **doing)
    (row,) = route([factories.mention(at=friday)], at=friday)
    monday = datetime.fromisoformat("2026-11-30T09:30:00+00:00")
    row = Assignment.objects.get(pk=row.pk)
    assert row.escalates_at == monday
    assert escalate_due(at=monday - timedelta(minutes=1)) == 0
    assert escalate_due(at=monday) == 1
    row.refresh_from_db()
    assert "within 1 hour" in in_words(row.reasons)[-1]


def test_pages_one_and_many_with_undo(acme: Cast, given: Given, sign_in: SignIn) -> None:
    rows, rosa = [given(acme.rosa), given(acme.rosa)], sign_in(acme.rosa)
    here = f"/o/acme/queue/{rows[0].pk}/"
    assert "set-priority" in rosa.get(here).content.decode()
    rosa.post(f"{here}set-priority/", {"priority": "1", "version": "0"})
    assert [row.priority for row in Assignment.objects.order_by("pk")] == [1, 3]
    rosa.post(f"{here}put-priority-back/")
    said = {"do": "set_priority:2", "row": [f"{row.pk}~" for row in rows]}
    rosa.post("/o/acme/queue/bulk/", said)
    assert [row.priority for row in Assignment.objects.order_by("pk")] == [2, 2]
    undo = rosa.get("/o/acme/queue/").content.decode().split('name="what" value="')[1].split('"')[0]
    rosa.post("/o/acme/queue/bulk/undo/", {"what": undo})
    assert [row.priority for row in Assignment.objects.order_by("pk")] == [3, 3]


def test_the_api(acme: Cast, given: Given, api: Any) -> None:
    row, rosa = given(acme.rosa), api(acme.rosa)
    shown = rosa.post(f"/api/v1/assignments/{row.pk}/set-priority/", {"priority": 1, "version": 0}).json()
    assert (shown["priority"], shown["version"]) == (1, 1)
    assert rosa.post(f"/api/v1/assignments/{row.pk}/set-priority/", {"priority": 2, "version": 0}).status_code == 409
    assert rosa.post(f"/api/v1/assignments/{row.pk}/put-priority-back/", {}).json()["priority"] == 3
    said = {"verb": "set_priority", "assignments": [row.pk]}
    assert rosa.post("/api/v1/assignments/bulk/", said).status_code == 400
    assert rosa.post("/api/v1/assignments/bulk/", {**said, "priority": 4}).json()[0]["was_done"]
