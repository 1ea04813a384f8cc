"""Surge plans: what they bring and take away, by hand, time and warning, and how it went."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from content.holding import held_back
from engagement.actions.rules import switch_rule
from engagement.actions.targets import change_target
from engagement.models import ResponseTarget, RoutingRule, SavedReply
from listening.models import EarlyWarning, WatchedSeries
from maturity.actions.surges import (
    change_surge,
    drop_surge,
    look_after_surges,
    plan_surge,
    switch_surge_off,
    switch_surge_on,
    write_lessons,
)
from maturity.aftermath import aftermath
from maturity.models import MeasuredTime, SurgePlan
from measurement.actions import recompute_rollups
from measurement.windows import Window
from roles import clock
from roles.models import AuditEntry, Department, Mail, Member, Position, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join
from tests.maturity.conftest import NOW


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def state(cast: Cast, ready: dict[str, Any]) -> tuple[Any, ...]:
    """Which rules are on, the reply's state, who of the helpers answers with what capacity, what is promised."""
    rules = [RoutingRule.objects.get(pk=ready[name].pk).is_active for name in ("off", "on")]
    answers = Position.objects.filter(role=Role.RESPONDER, department=cast.care, member__in=[cast.bodo, cast.rosa])
    return (
        *rules, SavedReply.objects.get(pk=ready["reply"].pk).state,
        sorted(answers.values_list("member__user__name", "capacity")),
        ResponseTarget.objects.get(department=cast.care).first_response_minutes,
    )  # fmt: skip


def test_it_brings_what_is_missing_and_takes_only_that_away(acme: Cast, ready: dict[str, Any]) -> None:
    before = (False, True, "proposed", [("Rosa", 20)], 240)
    assert state(acme, ready) == before
    plan = switch_surge_on(ready["plan"], by=acme.carla, at=later(1))
    assert state(acme, ready) == (True, True, "in_use", [("Bodo", 5), ("Rosa", 20)], 60)
    assert switch_surge_on(plan, by=acme.carla, at=later(2)).on_at == later(1), "whoever comes second finds it done"
    entry = AuditEntry.objects.get(verb="switch_surge_on")
    assert entry.after is not None and entry.after["brought"] == ["Bodo", "Outage", "Outage"]
    told = set(Mail.objects.filter(kind="surge").values_list("member__user__name", flat=True))
    assert told == {"Bodo", "Rosa", "Carla"}
    switch_surge_off(plan, by=acme.carla, at=later(5))
    assert state(acme, ready) == (False, True, "retired", [("Rosa", 20)], 240)
    assert Mail.objects.filter(kind="surge").count() == 6
    assert AuditEntry.objects.filter(verb="give_position").count() == 1


def test_what_somebody_changed_meanwhile_stays(acme: Cast, ready: dict[str, Any]) -> None:
    plan = switch_surge_on(ready["plan"], by=acme.carla, at=later(1))
    change_target(ResponseTarget.objects.get(department=acme.care), first_response_minutes=90, by=acme.carla, at=NOW)
    switch_rule(RoutingRule.objects.get(pk=ready["off"].pk), on=False, by=acme.carla, at=NOW)
    Position.objects.filter(member=acme.bodo, role=Role.RESPONDER).delete()
    switch_surge_off(plan, by=acme.carla, at=later(5))
    assert state(acme, ready) == (False, True, "retired", [("Rosa", 20)], 90)


def test_two_plans_that_want_the_same(acme: Cast, ready: dict[str, Any]) -> None:
    second = plan_surge(
        acme.care, title="And an outage", members=[acme.bodo], rules=[ready["off"]], first_response_minutes=30,
        by=acme.carla, at=NOW,
    )  # fmt: skip
    first = switch_surge_on(ready["plan"], by=acme.carla, at=later(1))
    second = switch_surge_on(second, by=acme.carla, at=later(2))
    switch_surge_off(first, by=acme.carla, at=later(3))
    assert state(acme, ready) == (True, True, "retired", [("Bodo", 5), ("Rosa", 20)], 30)
    switch_surge_off(second, by=acme.carla, at=later(4))
    assert state(acme, ready) == (False, True, "retired", [("Rosa", 20)], 240)


