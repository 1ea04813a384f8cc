"""Actual time on pages and in the API: who sees whose, what open pages tell, what stands beside the budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.calendar_days import monday_of
from engagement.models.joinings import Step
from engagement.reasons import joined
from maturity.actions.time import be_at_it
from maturity.models import BudgetedTime, LastSign, MeasuredTime, TimeEntry
from maturity.spent import spent_in
from maturity.teams import coached_by, may_see_total
from roles import clock
from roles.models import CustomRole, Department, Member, Position, Role
from tests import factories
from tests.cast import Cast, join


def counted() -> float:
    return sum(row.seconds for row in MeasuredTime.objects.all())


def test_coaches_see_their_people_and_nobody_else_does(acme: Cast, sign_in: Any) -> None:
    cora, pia = join("Cora", Role.COACH, acme.care), join("Pia", Role.RESPONDER, acme.press)
    assert {str(one) for one in coached_by(cora)} == {"Cora", "Rosa", "Rui"}
    Position.objects.create(member=pia, department=acme.care, role=Role.BOOTH)
    assert "Pia" in {str(one) for one in coached_by(cora)} and len(coached_by(acme.carla)) == 9
    address = f"/o/acme/time/people/{acme.rosa.pk}/"
    be_at_it(acme.rosa, activity="responding", seconds=30, by=acme.rosa, at=clock.now())
    assert sign_in(cora).get(address).status_code == 200
    for who in (acme.rosa, acme.elif_, acme.olga):
        assert sign_in(who).get(address).status_code == 403
    assert sign_in(cora).get(f"/o/acme/time/people/{acme.gita.pk}/").status_code == 403
    text = sign_in(cora).get("/o/acme/time/people/").content.decode()
    assert "Rosa" in text and "Gita" not in text


def test_a_role_composed_here_sees_the_people_of_its_departments_and_of_those_below(acme: Cast, sign_in: Any) -> None:
    role = CustomRole.objects.create(name="Shift lead", capabilities=["maturity.read_time"], created_at=clock.now())
    below = Department.objects.create(name="Night", slug="night", parent=acme.care)
    Department.objects.filter(pk=acme.care.pk).update(below=[below.pk])
    nia = join("Nia", Role.RESPONDER, below)
    Position.objects.create(member=acme.elif_, department=acme.care, custom_role=role)
    lead = Member.objects.get(pk=acme.elif_.pk)
    assert {str(one) for one in coached_by(lead)} >= {"Rosa", str(nia)}
    assert "Gita" not in {str(one) for one in coached_by(lead)}
    assert sign_in(acme.elif_).get(f"/o/acme/time/people/{acme.rosa.pk}/").status_code == 200


def test_a_total_is_nobodys_own(acme: Cast) -> None:
    assert may_see_total(acme.elif_, None) and not may_see_total(acme.elif_, acme.care)
    assert may_see_total(acme.carla, acme.care) and not may_see_total(acme.olga, acme.care)
    join("Rita", Role.RESPONDER, acme.care)
    assert may_see_total(acme.elif_, acme.care)


def test_nobodys_time_is_what_is_left_between_two_totals(acme: Cast) -> None:
    below = Department.objects.create(name="Night", slug="night", parent=acme.care)
    Department.objects.filter(pk=acme.care.pk).update(below=[below.pk])
    for number in range(3):
        join(f"Night{number}", Role.RESPONDER, below)

    def shown() -> list[bool]:
        return [may_see_total(acme.elif_, Department.objects.get(pk=row.pk)) for row in (acme.care, below)]

    assert shown() == [True, False], "care without the night is Rosa and Rui"
    join("Rita", Role.RESPONDER, acme.care)
    assert shown() == [True, True]
    # Whoever coaches them sees it all the same.
    acme.rui.positions.all().delete()
    assert shown() == [True, False] and may_see_total(acme.carla, below)


def test_hours_of_a_department_are_with_those_below_it(acme: Cast) -> None:
    below = Department.objects.create(name="Night", slug="night", parent=acme.care)
    Department.objects.filter(pk=acme.care.pk).update(below=[below.pk])
    care, nia = Department.objects.get(pk=acme.care.pk), join("Nia", Role.RESPONDER, below)
    # Who works here and there is one person of the whole; who works elsewhere too is of neither.
    Position.objects.create(member=acme.rui, department=below, role=Role.RESPONDER)
    Position.objects.create(member=acme.rosa, department=acme.press, role=Role.BOOTH)
    today = clock.now().date()
    for who, hours in ((nia, 1), (acme.rui, 2), (acme.rosa, 4)):
        MeasuredTime.objects.create(member=who, day=today, activity="responding", seconds=3600 * hours)
    spent = [spent_in(today, today, where) for where in (care, below, acme.press, None)]
    assert [sum(found.values()) / 3600 for found in spent] == [3, 1, 0, 7]
    hours = {"line": "engagement", "activity": "responding"}
    for where, planned in ((care, 5), (below, 3), (acme.press, 2), (None, 1)):
        BudgetedTime.objects.create(department=where, hours=planned, **hours)
    sums = [sum(row.hours for row in BudgetedTime.objects.of(where)) for where in (care, below, acme.press, None)]
    assert sums == [8, 3, 2, 11]


def test_one_enters_corrects_and_takes_back(acme: Cast, sign_in: Any) -> None:
    rosa = sign_in(acme.rosa)
    today = clock.now().date().isoformat()
    assert "Enter time" in rosa.get("/o/acme/time/").content.decode()
    assert rosa.post("/o/acme/time/add/", {"activity": "creating", "minutes": "soon"}).status_code == 422
    assert rosa.post("/o/acme/time/add/", {"activity": "creating", "minutes": "1:30"}).status_code == 302
    said = {"activity": "creating", "minutes": "1:00", "day": today}
    assert rosa.post("/o/acme/time/correct/", said | {"minutes": "25 h"}).status_code == 422
    assert rosa.post("/o/acme/time/correct/", said).status_code == 302
    text = rosa.get(f"/o/acme/time/?day={today}").content.decode()
    assert "measured –, entered 1:30" in text and "corrected" in text and 'value="1:00"' in text
    row = TimeEntry.objects.get(kind="added")
    assert sign_in(acme.rui).post(f"/o/acme/time/entries/{row.pk}/take-back/").status_code == 404
    assert rosa.post(f"/o/acme/time/entries/{row.pk}/take-back/").status_code == 302
    for odd in ("x", "9999-12-31", "0001-01-01", "2026-13-01"):
        assert rosa.get(f"/o/acme/time/?day={odd}").status_code == 200


def test_an_open_page_tells(acme: Cast, sign_in: Any) -> None:
    rosa = sign_in(acme.rosa)
    text = rosa.get("/o/acme/queue/").content.decode()
    assert "data-at-it" in text and 'name="activity" value="responding"' in text
    for path in ("content/", "content/calendar/", "content/reviews/"):
        assert 'name="activity" value="creating"' in rosa.get(f"/o/acme/{path}").content.decode(), path
    assert "data-at-it" not in rosa.get("/o/acme/team/").content.decode()
    assert rosa.post("/o/acme/time/at-it/", {"activity": "responding", "seconds": "7"}).status_code == 204
    assert counted() == 7
    assert rosa.post("/o/acme/time/at-it/", {"activity": "sleeping", "seconds": "7"}).status_code == 422
    for wrong in ("nan", "inf", "-1"):
        assert rosa.post("/o/acme/time/at-it/", {"activity": "responding", "seconds": wrong}).status_code == 422
    assert counted() == 7


def test_a_conversation_that_was_joined_is_initiating(acme: Cast, sign_in: Any) -> None:
    rosa = sign_in(acme.rosa)
    row = factories.assignment(
        department=acme.care, member=acme.rosa, state="claimed", reasons=[joined(acme.rosa, Step.values[0])]
    )
    text = rosa.get(f"/o/acme/queue/{row.pk}/", headers={"accept": "text/html"}).content.decode()
    assert 'name="activity" value="initiating"' in text and 'data-activity="initiating"' in text
    assert LastSign.objects.get().activity == "initiating"
    part = rosa.get(f"/o/acme/queue/{row.pk}/", headers={"hx-request": "true"}).content.decode()
    assert 'data-activity="initiating"' in part
    other = factories.assignment(department=acme.care, member=acme.rosa)
    text = rosa.get(f"/o/acme/queue/{other.pk}/").content.decode()
    assert 'name="activity" value="responding"' in text and "data-activity" not in text


def test_a_browser_without_script_is_counted_by_its_pages(acme: Cast, sign_in: Any) -> None:
    rosa = sign_in(acme.rosa)
    browser = {"accept": "text/html"}
    rosa.get("/o/acme/queue/", headers=browser)
    LastSign.objects.update(at=clock.now() - timedelta(seconds=90))
    rosa.get("/o/acme/queue/", headers=browser | {"hx-request": "true"})
    assert counted() == 0, "a part that looks again by itself is nobody's work"
    rosa.get("/o/acme/team/", headers=browser)
    assert counted() == pytest.approx(90, abs=5)
    rosa.post("/o/acme/time/at-it/", {"activity": "responding", "seconds": "1"})
    before = LastSign.objects.get().at
    rosa.get("/o/acme/team/", headers=browser)
    assert LastSign.objects.get().at == before, "this browser tells by itself"


def test_the_budget_page_sets_it_beside_the_plan(acme: Cast, sign_in: Any) -> None:
    assert "No time is measured yet" in sign_in(acme.elif_).get("/o/acme/playbook/budget/").content.decode()
    day = monday_of(clock.now().date()) - timedelta(days=3)
    MeasuredTime.objects.create(member=acme.rosa, day=day, activity="responding", seconds=5400)
    text = sign_in(acme.elif_).get("/o/acme/playbook/budget/").content.decode()
    assert "Responding: 0 h planned, 1.5 h spent" in text
    address = f"/o/acme/playbook/budget/?department={acme.care.pk}"
    assert "own time. It is theirs" in sign_in(acme.elif_).get(address).content.decode()
    assert "1.5 h spent" in sign_in(acme.carla).get(address).content.decode()


def test_the_week_of_many_takes_as_many_queries_as_that_of_one(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert carla.get("/o/acme/time/people/").status_code == 200
        return len(caught)

    few = queries()
    for number in range(19):
        member = join(f"P{number}", Role.RESPONDER, acme.care)
        MeasuredTime.objects.create(member=member, day=clock.now().date(), activity="responding", seconds=60)
    assert queries() == few


def test_over_the_api(acme: Cast, api: Any) -> None:
    today = clock.now().date()
    rosa = api(acme.rosa)
    made = rosa.post("/api/v1/time/", {"activity": "creating", "minutes": 30, "day": str(today)})
    assert made.status_code == 201 and made.json()["minutes"] == 30 and made.json()["measured_minutes"] == 0
    fixed = rosa.post("/api/v1/time/correct/", {"activity": "creating", "minutes": 10, "day": str(today)}).json()
    assert (fixed["minutes"], fixed["is_corrected"]) == (10, True)
    rows = rosa.get("/api/v1/time/").json()
    assert len(rows) == 35 and sum(row["minutes"] for row in rows) == 10
    assert sum(row["minutes"] for row in api(acme.carla).get(f"/api/v1/time/?member={acme.rosa.pk}").json()) == 10
    assert api(acme.elif_).get(f"/api/v1/time/?member={acme.rosa.pk}").status_code == 403
    assert api(acme.elif_).get("/api/v1/time/totals/").status_code == 200
    assert api(acme.elif_).get(f"/api/v1/time/totals/?department={acme.care.pk}").status_code == 403
    assert rosa.get("/api/v1/time/totals/").status_code == 403
    for odd in ("x", "9999-12-31"):
        assert rosa.get(f"/api/v1/time/?week={odd}").status_code == 400
    assert rosa.post("/api/v1/time/", {"activity": "creating", "minutes": 5, "day": "2020-01-01"}).status_code == 400


def test_a_program_takes_back_what_one_entered(acme: Cast, api: Any) -> None:
    rosa, today = api(acme.rosa), clock.now().date().isoformat()
    said = {"activity": "creating", "minutes": 30, "day": today}
    assert rosa.post("/api/v1/time/", said).status_code == 201
    (entry,) = rosa.get("/api/v1/time-entries/").json()["results"]
    assert (entry["seconds"], entry["activity"]) == (1800, "creating")
    one = f"/api/v1/time-entries/{entry['id']}/"
    assert api(acme.carla).get("/api/v1/time-entries/").json()["results"] == [], "it is her own"
    assert api(acme.carla).delete(one).status_code == 404
    assert rosa.delete(one).status_code == 204 and not TimeEntry.objects.exists()
