"""Signing in at another place with a real browser: OpenID Connect, SAML, the refusals, and the emergency way in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import oidc_provider_mock
import pytest

from roles import clock
from roles.actions.identity import Mapped, map_groups, set_provider
from roles.models import AuditEntry, Member, Role
from roles.tenancy import acting_for
from tests.cast import PASSWORD, Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor
from tests.roles.saml_provider import Provider

Visit = Callable[..., Visitor]


@pytest.fixture
def issuer(settings: Any) -> Iterator[str]:
    """The address of a provider that asks nobody for a password."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["localhost", "127.0.0.1"]
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def comes_as(who: Visitor, sub: str) -> None:
    """Say at the provider who one is."""
    who.page.get_by_role("link", name="Sign in with Acme login").click()
    who.page.get_by_placeholder("sub").fill(sub)
    who.page.get_by_role("button", name="Authorize").click()


def was_refused(who: Visitor, words: str) -> None:
    """Whoever is not let in reads why, on a page of the house."""
    who.page.get_by_text(words).wait_for()
    assert check_with_axe(who.page) == []
    # The browser notes the status of the page itself.
    who.complaints[:] = [line for line in who.complaints if "status of 4" not in line and "status of 502" not in line]


def test_openid_connect_the_refusals_and_the_emergency_way_in(visitor: Visit, stage: Cast, issuer: str) -> None:
    with acting_for(stage.organization):
        fields: dict[str, Any] = {"name": "Acme login", "kind": "openid_connect", "issuer": issuer}
        fields |= {"client_id": "touchline", "domains": ["example.org"], "groups_claim": "groups"}
        fields |= {"is_active": True, "is_only_way": True}
        provider = set_provider(stage.organization, **fields, secret="s3cret", by=stage.olga, at=clock.now())
        map_groups(provider, groups=[Mapped("leads", Role.COACH)], by=stage.olga, at=clock.now())
    for sub, claims in {
        "rosa-1": {"email": "rosa@example.org", "email_verified": True, "groups": ["leads"]},
        "thief": {"email": "olga@example.org", "email_verified": False},
        "far": {"email": "rosa@far.example", "email_verified": True},
    }.items():
        httpx.put(f"{issuer}/users/{sub}", json=claims).raise_for_status()
    rosa: Any = visitor(width=390)
    # The test provider dresses itself from a host that nobody asks here.
    rosa.page.context.route(re.compile("^https:"), lambda route: route.fulfill(body="", content_type="text/css"))
    rosa.page.goto(f"{rosa.address}/accounts/login/")
    comes_as(rosa, "thief")
    was_refused(rosa, "was verified")
    rosa.shot("not-let-in")
    rosa.page.get_by_role("link", name="Sign in with a password").click()
    comes_as(rosa, "far")
    was_refused(rosa, "do not sign in this way")
    rosa.page.goto(f"{rosa.address}/accounts/login/")
    rosa.page.get_by_role("link", name="Sign in with Acme login").click()
    rosa.page.get_by_role("button", name="Deny").click()
    was_refused(rosa, "did not confirm who you are")
    # Her password opens her account, and nothing here.
    rosa.page.goto(f"{rosa.address}/accounts/login/")
    rosa.page.get_by_label("Email").or_(rosa.page.get_by_label("E-mail")).first.fill("rosa@example.org")
    rosa.page.get_by_label("Password").first.fill(PASSWORD)
    rosa.page.get_by_label("Password").first.press("Enter")
    rosa.page.wait_for_url("**/o/acme/sign-in-there/")
    assert check_with_axe(rosa.page) == []
    rosa.shot("sign-in-there")
    comes_as(rosa, "rosa-1")
    rosa.page.wait_for_url("**/o/acme/**")
    rosa.goes_to("/playbook/strategy/")
    assert rosa.page.locator("h1").is_visible()
    with acting_for(stage.organization):
        assert Role.COACH in Member.objects.get(pk=stage.rosa.pk).roles
    rosa.page.goto(f"{rosa.address}/accounts/3rdparty/")
    assert rosa.page.url.startswith(f"{rosa.address}/o/acme/"), "no page of another house"
    # The provider is gone: an owner comes in all the same, and it is written down.
    with acting_for(stage.organization):
        set_provider(stage.organization, issuer="http://localhost:9", by=stage.olga, at=clock.now())
    olga: Any = visitor()
    olga.page.goto(f"{olga.address}/accounts/login/")
    olga.page.get_by_role("link", name="Sign in with Acme login").click()
    was_refused(olga, "does not answer as it should")
    olga.fills_in_the_form(stage.olga)
    olga.goes_to("/audit/")
    olga.page.get_by_text("Olga came in with a password, past the organization").first.wait_for()
    with acting_for(stage.organization):
        assert AuditEntry.objects.filter(verb="come_in_by_password").count() == 1


def test_saml_from_its_metadata_to_the_queue(visitor: Visit, stage: Cast, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    # Another site than ours, so that the browser sends the answer as it would from anywhere.
    there = Provider("rosa@example.org", "stranger@example.org")
    try:
        olga: Any = visitor().signs_in(stage.olga)
        olga.goes_to("/signing-in/provider/")
        olga.page.get_by_label("Name on the button").fill("Acme SAML")
        olga.page.get_by_label("Kind").select_option("saml")
        olga.page.get_by_label("Metadata", exact=False).first.fill(there.entity)
        olga.page.locator("[name=domains]").fill("example.org")
        olga.page.get_by_label("It verifies the addresses").check()
        olga.page.get_by_label("Claim or attribute").fill("groups")
        olga.page.get_by_label("Groups and roles").fill("support = responder @ Customer care")
        olga.page.get_by_label("Switched on").check()
        assert check_with_axe(olga.page) == []
        olga.shot("provider")
        olga.page.get_by_role("button", name="Save").click()
        olga.page.wait_for_url("**/signing-in/")
        olga.goes_to("/signing-in/provider/")
        assert olga.page.get_by_label("Sign-in address").input_value() == f"{there.address}/sso"
        rosa: Any = visitor()
        rosa.page.goto(f"{rosa.address}/accounts/login/?next=/o/acme/queue/")
        rosa.page.get_by_role("link", name="Sign in with Acme SAML").click()
        rosa.page.get_by_role("button", name="stranger@example.org").click()
        was_refused(rosa, "is not a member")
        rosa.page.goto(f"{rosa.address}/accounts/login/?next=/o/acme/queue/")
        rosa.page.get_by_role("link", name="Sign in with Acme SAML").click()
        rosa.page.get_by_role("button", name="rosa@example.org").click()
        rosa.page.wait_for_url("**/o/acme/queue/")
    finally:
        there.stop()
