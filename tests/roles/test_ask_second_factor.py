"""A second factor can be asked of roles: whoever has none is led to it before anything else."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError

from roles import clock
from roles.actions.custom_roles import compose_role
from roles.actions.people import give_position
from roles.actions.sign_in import ask_second_factor
from roles.models import AuditEntry, CustomRole, Organization, Role
from tests.cast import Cast


def ask(acme: Cast, *roles: str) -> None:
    ask_second_factor(acme.organization, roles=roles, by=acme.olga, at=clock.now())


def add_app(user: Any) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})


def test_nothing_opens_without_it_and_everything_with_it(acme: Cast, sign_in: Any) -> None:
    ask(acme, Role.RESPONDER)
    client = sign_in(acme.rosa)
    for address in ("/o/acme/queue/", "/o/acme/team/", "/o/acme/"):
        answer = client.get(address)
        assert answer.status_code == 302 and answer.headers["Location"] == "/o/acme/second-factor/"
    assert client.post("/o/acme/availability/", {"is_away": "on"}).status_code == 302
    acme.rosa.refresh_from_db()
    assert not acme.rosa.is_away
    part = client.get("/o/acme/queue/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/o/acme/second-factor/"
    page = client.get("/o/acme/second-factor/").content.decode()
    assert "/o/acme/accounts/2fa/totp/activate/" in page
    assert client.get("/o/acme/accounts/2fa/totp/activate/").status_code in {200, 302}
    add_app(acme.rosa.user)
    assert client.get("/o/acme/queue/").status_code == 200
    assert "You have one" in client.get("/o/acme/second-factor/").content.decode()


def test_recovery_codes_alone_are_none(acme: Cast, sign_in: Any) -> None:
    ask(acme, Role.RESPONDER)
    Authenticator.objects.create(user=acme.rosa.user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert sign_in(acme.rosa).get("/o/acme/queue/").status_code == 302


def test_others_are_not_asked(acme: Cast, sign_in: Any, django_assert_num_queries: Any) -> None:
    ask(acme, Role.OWNER, Role.COACH)
    assert sign_in(acme.gita).get("/o/acme/team/").status_code == 200
    assert sign_in(acme.sam).get("/o/elsewhere/team/").status_code == 200


def test_tokens_are_no_way_around(acme: Cast, api: Any) -> None:
    program = api(acme.rosa)
    assert program.get("/api/v1/members/").status_code == 200
    ask(acme, Role.RESPONDER)
    refused = program.get("/api/v1/members/")
    assert refused.status_code == 403 and "second factor" in refused.json()["detail"]
    add_app(acme.rosa.user)
    assert program.get("/api/v1/members/").status_code == 200


def test_a_composed_role_can_ask_for_it(acme: Cast, sign_in: Any) -> None:
    role = compose_role(acme.organization, name="Vault", capabilities=["listening.read"], by=None, at=clock.now())
    give_position(acme.bodo, custom_role=role, department=None, by=None, at=clock.now())
    client = sign_in(acme.olga)
    assert (
        client.post("/o/acme/signing-in/second-factor/", {"roles": ["executive", f"own-{role.pk}"]}).status_code == 302
    )
    assert CustomRole.objects.get().needs_second_factor
    assert Organization.objects.get(pk=acme.organization.pk).second_factor_roles == ["executive"]
    assert sign_in(acme.bodo).get("/o/acme/team/").status_code == 302
    page = client.get("/o/acme/signing-in/").content.decode()
    assert "Bodo" in page and "Elif" in page and "Rosa" not in page
    assert client.post("/o/acme/signing-in/second-factor/", {}).status_code == 302
    assert sign_in(acme.bodo).get("/o/acme/team/").status_code == 200
    assert AuditEntry.objects.filter(verb="ask_second_factor").count() == 2


def test_only_owners_say_so(acme: Cast, sign_in: Any) -> None:
    with pytest.raises(PermissionDenied):
        ask_second_factor(acme.organization, roles=[], by=acme.carla, at=clock.now())
    with pytest.raises(ValidationError):
        ask(acme, "captain")
    assert sign_in(acme.carla).get("/o/acme/signing-in/").status_code == 403
    assert sign_in(acme.olga).post("/o/acme/signing-in/second-factor/", {"roles": ["captain"]}).status_code == 422