def test_without_a_target_it_makes_one_and_removes_it(acme: Cast) -> None:
    plan = plan_surge(acme.press, title="Strike", first_response_minutes=45, by=acme.carla, at=NOW)
    plan = switch_surge_on(plan, by=acme.carla, at=NOW)
    assert ResponseTarget.objects.get(department=acme.press).first_response_minutes == 45
    switch_surge_off(plan, by=acme.carla, at=later(1))
    assert not ResponseTarget.objects.filter(department=acme.press).exists()


def test_what_cannot_be_brought_does_not_keep_the_rest_from_it(acme: Cast, ready: dict[str, Any]) -> None:
    # Somebody else has made what the rule names a rule for nobody who answers there.
    RoutingRule.objects.filter(pk=ready["off"].pk).update(member=acme.bodo.pk)
    Member.objects.filter(pk=acme.bodo.pk).update(is_active=False)
    switch_surge_on(ready["plan"], by=acme.carla, at=later(1))
    assert state(acme, ready) == (False, True, "in_use", [("Rosa", 20)], 60)


def test_by_time(acme: Cast) -> None:
    fields: dict[str, Any] = {"trigger": "by_time", "starts_at": later(2), "ends_at": later(4), "at": NOW}
    plan = plan_surge(acme.care, title="Sale", by=acme.carla, **fields)
    assert look_after_surges(at=later(1)) == 0
    assert look_after_surges(at=later(2)) == 1 and look_after_surges(at=later(2.1)) == 0
    plan.refresh_from_db()
    assert (plan.state, plan.on_at, plan.on_by) == ("on", later(2), None)
    assert look_after_surges(at=later(4)) == 1
    plan.refresh_from_db()
    assert (plan.state, plan.off_at) == ("over", later(4))
    slept = plan_surge(acme.care, title="Sale", by=acme.carla, **fields)
    assert look_after_surges(at=later(9)) == 0, "a house that stood still does not make up for it"
    slept.refresh_from_db()
    assert slept.state == "dropped" and slept.on_at is None
    for wrong in ({"ends_at": None}, {"ends_at": later(1)}, {"starts_at": None}, {"factor": 0}, {"title": " "}):
        with pytest.raises(ValidationError):
            plan_surge(acme.care, **{"title": "Sale", **fields, **wrong}, by=acme.carla)


def warn(*, hours: float, severity: int = 2, **fields: Any) -> EarlyWarning:
    at = later(hours)
    return EarlyWarning.objects.create(
        subject="Us", kind="volume", severity=severity, began_at=at, detected_at=at, last_at=at, **fields
    )


def test_by_a_warning(acme: Cast) -> None:
    warn(hours=-1)
    plan = plan_surge(acme.care, title="Storm", trigger="by_warning", lasts_minutes=60, by=acme.carla, at=NOW)
    warn(hours=1, severity=1)
    warn(hours=1.1, state="closed", closed_at=later(1.2))
    assert look_after_surges(at=later(1.5)) == 0, "old, slight and closed ones do not"
    storm = warn(hours=2)
    assert look_after_surges(at=later(2)) == 1
    plan.refresh_from_db()
    assert plan.warning == storm
    assert look_after_surges(at=later(30)) == 0, "it is still running"
    EarlyWarning.objects.filter(pk=storm.pk).update(ended_at=later(31))
    assert look_after_surges(at=later(31.9)) == 0
    second = warn(hours=31.95)
    assert look_after_surges(at=later(33)) == 0
    EarlyWarning.objects.filter(pk=second.pk).update(state="closed", closed_at=later(33))
    assert look_after_surges(at=later(33.9)) == 0 and look_after_surges(at=later(34.1)) == 1


