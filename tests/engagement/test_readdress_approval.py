"""Who is asked to approve leaves, or may not any more: others are asked, or what was said suffices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engagement.actions.approvals import approve
from engagement.approving import digest_of
from engagement.beside import sections_for
from engagement.housekeeping import approvals_to_readdress
from engagement.models import Approval, Assignment, Reply
from engagement.tasks import readdress_approvals
from roles import clock
from roles.actions import people
from roles.actions.absences import plan_absence
from roles.actions.handover import hand_over_everything
from roles.models import Absence, AuditEntry, Mail, Member, Position, Role
from roles.steps import Step
from roles.tasks import keep_terms
from roles.tenancy import acting_for
from tests.cast import Cast, join
from tests.engagement.writing import Time


def waiting(made: Reply) -> Approval:
    return Approval.objects.with_everything().waiting().get(reply=made)


def look() -> None:
    with acting_for(None):
        readdress_approvals()


def test_who_leaves_is_replaced_by_the_coaches(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    look()
    assert waiting(made).member_ids == [acme.bodo.pk]
    people.deactivate_member(acme.bodo, by=acme.olga, at=now())
    look()
    look()
    step = waiting(made)
    assert (step.roles, step.member_ids) == ([Role.COACH], [])
    assert Mail.objects.filter(member=acme.carla, kind="approval").count() == 1
    assert AuditEntry.objects.filter(verb="readdress_approval").count() == 1
    approve(step, digest=digest_of(step.reply), by=acme.carla, at=now())
    made.refresh_from_db()
    assert made.state == "ready"


def test_so_is_who_has_lost_the_role_that_approves(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    Position.objects.filter(member=acme.bodo).update(role=Role.EXECUTIVE)
    look()
    assert waiting(made).roles == [Role.COACH]


def test_of_several_those_who_are_left_suffice(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    lina = join("Lina", Role.BOOTH)
    policy(Step(needs="all", member_ids=(acme.bodo.pk, lina.pk)))
    made = written()
    step = waiting(made)
    approve(step, digest=digest_of(step.reply), by=acme.bodo, at=now())
    look()
    assert waiting(made).pk == step.pk
    people.deactivate_member(lina, by=acme.olga, at=now())
    look()
    made.refresh_from_db()
    assert made.state == "ready" and made.approved_digest == digest_of(made)


def test_where_nobody_could_ever_say_yes_the_writer_is_told_what_to_do(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    Member.objects.exclude(pk__in=[acme.rosa.pk, acme.rui.pk]).update(is_active=False)
    Position.objects.filter(member=acme.rui).update(role=Role.GATHERER)
    look()
    assert waiting(made).member_ids == [acme.bodo.pk]
    row = Assignment.objects.with_mentions().get(pk=made.assignment_id)
    shown = [
        section for section in sections_for(row, acme.rosa, at=now()) if section.template.endswith("_approval.html")
    ]
    assert shown[0].context["is_stuck"]


@pytest.mark.parametrize("role", [Role.COACH, Role.OWNER])
def test_the_count_of_a_coach_or_an_owner_shows_it(
    acme: Cast, written: Any, now: Time, policy: Any, role: Role, sign_in: Any
) -> None:
    policy(Step(member_ids=(acme.bodo.pk,)))
    written()
    if role == Role.OWNER:
        Member.objects.filter(pk=acme.carla.pk).update(is_active=False)
    Member.objects.filter(pk=acme.bodo.pk).update(is_active=False)
    look()
    who = acme.carla if role == Role.COACH else acme.olga
    assert "We are on it." in sign_in(who).get("/o/acme/approvals/").content.decode()


def test_who_stands_in_is_asked_when_an_absence_begins(acme: Cast, written: Any, policy: Any) -> None:
    at = clock.now()
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    days = {"begins_at": at + timedelta(days=2), "ends_at": at + timedelta(days=4)}
    plan_absence(acme.bodo, **days, stand_in=acme.olga, by=acme.bodo, at=at)
    look()
    assert waiting(made).member_ids == [acme.bodo.pk]
    Absence.objects.update(begins_at=at - timedelta(minutes=1))
    keep_terms()
    look()
    look()
    assert waiting(made).member_ids == [acme.bodo.pk, acme.olga.pk], "who comes back early may say so still"
    assert Mail.objects.filter(member=acme.olga, kind="approval").count() == 1
    step = waiting(made)
    approve(step, digest=digest_of(step.reply), by=acme.olga, at=at)
    made.refresh_from_db()
    assert made.state == "ready"


def test_where_each_must_say_yes_they_are_asked_instead(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    lina = join("Lina", Role.BOOTH)
    people.go_away(lina, stand_in=acme.olga, by=lina, at=now())
    policy(Step(needs="all", member_ids=(acme.bodo.pk, lina.pk)))
    assert set(waiting(written()).member_ids) == {acme.bodo.pk, acme.olga.pk}


def test_where_each_role_must_say_yes_whoever_stands_in_says_it_for_an_absent_holder(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    cora = join("Cora", Role.COACH)
    people.go_away(acme.carla, stand_in=acme.olga, by=acme.carla, at=now())
    policy(Step(needs="all", roles=(Role.COACH, Role.BOOTH)))
    made = written()
    assert (waiting(made).roles, waiting(made).member_ids) == ([Role.COACH, Role.BOOTH], []), "the other coach is here"
    people.go_away(cora, by=cora, at=now())
    look()
    assert (waiting(made).roles, waiting(made).member_ids) == ([Role.BOOTH], [acme.olga.pk])
    for who in (acme.olga, acme.bodo):
        step = waiting(made)
        approve(step, digest=digest_of(step.reply), by=who, at=now())
    made.refresh_from_db()
    assert made.state == "ready", "nobody waits for who is away"


@pytest.mark.parametrize("by_name", [True, False])
def test_nobody_says_yes_again_for_who_said_it_and_went(
    acme: Cast, written: Any, now: Time, policy: Any, by_name: bool
) -> None:
    each: dict[str, Any] = {"roles": (Role.COACH, Role.BOOTH)}
    if by_name:
        each = {"member_ids": (acme.carla.pk, acme.bodo.pk)}
    policy(Step(needs="all", **each))
    made = written()
    step = waiting(made)
    approve(step, digest=digest_of(step.reply), by=acme.carla, at=now())
    people.go_away(acme.carla, stand_in=acme.olga, by=acme.carla, at=now())
    look()
    step = waiting(made)
    assert acme.olga.pk not in step.member_ids and not Mail.objects.filter(member=acme.olga, kind="approval").exists()
    approve(step, digest=digest_of(step.reply), by=acme.bodo, at=now())
    made.refresh_from_db()
    assert made.state == "ready"


def test_who_stands_in_is_asked_only_while_they_are_here(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    people.go_away(acme.olga, by=acme.olga, at=now())
    people.go_away(acme.bodo, stand_in=acme.olga, by=acme.bodo, at=now())
    policy(Step(needs="all", member_ids=(acme.bodo.pk,)))
    made = written()
    assert waiting(made).member_ids == [acme.bodo.pk], "neither is here: it waits for who was named"
    people.come_back(acme.olga, by=acme.olga, at=now())
    look()
    assert waiting(made).member_ids == [acme.olga.pk]


def test_others_who_are_here_suffice_and_nobody_approves_their_own(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    lina = join("Lina", Role.BOOTH)
    people.go_away(lina, stand_in=acme.olga, by=lina, at=now())
    policy(Step(member_ids=(acme.bodo.pk, lina.pk)))
    made = written()
    assert waiting(made).member_ids == [acme.bodo.pk, lina.pk]
    people.go_away(acme.bodo, stand_in=acme.rosa, by=acme.bodo, at=now())
    look()
    assert set(waiting(made).member_ids) == {acme.bodo.pk, lina.pk, acme.olga.pk}, "Rosa wrote it"


def says_yes(who: Member, made: Reply, at: Any) -> None:
    step = waiting(made)
    approve(step, digest=digest_of(step.reply), by=who, at=at)
    made.refresh_from_db()


def test_a_role_that_somebody_stood_in_for_is_asked_again_when_its_holder_is_back(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    people.go_away(acme.carla, stand_in=acme.olga, by=acme.carla, at=now())
    policy(Step(needs="all", roles=(Role.COACH, Role.BOOTH)))
    made = written()
    step = waiting(made)
    assert (step.roles, step.member_ids, step.instead) == ([Role.BOOTH], [acme.olga.pk], {"coach": acme.olga.pk})
    people.come_back(acme.carla, by=acme.carla, at=now())
    look()
    look()
    step = waiting(made)
    assert (step.roles, step.member_ids, step.instead) == ([Role.COACH, Role.BOOTH], [], {})
    assert Mail.objects.filter(member=acme.carla, kind="approval").count() == 1
    says_yes(acme.bodo, made, now())
    assert made.state == "waiting"
    says_yes(acme.carla, made, now())
    assert made.state == "ready"


def test_a_yes_in_somebodys_place_stands_when_they_are_back(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    people.go_away(acme.carla, stand_in=acme.olga, by=acme.carla, at=now())
    policy(Step(needs="all", roles=(Role.COACH, Role.BOOTH)))
    made = written()
    says_yes(acme.olga, made, now())
    people.come_back(acme.carla, by=acme.carla, at=now())
    look()
    assert waiting(made).roles == [Role.BOOTH], "nobody says it twice"
    says_yes(acme.bodo, made, now())
    assert made.state == "ready"


def test_who_stands_in_changes_with_the_absence(acme: Cast, written: Any, now: Time, policy: Any, sign_in: Any) -> None:
    lina = join("Lina", Role.BOOTH)
    people.go_away(acme.bodo, stand_in=acme.olga, by=acme.bodo, at=now())
    policy(Step(needs="all", member_ids=(acme.bodo.pk, lina.pk)))
    made = written()
    assert waiting(made).member_ids == [acme.olga.pk, lina.pk]
    assert f"{acme.olga} (for {acme.bodo})" in sign_in(acme.carla).get("/o/acme/approvals/?tab=all").content.decode()
    people.go_away(acme.bodo, stand_in=acme.carla, by=acme.bodo, at=now())
    look()
    assert waiting(made).member_ids == [acme.carla.pk, lina.pk]
    people.go_away(acme.bodo, by=acme.bodo, at=now())
    look()
    assert waiting(made).member_ids == [acme.bodo.pk, lina.pk], "nobody stands in: it waits for who is meant"


def test_where_anybody_may_say_it_a_stand_in_is_asked_no_more_when_somebody_is_back(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    people.go_away(acme.bodo, stand_in=acme.olga, by=acme.bodo, at=now())
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    assert waiting(made).member_ids == [acme.bodo.pk, acme.olga.pk]
    people.come_back(acme.bodo, by=acme.bodo, at=now())
    look()
    assert waiting(made).member_ids == [acme.bodo.pk]


def test_who_is_away_hands_over_what_somebody_says_in_their_place_and_so_does_whoever_says_it(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    lina, cora = join("Lina", Role.BOOTH), join("Cora", Role.COACH)
    people.go_away(acme.bodo, stand_in=acme.olga, by=acme.bodo, at=now())
    policy(Step(needs="all", member_ids=(acme.bodo.pk, lina.pk)))
    made = written()
    assert hand_over_everything(acme.olga, to={"approvals": cora}, by=acme.olga, at=now()) == {"approvals": 1}
    look()
    step = waiting(made)
    assert (set(step.member_ids), step.instead) == ({cora.pk, lina.pk}, {}), "what is handed over is handed over"
    people.go_away(lina, stand_in=acme.olga, by=lina, at=now())
    look()
    assert set(waiting(made).member_ids) == {cora.pk, acme.olga.pk}
    assert hand_over_everything(lina, to={"approvals": acme.carla}, by=acme.carla, at=now()) == {"approvals": 1}
    assert set(waiting(made).member_ids) == {cora.pk, acme.carla.pk}


@pytest.mark.parametrize("needs", ["any", "all"])
@pytest.mark.parametrize("by_name", [True, False])
def test_a_step_in_which_somebody_stands_in_is_taken_up_only_when_something_changes(
    acme: Cast, written: Any, now: Time, policy: Any, needs: str, by_name: bool
) -> None:
    """An absence lasts for weeks, and the beat comes every minute."""
    policy(Step(needs=needs, **({"member_ids": (acme.bodo.pk,)} if by_name else {"roles": (Role.BOOTH,)})))
    made = written()
    assert approvals_to_readdress() == []
    for other in (acme.olga, acme.carla):
        people.go_away(acme.bodo, stand_in=other, by=acme.bodo, at=now())
        assert [key for key, _organization in approvals_to_readdress()] == [waiting(made).pk]
        look()
        assert list(waiting(made).instead.values()) == [other.pk] and approvals_to_readdress() == []
    Position.objects.filter(member=acme.carla).update(role=Role.EXECUTIVE)
    assert len(approvals_to_readdress()) == 1, "who stands in may not say yes any more"
    look()
    assert waiting(made).instead == {} and approvals_to_readdress() == []
    people.go_away(acme.bodo, stand_in=acme.olga, by=acme.bodo, at=now())
    look()
    people.come_back(acme.bodo, by=acme.bodo, at=now())
    assert len(approvals_to_readdress()) == 1
    look()
    assert waiting(made).instead == {} and approvals_to_readdress() == []


def test_what_waits_for_somebody_is_handed_over(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    to_writer = hand_over_everything(acme.bodo, to={"approvals": acme.rosa}, by=acme.carla, at=now())
    assert to_writer == {}, "nobody approves their own"
    to_owner = hand_over_everything(acme.bodo, to={"approvals": acme.olga}, by=acme.carla, at=now())
    assert to_owner == {"approvals": 1} and waiting(made).member_ids == [acme.olga.pk]
    assert Mail.objects.filter(member=acme.olga, kind="approval").count() == 1
    to_others = hand_over_everything(acme.olga, to={"approvals": None}, by=acme.olga, at=now())
    assert to_others == {"approvals": 1}
    assert (waiting(made).member_ids, waiting(made).roles) == ([], [Role.COACH])
