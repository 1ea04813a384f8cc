"""The team over the API: positions, departments, how people sign in, the first steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from roles import clock
from roles.actions.absences import change_absence, plan_absence
from roles.actions.custom_roles import compose_role
from roles.actions.exports import read_audit
from roles.actions.people import change_position, take_position
from roles.models import AuditEntry, Department, IdentityProvider, Member, Organization, PlannedPosition, Position, Role
from tests.cast import Cast
from tests.roles.saml_provider import Signer, metadata


def test_positions_are_given_changed_and_taken(acme: Cast, api: Any) -> None:
    owner, here = api(acme.olga), "/api/v1/positions/"
    said = {"member": acme.bodo.pk, "role": "responder", "department": acme.care.pk, "capacity": 3, "skills": ["bikes"]}
    made = owner.post(here, said)
    assert made.status_code == 201 and made.json()["capacity"] == 3, made.json()
    assert owner.post(here, said).status_code == 400, "held already"
    assert owner.post(here, said | {"role": ""}).status_code == 400
    assert api(acme.carla).post(here, said).status_code == 403
    key = made.json()["id"]
    changed = owner.patch(f"{here}{key}/", {"capacity": 9})
    assert (changed.json()["capacity"], changed.json()["skills"]) == (9, ["bikes"])
    role = compose_role(acme.organization, name="Voice", capabilities=["engagement.read"], by=None, at=clock.now())
    composed = {"member": acme.bodo.pk, "custom_role": role.pk, "department": None}
    assert owner.post(here, composed).status_code == 201
    assert owner.delete(f"{here}{key}/").status_code == 204
    mine = Position.objects.get(member=acme.olga)
    assert owner.delete(f"{here}{mine.pk}/").status_code == 409, "the last owner"
    assert AuditEntry.objects.filter(verb="give_position", by=acme.olga).count() == 2


def test_positions_are_planned_and_dropped(acme: Cast, api: Any) -> None:
    owner, here, at = api(acme.olga), "/api/v1/planned-positions/", clock.now()
    said = {
        "member": acme.bodo.pk,
        "role": "coach",
        "department": None,
        "begins_at": (at + timedelta(days=2)).isoformat(),
    }
    made = owner.post(here, said)
    assert made.status_code == 201 and not acme.bodo.positions.filter(role=Role.COACH).exists()
    assert owner.post(here, said | {"begins_at": at.isoformat()}).status_code == 400
    assert len(api(acme.elif_).get(here).json()["results"]) == 1
    assert owner.delete(f"{here}{made.json()['id']}/").status_code == 204 and not PlannedPosition.objects.exists()


def test_departments_form_a_tree(acme: Cast, api: Any) -> None:
    coach, here = api(acme.carla), "/api/v1/departments/"
    made = coach.post(here, {"name": "Returns"})
    assert made.status_code == 201 and made.json()["effective_level"] == "responsive"
    key = made.json()["id"]
    moved = coach.post(f"{here}{key}/move/", {"parent": acme.care.pk})
    assert moved.json()["parent"] == acme.care.pk
    assert coach.get(f"{here}{acme.care.pk}/").json()["below"] == [key]
    assert coach.post(f"{here}{acme.care.pk}/move/", {"parent": key}).status_code == 400, "part of its own part"
    assert coach.put(f"{here}{key}/", {"name": "Repairs"}).json()["name"] == "Repairs"
    assert api(acme.rosa).post(f"{here}{key}/move/", {"parent": None}).status_code == 403
    assert coach.post(f"{here}{key}/move/", {"parent": None}).json()["parent"] is None
    assert Department.objects.get(pk=acme.care.pk).below == []


def test_the_second_factor(acme: Cast, api: Any) -> None:
    owner, here = api(acme.olga), "/api/v1/second-factor/"
    assert owner.get(here).json() == {"roles": [], "custom_roles": [], "without": []}
    changed = owner.post(f"{here}change/", {"roles": ["gatherer"], "custom_roles": []})
    assert changed.json() == {"roles": ["gatherer"], "custom_roles": [], "without": [acme.gita.pk]}
    assert api(acme.gita).get("/api/v1/members/").status_code == 403
    assert owner.post(f"{here}change/", {"roles": ["king"], "custom_roles": []}).status_code == 400
    assert api(acme.carla).get(here).status_code == 403


def test_the_identity_provider(acme: Cast, api: Any) -> None:
    owner, here, signer = api(acme.olga), "/api/v1/identity-provider/", Signer()
    assert owner.get(here).json()["is_active"] is False and not IdentityProvider.objects.exists()
    said = {"name": "Acme login", "issuer": "https://login.example.org", "client_id": "t", "is_active": True}
    refused = owner.post(f"{here}change/", said)
    assert refused.status_code == 400 and "secret" in refused.json()["errors"]
    groups = [{"group": "support", "role": "responder", "department": acme.care.pk}]
    made = owner.post(f"{here}change/", said | {"secret": "hidden-9", "groups": groups, "groups_claim": "groups"})
    assert made.status_code == 200, made.json()
    assert made.json()["has_secret"] and made.json()["groups"][0]["department"] == acme.care.pk
    assert "hidden-9" not in str(made.json()) and "hidden-9" not in str(owner.get(here).json())
    assert owner.post(f"{here}change/", {"groups": [{"group": "x", "role": "owner"}]}).status_code == 400
    assert owner.post(f"{here}change/", {"groups": [{"group": "x"}]}).status_code == 400
    xml = metadata("https://login.example.org/saml", "https://login.example.org/sso", signer)
    saml = owner.post(f"{here}change/", {"kind": "saml", "metadata": xml})
    assert saml.json()["sso_url"] == "https://login.example.org/sso", saml.json()
    assert owner.post(f"{here}change/", {"metadata": "<x/>"}).status_code == 400
    assert owner.get(here).json()["groups"][0]["group"] == "support", "what is not named stays"
    assert api(acme.carla).get(here).status_code == 403


def test_the_first_steps(acme: Cast, api: Any) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(set_up_ended_at=None)
    owner, here = api(acme.olga), "/api/v1/first-steps/"
    shown = owner.get(here).json()
    assert shown["is_away"] is False
    steps = {step["name"]: step for step in shown["steps"]}
    assert steps["department"]["is_done"] and steps["people"]["is_done"]
    assert "/o/acme/" in steps["people"]["url"]
    assert owner.post(f"{here}put-away/").json()["is_away"] is True
    assert owner.post(f"{here}take-out/").json()["is_away"] is False
    assert owner.post(f"{here}hold-every-role/").status_code == 200
    assert Member.objects.get(pk=acme.olga.pk).roles == set(Role)
    assert api(acme.carla).post(f"{here}hold-every-role/").status_code == 403
    assert api(acme.rosa).get(here).status_code == 403


def test_lists_ask_as_much_for_one_as_for_twenty(acme: Cast, api: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        Department.objects.create(name=f"D{number}", slug=f"d{number}")
        Position.objects.create(member=acme.bodo, role=Role.BOOTH, department=Department.objects.get(slug=f"d{number}"))
    program = api(acme.elif_)
    for name in ("departments", "positions", "planned-positions", "absences"):
        with django_assert_max_num_queries(7):
            assert program.get(f"/api/v1/{name}/").status_code == 200


def test_a_token_comes_in_where_passwords_do_not(acme: Cast, api: Any) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(asks_provider=True)
    assert api(acme.rosa).get("/api/v1/members/").status_code == 200, "it was made by who had come in"


def test_invitations_are_made_listed_and_withdrawn(acme: Cast, api: Any) -> None:
    owner, here = api(acme.olga), "/api/v1/invitations/"
    said = {"email": "nia@example.org", "name": "Nia", "role": "responder", "department": acme.care.pk}
    made = owner.post(here, said)
    assert made.status_code == 201 and "/invitations/" in made.json()["link"], made.json()
    assert made.headers["Cache-Control"] == "no-store"
    key = made.json()["id"]
    (shown,) = owner.get(here).json()["results"]
    assert shown["email"] == "nia@example.org" and "link" not in shown and "token" not in str(shown)
    assert api(acme.carla).post(here, said | {"role": "owner", "department": None}).status_code == 403
    assert owner.post(here, said | {"email": "rosa@example.org"}).status_code == 400, "she is here already"
    assert api(acme.rosa).get(here).status_code == 403
    assert owner.delete(f"{here}{key}/").status_code == 204
    assert owner.get(here).json()["results"] == [] and owner.delete(f"{here}{key}/").status_code == 404


def test_who_is_on_call_and_who_returns(acme: Cast, api: Any) -> None:
    owner, here = api(acme.olga), "/api/v1/members/"
    called = owner.post(f"{here}{acme.carla.pk}/on-call/", {"is_on_call": True})
    assert called.json()["is_on_call"] is True
    assert owner.post(f"{here}{acme.rosa.pk}/on-call/", {"is_on_call": True}).status_code == 400, "no coach"
    assert api(acme.rosa).post(f"{here}{acme.carla.pk}/on-call/", {"is_on_call": False}).status_code == 403
    Member.objects.filter(pk=acme.rui.pk).update(is_active=False)
    assert owner.post(f"{here}{acme.rui.pk}/return/").json()["is_active"] is True
    assert owner.post(f"{here}{acme.rui.pk}/return/").status_code == 400
    assert api(acme.carla).post(f"{here}{acme.rui.pk}/return/").status_code == 403


def test_what_a_program_does_not_name_stays_as_it_is_by_then(acme: Cast) -> None:
    at = clock.now()
    (row,) = Position.objects.filter(member=acme.rosa)
    read = Position.objects.get(pk=row.pk)
    change_position(row, skills=["bikes"], by=acme.olga, at=at)
    change_position(read, capacity=3, by=acme.olga, at=at)
    now = Position.objects.get(pk=row.pk)
    assert (now.capacity, now.skills) == (3, ["bikes"])
    days = {"begins_at": at + timedelta(days=1), "ends_at": at + timedelta(days=2)}
    planned = plan_absence(acme.rosa, **days, by=acme.rosa, at=at)
    change_absence(planned, stand_in=acme.rui, by=acme.rosa, at=at)
    moved = change_absence(planned, ends_at=at + timedelta(days=3), by=acme.rosa, at=at)
    assert (moved.stand_in, moved.begins_at) == (acme.rui, days["begins_at"])
    take_position(row, by=acme.olga, at=at)
    with pytest.raises(ValidationError, match="taken this position away"):
        change_position(read, capacity=4, by=acme.olga, at=at)


def test_the_audit_log_is_read_and_never_written(acme: Cast, api: Any) -> None:
    owner, here = api(acme.olga), "/api/v1/audit-entries/"
    owner.post(f"/api/v1/members/{acme.carla.pk}/on-call/", {"is_on_call": True})
    (entry,) = owner.get(f"{here}?verb=set_on_call").json()["results"]
    assert entry["said"] == "Olga changed whether Carla is on call" and entry["after"] == {"is_on_call": True}
    assert owner.get(f"{here}{entry['id']}/").json()["said"] == entry["said"]
    assert owner.get(f"{here}?verb=set_on_call&by={acme.rosa.pk}").json()["results"] == []
    assert owner.get(f"{here}?by=nobody").status_code == 400
    assert owner.delete(f"{here}{entry['id']}/").status_code == 405
    assert api(acme.rosa).get(here).status_code == 403


def test_that_a_program_reads_the_audit_log_is_written_down_once_a_day(acme: Cast, api: Any) -> None:
    owner, here = api(acme.olga), "/api/v1/audit-entries/"
    for _time in range(3):
        owner.get(f"{here}?verb=set_on_call")
    api(acme.carla).get(here)
    assert api(acme.rosa).get(here).status_code == 403
    rows = AuditEntry.objects.filter(verb="read_audit").order_by("pk")
    assert [(row.by, (row.after or {})["filters"]) for row in rows] == [
        (acme.olga, {"verb": "set_on_call"}),
        (acme.carla, {}),
    ]
    (told,) = [row["said"] for row in owner.get(f"{here}?by={acme.carla.pk}&verb=read_audit").json()["results"]]
    assert told == "Carla had a program read the audit log"
    for made_up in (f"?verb={'x' * 3_000}", "?kind=nothing", f"?by={2**62}", "?by=000"):
        assert owner.get(f"{here}{made_up}").json()["results"] == []
    said = [row.after for row in rows.filter(by=acme.olga)]
    assert len(said) == 3 and said[-1] == {"filters": {}}, "what a program thinks of makes no entries"
    read_audit(acme.organization, filters={}, by=acme.carla, at=clock.now() + timedelta(days=2))
    assert rows.filter(by=acme.carla).count() == 2