def test_by_a_warning_of_one_query(acme: Cast) -> None:
    ours, theirs = (factories.query(name=name) for name in ("Us", "Them"))
    watched = {
        query.pk: WatchedSeries.objects.create(measure="volume", query=query, begins_at=NOW) for query in (ours, theirs)
    }
    everything = WatchedSeries.objects.create(measure="volume", begins_at=NOW)
    plan = plan_surge(
        acme.care, title="Storm", trigger="by_warning", query=ours, lasts_minutes=60, by=acme.carla, at=NOW
    )
    warn(hours=1, series=watched[theirs.pk])
    same = warn(hours=1.1, series=everything)
    warn(hours=1.2)
    assert look_after_surges(at=later(1.5)) == 0, "neither of another query, nor of everything, nor by hand"
    # The same event, seen in the query too.
    EarlyWarning.objects.filter(pk=same.pk).update(also_queries=[ours.pk])
    assert look_after_surges(at=later(2)) == 1
    plan.refresh_from_db()
    assert plan.warning == same
    EarlyWarning.objects.filter(pk=same.pk).update(ended_at=later(3))
    assert look_after_surges(at=later(3.9)) == 0
    assert look_after_surges(at=later(4.1)) == 1, "that of another query, which is running, does not hold it"
    # A plan whose query was removed waits for nothing, not for everything.
    left = plan_surge(acme.care, title="Left", trigger="by_warning", query=theirs, by=acme.carla, at=NOW)
    theirs.delete()
    assert look_after_surges(at=later(5)) == 0
    assert SurgePlan.objects.with_people().get(pk=left.pk).query is None


def test_who_is_on_call_is_called_while_it_is_on(acme: Cast) -> None:
    cora = join("Cora", Role.COACH)
    Member.objects.filter(pk=acme.carla.pk).update(is_on_call=True)
    both = {"on_call": [acme.carla, cora], "by": acme.carla, "at": NOW}
    plans = [plan_surge(acme.care, title=title, **both) for title in ("One", "Two")]

    def called() -> list[str]:
        return sorted(str(row) for row in Member.objects.filter(is_on_call=True))

    plans = [switch_surge_on(plan, by=acme.carla, at=later(1)) for plan in plans]
    assert called() == ["Carla", "Cora"]
    switch_surge_off(plans[0], by=acme.carla, at=later(2))
    assert called() == ["Carla", "Cora"], "the other plan wants her too"
    switch_surge_off(plans[1], by=acme.carla, at=later(3))
    assert called() == ["Carla"], "who was on call before stays"
    with pytest.raises(ValidationError, match="Only a coach"):
        plan_surge(acme.care, title="Three", on_call=[acme.rosa], by=acme.carla, at=NOW)


def test_what_is_published_waits_where_the_plan_says_so(acme: Cast, sign_in: Any) -> None:
    below = Department.objects.create(name="Shop", slug="shop", parent=acme.care)
    Department.objects.filter(pk=acme.care.pk).update(below=[below.pk])
    plan = plan_surge(acme.care, title="Recall", holds_content=True, by=acme.carla, at=NOW)
    whole = plan_surge(acme.organization, title="Strike", holds_content=True, by=acme.carla, at=NOW)
    plan_surge(acme.organization, title="Sale", by=acme.carla, at=NOW)

    def held() -> list[bool]:
        return [bool(held_back(where, at=later(1))) for where in (None, acme.care, below, acme.press)]

    assert held() == [False] * 4
    plan = switch_surge_on(plan, by=acme.carla, at=NOW)
    assert held() == [False, True, True, False]
    whole = switch_surge_on(whole, by=acme.carla, at=NOW)
    assert held() == [True] * 4
    assert "Strike" in sign_in(acme.carla).get("/o/acme/content/").content.decode()
    for row in (plan, whole):
        switch_surge_off(row, by=acme.carla, at=later(1))
    assert held() == [False] * 4


