"""Who is asked to approve leaves, or may not any more: others are asked, or what was said suffices."""

from __future__ import annotations

from typing import Any

import pytest

from engagement.actions.approvals import approve
from engagement.approving import Step, digest_of
from engagement.beside import sections_for
from engagement.models import Approval, Assignment, Reply
from engagement.tasks import readdress_approvals
from roles.actions import people
from roles.models import AuditEntry, Mail, Member, Position, Role
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
