"""API tokens over the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client

from roles import clock
from roles.actions.tokens import make_token, revoke_token
from roles.models import ApiToken, AuditEntry
from tests.cast import Cast


def test_a_token_is_shown_once_works_within_its_scopes_and_ends(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    answer = client.post("/o/acme/tokens/make/", {"name": "Report", "scopes": ["read"]})
    found = re.search(r'id="key" value="([\w-]{40,})"', answer.content.decode())
    assert found and answer.headers["Cache-Control"] == "no-store"
    key = found[1]
    assert key not in client.get("/o/acme/tokens/").content.decode()
    assert key not in str(list(AuditEntry.objects.values())) and key not in str(list(ApiToken.objects.values()))
    headers = {"Authorization": f"Token {key}"}
    assert Client().get("/api/v1/members/", headers=headers).status_code == 200
    assert Client().post(f"/api/v1/members/{acme.rosa.pk}/away/", headers=headers).status_code == 403
    token = ApiToken.objects.get(name="Report")
    assert client.post(f"/o/acme/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/members/", headers=headers).status_code == 401


def test_a_scope_that_one_does_not_hold_is_not_offered(acme: Cast, sign_in: Any) -> None:
    data = {"name": "Report", "scopes": ["roles.manage_members"]}
    assert sign_in(acme.rosa).post("/o/acme/tokens/make/", data).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_ones_own(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    with pytest.raises(PermissionDenied):
        make_token(acme.rosa, name="x", scopes=[], by=acme.olga, at=now)
    token, _ = make_token(acme.rosa, name="x", scopes=[], by=acme.rosa, at=now)
    address = f"/o/acme/tokens/{token.pk}/revoke/"
    assert sign_in(acme.rosa).get(address).status_code == 405
    assert sign_in(acme.rui).post(address).status_code == 403
    assert sign_in(acme.sam).post(address.replace("acme", "elsewhere")).status_code == 404
    revoke_token(token, by=acme.olga, at=now)
    assert ApiToken.objects.get().revoked_at


def test_a_token_is_answered_so_often_in_a_minute(acme: Cast, api: Any, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    cache.clear()
    rosa, rui = api(acme.rosa), api(acme.rui)
    assert [rosa.get("/api/v1/members/").status_code for _call in range(4)] == [200, 200, 200, 429]
    answer = rosa.get("/api/v1/members/")
    assert answer.headers["Retry-After"] == "60" and answer.headers["Content-Type"] == "application/problem+json"
    assert rui.get("/api/v1/members/").status_code == 200, "each for itself"
    settings.API_CALLS_PER_MINUTE = 0
    assert rosa.get("/api/v1/members/").status_code == 200