def test_only_coaches_where_they_coach(acme: Cast, ready: dict[str, Any]) -> None:
    cora = join("Cora", Role.COACH, acme.press)
    for where, who in ((acme.care, cora), (acme.organization, cora), (acme.care, acme.rosa)):
        with pytest.raises(PermissionDenied):
            plan_surge(where, title="Mine", by=who, at=NOW)
    with pytest.raises(PermissionDenied):
        plan_surge(acme.press, title="Mine", rules=[ready["off"]], by=cora, at=NOW)
    for act in (switch_surge_on, switch_surge_off, drop_surge):
        with pytest.raises(PermissionDenied):
            act(ready["plan"], by=cora, at=NOW)


def test_a_plan_is_changed_until_it_comes_into_force(acme: Cast, ready: dict[str, Any]) -> None:
    brings: dict[str, Any] = {"members": [acme.gita], "rules": [], "saved_replies": []}
    plan = change_surge(ready["plan"], title="A launch", **brings, by=acme.carla, at=NOW)
    assert [str(part) for part in plan.parts.all()] == ["Gita"] and plan.first_response_minutes == 60
    with pytest.raises(ValidationError):
        write_lessons(plan, text="x", by=acme.carla, at=NOW)
    switch_surge_on(plan, by=acme.carla, at=NOW)
    with pytest.raises(ValidationError):
        change_surge(plan, title="Other", by=acme.carla, at=NOW)
    assert drop_surge(plan, by=acme.carla, at=NOW).state == "on"
    assert write_lessons(plan, text=" Ring the workshop. ", by=acme.carla, at=NOW).lessons == "Ring the workshop."


@pytest.mark.django_db(transaction=True)
def test_two_workers_switch_once(cast: Cast) -> None:
    with acting_for(cast.organization):
        plan_surge(
            cast.care, title="Sale", trigger="by_time", starts_at=later(1), ends_at=later(4), members=[cast.bodo],
            by=cast.carla, at=NOW,
        )  # fmt: skip
    barrier = threading.Barrier(3)

    def work() -> None:
        with acting_for(cast.organization):
            barrier.wait()
            look_after_surges(at=later(2))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with acting_for(cast.organization):
        assert AuditEntry.objects.filter(verb="switch_surge_on").count() == 1
        assert Position.objects.filter(member=cast.bodo, role=Role.RESPONDER).count() == 1
        assert Mail.objects.filter(kind="surge").count() == 2


def test_how_it_went(acme: Cast, ready: dict[str, Any]) -> None:
    plan = switch_surge_on(ready["plan"], by=acme.carla, at=later(0.5))

    def came(count: int, at: datetime, **fields: Any) -> None:
        for _number in range(count):
            mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
            factories.assignment(
                department=acme.care, member=acme.rosa, mention=mention, at=at, due_at=at + timedelta(hours=1), **fields
            )

    for week, count in ((1, 2), (2, 1), (3, 1), (4, 0)):
        came(count, later(0.6) - timedelta(weeks=week), first_answered_at=later(0.7) - timedelta(weeks=week))
    came(1, later(-1))  # before
    came(4, later(0.6), first_answered_at=later(1))
    came(1, later(0.6), first_answered_at=later(2.5))
    came(1, later(1.9))
    for who, minutes in ((acme.rosa, 90), (acme.gita, 30)):
        MeasuredTime.objects.create(member=who, day=NOW.date(), activity="responding", seconds=60 * minutes)
    plan = switch_surge_off(plan, by=acme.carla, at=later(3))
    recompute_rollups(Window.up_to(later(6), days=40, zone=ZoneInfo("UTC")), at=later(6))
    found = aftermath(plan, acme.carla, at=later(6))
    assert found is not None and (found.begins_at, found.ends_at) == (NOW, later(3))
    assert (found.assigned, found.assigned_usual, found.factor) == (6, 1.0, 6.0)
    assert (found.mentions, found.mentions_usual) == (6, 1.0)
    assert (found.answered, found.in_time, found.overdue) == (5, 4, 1)
    assert [(str(member), seconds) for member, seconds in found.worked] == [("Rosa", 5400)]
    assert found.worked_seconds == 5400, "of people who work in this department only"
    said = [words for _entry, words in found.decided]
    assert any("Outage" in words for words in said) and any("ended the surge plan" in words for words in said)
    theirs = aftermath(plan, acme.elif_, at=later(6))
    assert theirs is not None and theirs.worked == []
    assert aftermath(SurgePlan(), acme.carla, at=NOW) is None


