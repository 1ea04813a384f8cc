"""Whoever leaves or goes away hands over all of it in one go, and nothing stays with nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.actions.approvals import add_policy
from engagement.actions.consults import consult
from engagement.actions.joinings import add_starter
from engagement.actions.rules import add_rule
from engagement.models import ApprovalStep, Assignment, Consult, ConsultRequest, FollowUp, RoutingRule, Starter
from engagement.models.approvals import ApprovalPolicy
from listening.models import EarlyWarning
from maturity.models import Goal
from roles import clock
from roles.actions.handover import hand_over_everything
from roles.actions.people import deactivate_member, go_away
from roles.belongings import belongings, left_alone
from roles.models import AuditEntry, Level, Member, Organization, Position, Role
from roles.steps import Step
from tests import factories
from tests.cast import Cast


@pytest.fixture
def at() -> datetime:
    return clock.now()


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def have_all(acme: Cast, at: datetime) -> None:
    """Give Rosa something of every kind."""
    Organization.objects.filter(pk=acme.organization.pk).update(level=Level.CREATING)
    acme.organization.level = Level.CREATING
    mine = factories.assignment(department=acme.care, member=acme.rosa, at=at)
    factories.assignment(
        department=acme.care, member=acme.rosa, at=at, state="snoozed", snoozed_until=at + timedelta(days=1)
    )
    theirs = factories.assignment(department=acme.care, member=acme.rui, at=at)
    consult(theirs, question="Is it safe?", to=[acme.rosa], by=acme.rui, at=at)
    consult(mine, question="May we?", to=[acme.bodo], by=acme.rosa, at=at)
    add_rule(acme.care, name="Hers", condition={"all": []}, member=acme.rosa, by=acme.carla, at=at)
    add_policy(
        acme.organization, name="Only she", whose=ApprovalPolicy.Whose.EVERYONE, by=acme.carla, at=at,
        steps=[Step(member_ids=(acme.rosa.pk,))],
    )  # fmt: skip
    add_starter(text="What do you ride?", owner=acme.rosa, by=acme.carla, at=at)
    done = factories.assignment(department=acme.care, at=at, state="resolved", resolved_at=at)
    FollowUp.objects.create(assignment=done, by=acme.rosa, set_at=at, due_at=at + timedelta(days=3))


def test_the_door_of_what_goes_out_is_held_before_any_work(acme: Cast, at: datetime) -> None:
    """A stop that waits between the two would wait for the work, and whoever has the work for the stop."""
    have_all(acme, at)
    to: dict[str, Member | None] = {"assignments": acme.carla, "deliveries": acme.carla, "approvals": acme.carla}
    with CaptureQueriesContext(connection) as said:
        hand_over_everything(acme.rosa, to=to, by=acme.olga, at=at)
    statements = [row["sql"] for row in said.captured_queries]
    door = [number for number, sql in enumerate(statements) if "advisory_xact_lock_shared" in sql]
    work = [number for number, sql in enumerate(statements) if "engagement_" in sql and " FOR " in sql]
    assert door and work and door[0] < work[0]


def test_everything_goes_in_one_step_and_then_they_leave(acme: Cast, at: datetime, sign_in: Any) -> None:
    have_all(acme, at)
    client = sign_in(acme.olga)
    address = f"/o/acme/team/{acme.rosa.pk}/hand-over/"
    page = client.get(f"{address}?leave").content.decode()
    for words in ("Is it safe?", "May we?", "Hers", "Only she", "What do you ride?", "Is Acme down?"):
        assert words in page
    assert client.post(f"/o/acme/team/{acme.rosa.pk}/leave/", follow=True).status_code == 200
    assert fresh(acme.rosa).is_active, "something would stay with nobody"
    answer = client.post(address, {"to": acme.carla.pk, "leaves": "on", "note": "Thank you"})
    assert answer.status_code == 302, answer.content.decode()
    assert not fresh(acme.rosa).is_active
    assert not Assignment.objects.unresolved().filter(member=acme.rosa).exists()
    assert Assignment.objects.unresolved().filter(member=acme.carla).count() == 2
    assert ConsultRequest.objects.get(member=acme.carla).state == "waiting"
    assert Consult.objects.get(question="May we?").asked_by == acme.carla
    assert RoutingRule.objects.get().member == acme.carla
    assert ApprovalStep.objects.get().member_ids == [acme.carla.pk]
    assert Starter.objects.get().owner == acme.carla
    assert FollowUp.objects.get().by == acme.carla
    entry = AuditEntry.objects.get(verb="hand_over_everything")
    assert entry.after["assignments"] == {"to": "Carla", "count": 2}
    assert left_alone(fresh(acme.rosa)) == []


def test_each_kind_to_somebody_else_and_some_to_nobody(acme: Cast, at: datetime, sign_in: Any) -> None:
    have_all(acme, at)
    said = {
        "to": acme.rui.pk, "to_rules": "nobody", "to_approval_steps": acme.olga.pk, "to_assignments": "nobody",
        "to_asked": acme.carla.pk,
    }  # fmt: skip
    client = sign_in(acme.olga)
    answer = client.post(f"/o/acme/team/{acme.rosa.pk}/hand-over/", said)
    assert answer.status_code == 302, answer.content.decode()
    assert fresh(acme.rosa).is_active
    assert RoutingRule.objects.get().member is None
    assert ApprovalStep.objects.get().member_ids == [acme.olga.pk]
    assert Starter.objects.get().owner == acme.rui
    assert Consult.objects.get(question="May we?").asked_by == acme.carla
    assert not Assignment.objects.unresolved().filter(member=acme.rosa, state="open").exists()


def test_all_of_it_or_nothing(acme: Cast, at: datetime) -> None:
    have_all(acme, at)
    to: dict[str, Member | None] = {kind.name: acme.carla for kind in belongings()}
    with pytest.raises(ValidationError, match="may not have these"):
        hand_over_everything(acme.rosa, to=to | {"starters": acme.bodo}, by=acme.olga, at=at)
    assert Assignment.objects.unresolved().filter(member=acme.rosa).count() == 2
    with pytest.raises(ValidationError, match="Say who gets these"):
        hand_over_everything(acme.rosa, to={"starters": None}, by=acme.olga, at=at)
    assert not AuditEntry.objects.filter(verb__startswith="hand_over").exists()


def test_the_page_asks_for_a_name_where_somebody_must_be(acme: Cast, at: datetime, sign_in: Any) -> None:
    have_all(acme, at)
    client = sign_in(acme.carla)
    page = client.post(f"/o/acme/team/{acme.rosa.pk}/hand-over/", {})
    assert page.status_code == 422 and "Say who gets these" in page.content.decode()
    page = client.post(f"/o/acme/team/{acme.rosa.pk}/hand-over/", {"to": acme.elif_.pk})
    assert page.status_code == 422 and "may not have these" in page.content.decode()


def test_open_work_may_go_to_the_pool_unless_nobody_else_answers_there(acme: Cast, at: datetime) -> None:
    factories.assignment(department=acme.care, member=acme.rosa, at=at)
    assert left_alone(acme.rosa) == []
    for other in (acme.rui, acme.carla):
        Position.objects.filter(member=other).update(role=Role.EXECUTIVE)
    assert [(kind.name, count) for kind, count in left_alone(acme.rosa)] == [("assignments", 1)]
    with pytest.raises(ValidationError, match="stay with nobody: Assignments, snoozed ones too"):
        deactivate_member(acme.rosa, by=acme.olga, at=at)


def test_who_may(acme: Cast, at: datetime, sign_in: Any) -> None:
    for who in (acme.gita, acme.bodo, acme.rui):
        with pytest.raises(PermissionDenied, match="Only an owner, or a coach"):
            hand_over_everything(acme.rosa, to={}, by=who, at=at)
        assert sign_in(who).get(f"/o/acme/team/{acme.rosa.pk}/hand-over/").status_code == 403
    for who in (acme.rosa, acme.carla, acme.olga):
        assert hand_over_everything(acme.rosa, to={}, by=who, at=at) == {}
        assert sign_in(who).get(f"/o/acme/team/{acme.rosa.pk}/hand-over/").status_code == 200
    Position.objects.filter(member=acme.carla).update(department=acme.press)
    with pytest.raises(PermissionDenied):
        hand_over_everything(acme.rosa, to={}, by=fresh(acme.carla), at=at)
    with pytest.raises(PermissionDenied):
        hand_over_everything(acme.rosa, to={}, leaves=True, by=acme.rosa, at=at)


def test_warnings_that_somebody_is_on(acme: Cast, at: datetime) -> None:
    warning = EarlyWarning.objects.create(
        subject="all", kind="volume", severity=2, began_at=at, detected_at=at, last_at=at, state="acknowledged",
        acknowledged_by=acme.gita, acknowledged_at=at,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="Warnings that they are on"):
        deactivate_member(acme.gita, by=acme.olga, at=at)
    said: dict[str, Any] = {"to": {"warnings": acme.carla}, "note": "Back on Monday", "leaves": True}
    hand_over_everything(acme.gita, **said, by=acme.olga, at=at)
    warning.refresh_from_db()
    assert warning.acknowledged_by == acme.carla
    entry = AuditEntry.objects.get(verb="hand_over")
    assert (entry.before, entry.after) == ({"of": "Gita"}, {"to": "Carla", "note": "Back on Monday"})


def test_goals_that_somebody_answers_for(acme: Cast, at: datetime) -> None:
    goal = Goal.objects.create(
        title="Answer within the hour", metric="x", target=1, owner=acme.rosa, reach_by=at.date(), set_at=at
    )
    with pytest.raises(ValidationError, match="Goals that they answer for"):
        deactivate_member(acme.rosa, by=acme.olga, at=at)
    hand_over_everything(acme.rosa, to={"goals": acme.carla}, leaves=True, by=acme.olga, at=at)
    goal.refresh_from_db()
    assert goal.owner == acme.carla


def test_over_the_api(acme: Cast, at: datetime, api: Any) -> None:
    have_all(acme, at)
    program = api(acme.olga)
    here = f"/api/v1/members/{acme.rosa.pk}"
    rows = program.get(f"{here}/belongings/").json()
    assert {row["kind"]: row["count"] for row in rows}["assignments"] == 2
    to = {row["kind"]: acme.carla.pk for row in rows}
    assert program.post(f"{here}/hand-over/", {"to": to | {"starters": 0}}).status_code == 400
    moved = program.post(f"{here}/hand-over/", {"to": to, "leaves": True})
    assert moved.status_code == 200 and moved.json()["assignments"] == 2
    assert not fresh(acme.rosa).is_active


def test_the_page_asks_as_much_for_one_as_for_twenty(acme: Cast, at: datetime, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    address = f"/o/acme/team/{acme.rosa.pk}/hand-over/"
    counts = []
    for more in (1, 19):
        for _number in range(more):
            factories.assignment(department=acme.care, member=acme.rosa, at=at)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_who_stands_in_gets_what_lay_open_and_what_a_rule_would_give(acme: Cast, at: datetime) -> None:
    row = factories.assignment(department=acme.care, member=acme.rui, at=at)
    factories.assignment(department=acme.care, member=acme.carla, at=at)
    go_away(acme.rui, stand_in=acme.carla, by=acme.rui, at=at)
    row.refresh_from_db()
    assert row.member == acme.carla, "although Rosa has less"
    assert row.reasons[-1]["instead_of"] == "Rui"
    with pytest.raises(ValidationError, match="somebody else"):
        go_away(acme.rosa, stand_in=acme.rosa, by=acme.rosa, at=at)
