"""Roles composed here: composed, given, taken for what they are, and never more than their maker holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.assigning import staff
from roles import clock
from roles.actions.custom_roles import change_role, compose_role, remove_role
from roles.actions.invitations import accept_invitation, invite
from roles.actions.people import give_position
from roles.housekeeping import membership
from roles.models import AuditEntry, CustomRole, Member, Position, Role, User
from roles.permissions import CAPABILITIES, decide
from tests.cast import Cast

VOICE = ["engagement.read", "engagement.claim", "engagement.reply"]


def compose(acme: Cast, capabilities: list[str], *, name: str = "Voice", by: Member | None = None) -> CustomRole:
    return compose_role(acme.organization, name=name, capabilities=capabilities, by=by, at=clock.now())


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def test_composing_giving_and_changing_over_the_page(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    page = client.get("/o/acme/team/roles/compose/?like=gatherer").content.decode()
    assert 'value="listening.triage"' in page and "checked" in page
    data = {"name": "Night watch", "description": "At night", "capabilities": ["listening.read", "listening.triage"]}
    assert client.post("/o/acme/team/roles/compose/", data).status_code == 302
    role = CustomRole.objects.get()
    assert role.capabilities == ["roles.read", "listening.read", "listening.triage"]
    assert client.post("/o/acme/team/roles/compose/", data).status_code == 422, "the name is taken"
    given = {"role": f"own-{role.pk}", "department": "", "capacity": 3, "languages": "", "skills": ""}
    assert client.post(f"/o/acme/team/{acme.bodo.pk}/give-position/", given).status_code == 302
    assert decide(fresh(acme.bodo), "listening.triage") and not decide(fresh(acme.bodo), "listening.manage_sources")
    stream = sign_in(acme.bodo)
    assert stream.get("/o/acme/stream/").status_code == 200
    assert "Night watch" in client.get("/o/acme/team/who-may-do-what/").content.decode()
    change = {**data, "capabilities": ["listening.read"]}
    assert client.post(f"/o/acme/team/roles/{role.pk}/change/", change).status_code == 302
    assert not decide(fresh(acme.bodo), "listening.triage")
    assert client.post(f"/o/acme/team/roles/{role.pk}/remove/", follow=True).status_code == 200
    assert CustomRole.objects.filter(pk=role.pk).exists(), "somebody holds it"
    assert AuditEntry.objects.get(verb="change_role").before["capabilities"][-1] == "listening.triage"


def test_a_role_of_few_capabilities_opens_its_pages_to_a_browser(acme: Cast, sign_in: Any) -> None:
    Position.objects.filter(member=acme.bodo).delete()
    give_position(
        acme.bodo, custom_role=compose(acme, ["listening.read", "listening.triage"]), department=None, by=None,
        at=clock.now(),
    )  # fmt: skip
    answer = sign_in(acme.bodo).get("/o/acme/stream/", headers={"Accept": "text/html"})
    assert answer.status_code == 200 and "data-at-it" not in answer.content.decode(), "whose time is not counted"


def test_a_coach_composes_of_what_a_coach_may(acme: Cast) -> None:
    compose(acme, VOICE, by=acme.carla)
    with pytest.raises(PermissionDenied, match="cannot give what you do not hold"):
        compose(acme, ["roles.manage_members"], name="Sneaky", by=acme.carla)
    for who in (acme.rosa, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            compose(acme, VOICE, name="Mine", by=who)
    Position.objects.filter(member=acme.carla).update(department=acme.care)
    with pytest.raises(PermissionDenied, match="whole organization"):
        compose(acme, VOICE, name="For care", by=fresh(acme.carla))


def test_what_was_there_may_stay_and_nothing_is_added_that_is_not_held(acme: Cast) -> None:
    role = compose(acme, ["listening.manage_retention", "listening.read"])
    change_role(role, name="Keeper", capabilities=["listening.manage_retention"], by=acme.carla, at=clock.now())
    with pytest.raises(PermissionDenied):
        change_role(role, name="Keeper", capabilities=["roles.manage_mail"], by=acme.carla, at=clock.now())


def test_nonsense_is_refused(acme: Cast) -> None:
    with pytest.raises(ValidationError, match="no capability"):
        compose(acme, ["roles.fly"])
    with pytest.raises(ValidationError, match="Choose what"):
        compose(acme, [])
    with pytest.raises(ValidationError, match="Choose a role"):
        give_position(acme.bodo, department=None, by=acme.olga, at=clock.now())


def test_who_manages_members_by_a_composed_role_makes_no_owner_and_touches_none(acme: Cast) -> None:
    role = compose(acme, ["roles.manage_members", "roles.read"], name="Personnel")
    give_position(acme.bodo, custom_role=role, department=None, by=acme.olga, at=clock.now())
    bodo = fresh(acme.bodo)
    with pytest.raises(PermissionDenied, match="Only owners make owners"):
        give_position(acme.gita, role=Role.OWNER, department=None, by=bodo, at=clock.now())
    with pytest.raises(PermissionDenied, match="cannot give what you do not hold"):
        give_position(bodo, role=Role.COACH, department=None, by=bodo, at=clock.now())
    assert not decide(bodo, "roles.manage_members", acme.olga)
    assert not decide(bodo, "roles.manage_members", acme.olga.positions.get())
    assert decide(bodo, "roles.manage_members", acme.gita)
    give_position(acme.gita, custom_role=role, department=None, by=bodo, at=clock.now())


def test_who_may_claim_by_a_composed_role_gets_work(acme: Cast) -> None:
    give_position(acme.bodo, custom_role=compose(acme, VOICE), department=acme.care, by=None, at=clock.now())
    people = {who.member_id: who for who in staff(at=clock.now()).candidates}
    assert not people[acme.bodo.pk].only_named and people[acme.bodo.pk].capacity_in(acme.care.pk) == 20


def test_the_page_asks_once_and_knows_the_composed_role(acme: Cast, django_assert_num_queries: Any) -> None:
    give_position(acme.bodo, custom_role=compose(acme, VOICE), department=acme.care, by=None, at=clock.now())
    with django_assert_num_queries(1):
        member = membership(acme.bodo.user, "acme")
        assert member is not None
        assert member.holds("engagement.reply", acme.care.pk) and not member.holds("engagement.reply", acme.press.pk)
        assert member.composed == set(VOICE) | {"roles.read"}


def test_an_invitation_into_a_composed_role(acme: Cast) -> None:
    role = compose(acme, VOICE)
    invitation, _link = invite(
        acme.organization, email="nora@example.org", custom_role=role, by=acme.carla, at=clock.now()
    )
    assert str(invitation.title) == "Voice"
    with pytest.raises(ValidationError, match="invited as"):
        remove_role(role, by=acme.olga, at=clock.now())
    user = User.objects.create_user("nora@example.org", "x", name="Nora")
    member = accept_invitation(invitation, user=user, at=clock.now())
    assert fresh(member).holds("engagement.reply")
    more = compose(acme, ["roles.manage_members"], name="Personnel")
    with pytest.raises(PermissionDenied):
        invite(acme.organization, email="n2@example.org", custom_role=more, by=acme.carla, at=clock.now())


def test_a_coach_holds_all_that_is_not_the_owners(acme: Cast) -> None:
    # Otherwise a coach could not invite into the other roles any more.
    owners_only = {name for name, roles in CAPABILITIES.items() if roles == {Role.OWNER}}
    assert {name for name, roles in CAPABILITIES.items() if Role.COACH not in roles} == owners_only


def test_over_the_api(acme: Cast, api: Any) -> None:
    program = api(acme.carla)
    made = program.post("/api/v1/roles/", {"name": "Voice", "capabilities": VOICE})
    assert made.status_code == 201 and set(made.json()["capabilities"]) == {*VOICE, "roles.read"}
    key = made.json()["id"]
    assert program.post("/api/v1/roles/", {"name": "X", "capabilities": ["roles.manage_members"]}).status_code == 403
    assert program.post("/api/v1/roles/", {"name": "X", "capabilities": ["roles.fly"]}).status_code == 400
    assert program.put(f"/api/v1/roles/{key}/", {"name": "Voices", "capabilities": VOICE}).json()["name"] == "Voices"
    assert [row["name"] for row in api(acme.elif_).get("/api/v1/roles/").json()["results"]] == ["Voices"]
    give_position(acme.bodo, custom_role=CustomRole.objects.get(), department=None, by=None, at=clock.now())
    assert program.delete(f"/api/v1/roles/{key}/").status_code == 409
    Position.objects.filter(custom_role=key).delete()
    assert program.delete(f"/api/v1/roles/{key}/").status_code == 204