def test_the_pages(acme: Cast, ready: dict[str, Any], sign_in: Any) -> None:
    coach, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    switch_rule(ready["on"], on=False, by=None, at=NOW)
    said = {
        "department": acme.care.pk, "title": "<b>Fair</b>", "note": "", "factor": "3", "trigger": "by_time",
        "severity": "2", "lasts_minutes": "60", "first_response_minutes": "", "capacity": "9",
        "members": [acme.gita.pk], "on_call": [acme.carla.pk], "rules": [ready["on"].pk], "query": "",
        "holds_content": "on",
    }  # fmt: skip
    assert coach.post("/o/acme/surges/plan/", said).status_code == 422, "by time it needs times"
    day = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    times = {"starts_at": day, "ends_at": (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")}
    assert coach.post("/o/acme/surges/plan/", said | times).status_code == 302
    row = SurgePlan.objects.get(title="<b>Fair</b>")
    address = f"/o/acme/surges/{row.pk}/"
    text = rosa.get(address).content.decode()
    assert "&lt;b&gt;Fair&lt;/b&gt;" in text and "Gita" in text and "<b>Fair" not in text
    assert rosa.post(f"{address}switch-on/").status_code == 403
    assert "checked" in coach.get(f"{address}change/").content.decode()
    assert coach.post(f"{address}change/", said | times | {"title": "Fair"}).status_code == 302
    assert "On a time line" in rosa.get("/o/acme/surges/").content.decode()
    assert coach.post(f"{address}switch-on/").status_code == 302
    text = coach.get(address).content.decode()
    assert "This plan is in force." in text and "What was decided" in text and "brought" in text
    assert coach.post(f"{address}lessons/", {"text": "Bring tea."}).status_code == 302
    assert coach.post(f"{address}switch-off/").status_code == 302
    assert "Bring tea." in rosa.get(address).content.decode()


def test_what_a_plan_does_not_bring_at_its_level_is_said(
    acme: Cast, ready: dict[str, Any], sign_in: Any, api: Any
) -> None:
    here = f"/o/acme/surges/{ready['plan'].pk}/"
    page, program = sign_in(acme.carla), api(acme.carla)
    assert "is not promised" not in page.get(here).content.decode()
    Department.objects.filter(pk=acme.care.pk).update(level="passive")
    text = page.get(here).content.decode()
    assert "The first response within 60 minutes is not promised." in text and "whoever helps has nothing" in text
    assert f"“Set response targets” opens at “Responsive”; {acme.care} stands at “Passive”." in text
    assert f"/o/acme/playbook/departments/{acme.care.pk}/#responsive" in text
    said = program.get(f"/api/v1/surge-plans/{ready['plan'].pk}/").json()["held_back"]
    assert [row["what"].split()[0] for row in said] == ["Nobody", "The"] and "Responsive" in said[0]["why"]
    (listed,) = program.get("/api/v1/surge-plans/").json()["results"]
    assert listed["held_back"] == said
    switch_surge_on(ready["plan"], by=None, at=NOW)
    assert ResponseTarget.objects.get().first_response_minutes == 240, "as it was said"
    switch_surge_off(ready["plan"], by=None, at=later(1))
    assert "is not promised" not in page.get(here).content.decode(), "it is over"
