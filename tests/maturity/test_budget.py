"""The time budget: the usual mixes, what is wrong with a plan, what is set, by whom, and what it replaces."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from content.calendar_days import monday_of
from maturity.actions.budget import drop_effort, note_effort, set_budget
from maturity.budgeting import MIXES, Plan, add_up, mix, split, warnings
from maturity.models import Activity, BudgetedTime, Effort, Line, MeasuredTime
from maturity.spent import day_of
from roles import clock
from roles.models import AuditEntry, Department, Level, Role
from tests.cast import Cast, join


def hours(**said: float) -> dict[str, Decimal]:
    return {activity: Decimal(str(count)) for activity, count in said.items()}


def plan(level: Level, people: int = 2, **said: float) -> Plan:
    return Plan({("engagement", activity): count for activity, count in said.items()}, people, level)


def test_every_mix_is_a_whole_and_listens_most() -> None:
    for by_level in MIXES.values():
        for shares in by_level.values():
            assert sum(shares.values()) == 100 and max(shares.values()) == shares[Activity.MONITORING]
    assert mix(Line.ENGAGEMENT, Level.CREATING) == mix(Line.ENGAGEMENT, Level.ENGAGING)
    assert mix(Line.CONTENT, Level.ENGAGING) == {} and mix(Line.CONTENT, Level.CREATING)[Activity.CREATING] == 40


@given(st.floats(1, 500), st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_a_split_loses_no_hour(whole: float, shares: list[int]) -> None:
    whole = round(whole, 1)
    parts = split(whole, dict(zip(Activity.values, shares, strict=True)))
    assert all(part > 0 for part in parts.values())
    if any(shares):
        assert sum(parts.values()) == pytest.approx(whole)


def test_what_is_wrong_with_a_plan() -> None:
    good = {"monitoring": 6.0, "responding": 2.0, "measuring": 2.0}
    assert warnings(plan(Level.RESPONSIVE, **good)) == [] == warnings(plan(Level.ENGAGING))
    assert "listening is not the largest part" in warnings(plan(Level.RESPONSIVE, **good | {"responding": 7.0}))[0]
    assert "more than one person" in warnings(plan(Level.ENGAGING, 1, **good))[0]
    assert "opens at “Engaging” only" in warnings(plan(Level.RESPONSIVE, **good, initiating=1.0))[0]
    assert "promises answers" in warnings(plan(Level.RESPONSIVE, monitoring=3.0, measuring=1.0))[0]
    assert "what it brought" in warnings(plan(Level.PASSIVE, monitoring=3.0))[0]


def test_what_is_set_replaces_what_was_planned_there_and_nothing_else(acme: Cast) -> None:
    at = clock.now()
    acting: dict[str, Any] = {"by": acme.carla, "at": at}
    set_budget(acme.care, line="engagement", hours=hours(monitoring=6, responding=2), **acting)
    set_budget(acme.care, line="engagement", member=acme.rosa, hours=hours(responding=4.5), **acting)
    set_budget(acme.organization, line="content", hours=hours(creating=3), **acting)
    set_budget(acme.care, line="engagement", hours=hours(monitoring=5), **acting)
    rows = BudgetedTime.objects.values_list("line", "activity", "hours")
    assert add_up((line, activity, float(count)) for line, activity, count in rows) == {
        ("engagement", "monitoring"): 5, ("engagement", "responding"): 4.5, ("content", "creating"): 3,
    }  # fmt: skip
    last = AuditEntry.objects.filter(verb="set_budget").order_by("-pk")[0]
    assert last.before["hours"] == {"monitoring": "6.0", "responding": "2.0"} and last.after["hours"] == {
        "monitoring": "5.0"
    }
    set_budget(acme.care, line="engagement", hours={}, **acting)
    set_budget(acme.care, line="engagement", hours={}, **acting)
    assert AuditEntry.objects.filter(verb="set_budget").count() == 5
    for wrong in ({"line": "other", "hours": {}}, {"line": "content", "hours": hours(sleeping=1)},
                  {"line": "content", "hours": hours(creating=-1)},
                  {"line": "content", "hours": hours(creating=169), "member": acme.rosa}):  # fmt: skip
        with pytest.raises(ValidationError):
            set_budget(acme.care, **wrong, **acting)


def test_only_coaches_and_each_where_they_coach(acme: Cast) -> None:
    at = clock.now()
    cora = join("Cora", Role.COACH, acme.care)
    set_budget(acme.care, line="engagement", hours=hours(monitoring=1), by=cora, at=at)
    for where, who in ((acme.press, cora), (acme.organization, cora), (acme.care, acme.elif_)):
        with pytest.raises(PermissionDenied):
            set_budget(where, line="engagement", hours=hours(monitoring=1), by=who, at=at)
    whole = note_effort(acme.organization, title="Hotline", hours=Decimal(9), fate="replaced", by=acme.carla, at=at)
    with pytest.raises(PermissionDenied):
        drop_effort(whole, by=cora, at=at)


def test_the_page(acme: Cast, sign_in: Any) -> None:
    coach = sign_in(acme.carla)
    said = {"department": acme.care.pk, "line": "engagement", "member": "", "monitoring": "2", "responding": "5.5"}
    assert coach.post("/o/acme/playbook/budget/set/", said | {"responding": "-1"}).status_code == 422
    assert coach.post("/o/acme/playbook/budget/set/", said).status_code == 302
    effort = {"department": "", "title": "<u>Brochure</u>", "hours": "3", "fate": "replaced", "note": ""}
    assert coach.post("/o/acme/playbook/efforts/note/", effort).status_code == 302
    text = sign_in(acme.elif_).get("/o/acme/playbook/budget/").content.decode()
    assert "listening is not the largest part" in text and "7.5 hours a week are planned" in text
    assert "3 hours a week come from what is replaced or serves twice; 4.5 hours come on top" in text
    assert "&lt;u&gt;Brochure&lt;/u&gt;" in text and "Take off" not in text and "No time is measured yet" in text
    assert (
        "0 hours a week are planned"
        in coach.get(f"/o/acme/playbook/budget/?department={acme.press.pk}").content.decode()
    )
    asked = "hours=10&people=1&level=engaging&line=engagement&monitoring=50&responding=50"
    text = coach.get(f"/o/acme/playbook/budget/?{asked}").content.decode()
    assert text.count("5 hours a week") >= 2 and "more than one person" in text and "Use these hours" in text
    assert sign_in(acme.rosa).get("/o/acme/playbook/budget/").status_code == 403
    assert coach.post(f"/o/acme/playbook/efforts/{Effort.objects.get().pk}/drop/").status_code == 302
    for odd in ("?department=x", "?hours=x", "?shape=odd"):
        assert coach.get(f"/o/acme/playbook/budget/{odd}").status_code == 200
    assert coach.get("/o/acme/playbook/budget/?department=99999").status_code == 404


def test_the_number_of_queries_does_not_grow_with_rows(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)

    def fill(number: int) -> None:
        where = Department.objects.create(name=f"Part {number}", slug=f"part-{number}")
        set_budget(where, line="engagement", member=acme.rosa, hours=hours(monitoring=1), by=None, at=clock.now())
        note_effort(where, title="Fair", hours=Decimal(1), fate="kept", by=None, at=clock.now())

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/o/acme/playbook/budget/").status_code == 200
        return len(caught)

    fill(0)
    queries()
    few = queries()
    for number in range(1, 20):
        fill(number)
    assert queries() == few


def test_over_the_api(acme: Cast, api: Any) -> None:
    coach = api(acme.carla)
    said = {"department": acme.care.pk, "line": "engagement", "hours": {"monitoring": 6, "responding": 2.5}}
    assert api(acme.elif_).post("/api/v1/time-budget/", said).status_code == 403
    made = coach.post("/api/v1/time-budget/", said)
    assert made.status_code == 201 and {row["activity"]: row["hours"] for row in made.json()} == said["hours"]
    assert coach.post("/api/v1/time-budget/", said | {"hours": {"sleeping": 1}}).status_code == 400
    assert len(api(acme.elif_).get("/api/v1/time-budget/").json()["results"]) == 2
    made = coach.post("/api/v1/efforts/", {"title": "Fair", "hours": 4, "fate": "reused"})
    assert made.status_code == 201 and made.json()["hours"] == 4
    assert coach.delete(f"/api/v1/efforts/{made.json()['id']}/").status_code == 204
    beside = api(acme.elif_).get(f"/api/v1/time-budget/against/?department={acme.care.pk}").json()
    assert (beside["planned"]["responding"], beside["planned_total"], beside["level"]) == (2.5, 8.5, "responsive")
    assert beside["spent"] is None and "somebody's own time" in beside["why_not"]
    assert any("measuring" in one for one in beside["warnings"])
    at = clock.now()
    MeasuredTime.objects.create(
        member=acme.rosa, day=monday_of(day_of(at)) - timedelta(days=3), activity="responding", seconds=5400
    )
    beside = coach.get("/api/v1/time-budget/against/").json()
    assert (beside["spent"]["hours"], beside["spent"]["weeks"], beside["why_not"]) == ({"responding": 1.5}, 1, "")
    assert coach.get("/api/v1/time-budget/against/?department=999999").status_code == 404
    assert api(acme.rosa).get("/api/v1/time-budget/against/").status_code == 403
