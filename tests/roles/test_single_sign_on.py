"""Single sign-on at a real OpenID Connect provider that runs here, and what such a session opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from roles import clock
from roles.actions.identity import Mapped, NotLetIn, Said, map_groups, recognise, set_provider
from roles.models import AuditEntry, IdentityProvider, Member, Organization, Position, Role, User
from roles.tenancy import acting_for
from tests.cast import PASSWORD, Cast


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that asks nobody for a password."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(acme: Cast, issuer: str, settings: Any) -> IdentityProvider:
    """Acme's provider, switched on."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["localhost"]
    fields: dict[str, Any] = {
        "name": "Acme login",
        "kind": "openid_connect",
        "issuer": issuer,
        "client_id": "touchline",
    }
    fields |= {"domains": ["example.org"], "groups_claim": "groups", "is_active": True}
    return set_provider(acme.organization, **fields, secret="s3cret", by=acme.olga, at=clock.now())


def known_there(issuer: str, sub: str, **claims: Any) -> None:
    """Make somebody known at the provider."""
    answer = httpx.put(f"{issuer}/users/{sub}", json=claims)
    assert answer.status_code in {200, 204}, answer.text


def come(client: Client, provider: IdentityProvider, sub: str) -> Any:
    """Sign in at the provider as a browser does; returns our answer to what it brought back."""
    begun = client.get(f"/accounts/oidc/{provider.key}/login/")
    assert begun.status_code == 302, begun.content
    there = begun.headers["Location"]
    assert parse_qs(urlsplit(there).query)["code_challenge_method"] == ["S256"]
    back = httpx.post(there, data={"sub": sub}, follow_redirects=False)
    assert back.status_code in {302, 303}, back.text
    where = urlsplit(back.headers["Location"])
    return client.get(f"{where.path}?{where.query}")


def test_a_member_signs_in_and_sees_this_organization_only(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    with acting_for(acme.elsewhere):
        Position.objects.create(member=Member.objects.create(user=acme.rosa.user), role=Role.OWNER)
    known_there(issuer, "rosa-1", email="rosa@example.org", email_verified=True, name="Rosa")
    client = Client()
    assert "Sign in with Acme login" in client.get("/accounts/login/").content.decode()
    answer = come(client, provider, "rosa-1")
    assert answer.status_code == 302 and answer.headers["Location"] == "/o/acme/"
    assert client.get("/o/acme/queue/").status_code == 200
    assert client.get("/o/elsewhere/team/").status_code == 404
    assert client.get("/").headers["Location"] == "/o/acme/"
    for address in ("/accounts/password/change/", "/accounts/email/", "/accounts/2fa/", "/o/acme/accounts/email/"):
        assert client.get(address).headers["Location"] == "/", address
    assert SocialAccount.objects.get().user == acme.rosa.user
    assert client.post("/accounts/logout/").status_code == 302
    by_password = client.post("/accounts/login/", {"login": "rosa@example.org", "password": PASSWORD})
    assert by_password.status_code == 302
    assert client.get("/o/elsewhere/team/").status_code == 200, "the password opens all of it"


def test_the_link_holds_when_the_address_changes(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    known_there(issuer, "rosa-2", email="rosa@example.org", email_verified=True)
    come(Client(), provider, "rosa-2")
    known_there(issuer, "rosa-2", email="somebody@elsewhere.example", email_verified=False)
    client = Client()
    assert come(client, provider, "rosa-2").status_code == 302
    assert client.get("/o/acme/queue/").status_code == 200


def test_an_address_that_nobody_verified_opens_nothing(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    known_there(issuer, "thief", email="olga@example.org", email_verified=False)
    client = Client()
    answer = come(client, provider, "thief")
    assert answer.status_code == 403 and "was verified" in answer.content.decode()
    assert client.get("/o/acme/team/").status_code == 302 and not SocialAccount.objects.exists()


def test_strangers_and_those_who_left_are_told_so(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    known_there(issuer, "new", email="new@example.org", email_verified=True)
    answer = come(Client(), provider, "new")
    assert answer.status_code == 403 and "is not a member" in answer.content.decode()
    known_there(issuer, "far", email="rosa@far.example", email_verified=True)
    assert "do not sign in this way" in come(Client(), provider, "far").content.decode()
    Member.objects.filter(pk=acme.rui.pk).update(is_active=False)
    known_there(issuer, "rui", email="rui@example.org", email_verified=True)
    assert "You have left" in come(Client(), provider, "rui").content.decode()
    assert not User.objects.filter(email="new@example.org").exists()


def test_groups_give_and_take_roles_and_let_people_join(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    groups = [Mapped("support", Role.RESPONDER, None, acme.care), Mapped("leads", Role.COACH)]
    map_groups(provider, groups=groups, by=acme.olga, at=clock.now())
    known_there(issuer, "nora", email="nora@example.org", email_verified=True, name="Nora", groups=["support"])
    assert come(Client(), provider, "nora").status_code == 403, "nobody said that people may join"
    set_provider(acme.organization, lets_join=True, by=acme.olga, at=clock.now())
    client = Client()
    assert come(client, provider, "nora").status_code == 302
    nora = Member.objects.get(user__email="nora@example.org")
    assert [str(row) for row in nora.positions.all()] == ["Frontline responder, Customer care"]
    Position.objects.create(member=nora, role=Role.BOOTH)
    known_there(issuer, "nora", email="nora@example.org", email_verified=True, groups=["leads"])
    come(Client(), provider, "nora")
    assert set(nora.positions.values_list("role", flat=True)) == {Role.COACH, Role.BOOTH}
    assert AuditEntry.objects.filter(verb="join_by_sign_in").count() == 1
    with pytest.raises(ValidationError, match="Owners are made by owners"):
        map_groups(provider, groups=[Mapped("all", Role.OWNER)], by=acme.olga, at=clock.now())


def test_where_it_is_the_only_way_passwords_open_nothing_but_to_owners(
    acme: Cast, provider: IdentityProvider, issuer: str, sign_in: Any
) -> None:
    by_password, owner = sign_in(acme.rosa), sign_in(acme.olga)
    assert by_password.get("/o/acme/queue/").status_code == 200
    set_provider(acme.organization, is_only_way=True, by=acme.olga, at=clock.now())
    for client_headers in ({}, {"HX-Request": "true"}):
        answer = by_password.get("/o/acme/queue/", headers=client_headers)
        where = answer.headers.get("HX-Redirect") or answer.headers["Location"]
        assert where == "/o/acme/sign-in-there/"
    Organization.objects.filter(pk=acme.organization.pk).update(second_factor_roles=["responder"])
    page = by_password.get("/o/acme/sign-in-there/").content.decode()
    assert f'href="/accounts/oidc/{provider.key}/login/?next=/o/acme/"' in page
    assert by_password.post("/o/acme/availability/", {"is_away": "on"}).headers["Location"].endswith("/sign-in-there/")
    for _again in range(2):
        assert owner.get("/o/acme/team/").status_code == 200
    assert AuditEntry.objects.filter(verb="come_in_by_password", by=acme.olga).count() == 1
    known_there(issuer, "rosa-9", email="rosa@example.org", email_verified=True)
    assert come(by_password, provider, "rosa-9").headers["Location"] == "/o/acme/"
    assert by_password.get("/o/acme/queue/").status_code == 200
    assert not AuditEntry.objects.filter(verb="come_in_by_password", by=acme.rosa).exists()
    set_provider(acme.organization, is_active=False, by=acme.olga, at=clock.now())
    assert sign_in(acme.gita).get("/o/acme/stream/").status_code == 200, "what is switched off closes nothing"


def test_accounts_are_not_linked_by_hand(acme: Cast, sign_in: Any) -> None:
    for address in ("/accounts/3rdparty/", "/accounts/3rdparty/signup/"):
        assert sign_in(acme.rosa).get(address).headers["Location"] == "/"
        assert Client().get(address).headers["Location"] == "/"


def test_another_organizations_provider_says_nothing_here(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    with acting_for(acme.elsewhere):
        fields: dict[str, Any] = {"name": "Evil", "kind": "openid_connect", "issuer": issuer, "client_id": "evil"}
        fields |= {"is_active": True, "lets_join": True, "groups_claim": "groups"}
        evil = set_provider(acme.elsewhere, **fields, secret="x", by=None, at=clock.now())
        map_groups(evil, groups=[Mapped("g", Role.BOOTH)], by=None, at=clock.now())
    known_there(issuer, "fake", email="olga@example.org", email_verified=True, groups=["g"])
    client = Client()
    assert come(client, evil, "fake").status_code == 302
    assert client.get("/o/elsewhere/team/").status_code == 200
    assert client.get("/o/acme/team/").status_code == 404, "it is Olga's account, and not her organization"
    assert come(Client(), provider, "fake").status_code == 302, "Acme's own provider may say so"


def test_linking_by_hand_is_closed(acme: Cast, provider: IdentityProvider, issuer: str, sign_in: Any) -> None:
    known_there(issuer, "mallory", email="gita@example.org", email_verified=True)
    client = sign_in(acme.olga)
    begun = client.get(f"/accounts/oidc/{provider.key}/login/?process=connect")
    back = httpx.post(begun.headers["Location"], data={"sub": "mallory"}, follow_redirects=False)
    where = urlsplit(back.headers["Location"])
    assert client.get(f"{where.path}?{where.query}").status_code == 403
    assert not SocialAccount.objects.exists()


def test_no_address_inside_is_asked(acme: Cast, provider: IdentityProvider, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    answer = Client().get(f"/accounts/oidc/{provider.key}/login/")
    assert answer.status_code == 502 and "does not answer" in answer.content.decode()


def test_the_secret_is_sealed_and_another_issuer_unlinks(acme: Cast, provider: IdentityProvider) -> None:
    assert "s3cret" not in provider.sealed_secret
    assert "s3cret" not in str(list(AuditEntry.objects.values_list("after", flat=True)))
    SocialAccount.objects.create(user=acme.rosa.user, provider=provider.key, uid="x")
    set_provider(acme.organization, name="Renamed", by=acme.olga, at=clock.now())
    assert SocialAccount.objects.exists()
    set_provider(acme.organization, issuer="https://other.example", by=acme.olga, at=clock.now())
    assert not SocialAccount.objects.exists()


def test_over_the_page(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    address = "/o/acme/signing-in/provider/"
    assert "/accounts/oidc/organization-" in client.get(address).content.decode()
    said = {
        "name": "Acme login", "kind": "openid_connect", "issuer": "https://login.example.org", "client_id": "t",
        "domains": "example.org", "groups_claim": "groups", "groups": "support = responder @ Customer care\nnonsense",
        "is_active": "on",
    }  # fmt: skip
    assert client.post(address, said).status_code == 422
    said["groups"] = "support = responder @ Customer care"
    assert client.post(address, said).status_code == 422, "the secret is missing"
    assert client.post(address, said | {"secret": "hidden-9"}).status_code == 302
    page = client.get(address).content.decode()
    assert "support = responder @ Customer care" in page and "hidden-9" not in page
    assert client.post(address, said | {"trusts_addresses": "on", "domains": ""}).status_code == 422
    assert client.post(address, said | {"groups": "all = owner"}).status_code == 422
    with pytest.raises(PermissionDenied):
        set_provider(acme.organization, name="X", by=acme.carla, at=clock.now())
    assert sign_in(acme.carla).get(address).status_code == 403


def test_whose_word_counts(acme: Cast, provider: IdentityProvider) -> None:
    at = clock.now()
    with pytest.raises(NotLetIn):
        recognise(provider, user=None, said=Said("rosa@example.org", is_verified=False), at=at)
    set_provider(acme.organization, trusts_addresses=True, by=acme.olga, at=at)
    provider.refresh_from_db()
    assert recognise(provider, user=None, said=Said("ROSA@example.org", is_verified=False), at=at) == acme.rosa
    with pytest.raises(NotLetIn):
        recognise(provider, user=None, said=Said("", is_verified=True), at=at)
    assert re.fullmatch(r"organization-\d+", provider.key)
    assert Organization.objects.count() == 2


def test_who_stops_at_the_provider_is_told_so(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    client = Client()
    there = client.get(f"/accounts/oidc/{provider.key}/login/").headers["Location"]
    back = urlsplit(httpx.post(there, data={"action": "deny"}, follow_redirects=False).headers["Location"])
    # The test provider forgets what every other sends back with an error: which request it answers.
    state = parse_qs(urlsplit(there).query)["state"][0]
    answer = client.get(f"{back.path}?{back.query}&state={state}", follow=True)
    assert "You did not sign in" in answer.content.decode()
