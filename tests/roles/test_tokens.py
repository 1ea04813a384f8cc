"""API tokens: made on a page, within their scopes, until their last day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from roles import clock
from roles.actions.tokens import make_token, revoke_token, tell_of_ends
from roles.housekeeping import organizations_with_terms
from roles.models import ApiToken, AuditEntry, Mail
from tests.cast import Cast


def test_a_token_is_shown_once_works_within_its_scopes_and_ends(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    answer = client.post("/o/acme/tokens/make/", {"name": "Report", "scopes": ["read"]})
    found = re.search(r'id="key" value="([\w-]{40,})"', answer.content.decode())
    assert found and answer.headers["Cache-Control"] == "no-store"
    key = found[1]
    page = client.get("/o/acme/tokens/").content.decode()
    assert key not in page
    assert page.count("Read, and nothing else") == 2, "offered, and said of the one that is there"
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


def test_a_token_ends_with_its_last_day_and_says_so(acme: Cast, sign_in: Any) -> None:
    client, today = sign_in(acme.rosa), timezone.localdate()
    offered = client.get("/o/acme/tokens/").content.decode()
    assert f'value="{today + timedelta(days=365):%Y-%m-%d}"' in offered, "a year, where nobody says otherwise"
    past = {"name": "Old", "ends_on": f"{today - timedelta(days=1):%Y-%m-%d}"}
    refused = client.post("/o/acme/tokens/make/", past)
    assert refused.status_code == 422 and "This day has passed." in refused.content.decode()
    assert client.post("/o/acme/tokens/make/", {"name": "Far", "ends_on": "9999-12-31"}).status_code == 422
    answer = client.post("/o/acme/tokens/make/", {"name": "Report", "ends_on": f"{today:%Y-%m-%d}"})
    key = re.search(r'id="key" value="([\w-]{40,})"', answer.content.decode())
    token = ApiToken.objects.get()
    assert key and token.ends_at is not None and "until <time" in " ".join(answer.content.decode().split())
    headers = {"Authorization": f"Token {key[1]}"}
    [said] = Client().get("/api/v1/tokens/", headers=headers).json()["results"]
    assert datetime.fromisoformat(said["ends_at"]) == token.ends_at and "key" not in said
    ApiToken.objects.update(ends_at=clock.now())
    over = Client().get("/api/v1/tokens/", headers=headers)
    assert over.status_code == 401 and "has ended" in over.json()["detail"]
    assert "Ended" in client.get("/o/acme/tokens/").content.decode()


def test_whoever_has_a_token_that_ends_soon_is_told_once(acme: Cast) -> None:
    at = clock.now()
    said: dict[str, Any] = {"scopes": [], "by": acme.rosa, "at": at}
    make_token(acme.rosa, name="For good", **said)
    make_token(acme.rosa, name="A week", ends_at=at + timedelta(days=7), **said)
    year, _ = make_token(acme.rosa, name="A year", ends_at=at + timedelta(days=365), **said)
    assert organizations_with_terms(at=at + timedelta(days=350)) == []
    then = at + timedelta(days=352)
    assert organizations_with_terms(at=then) == [acme.organization]
    assert [tell_of_ends(at=then) for _look in range(2)] == [1, 0]
    assert organizations_with_terms(at=then) == []
    [mail] = Mail.objects.all()
    assert (mail.member, mail.kind, mail.subject) == (acme.rosa, "tokens", "The API token “A year” ends soon")
    assert "/o/acme/tokens/" in mail.text and "refused from" in mail.text and "refused from" in mail.html
    ApiToken.objects.filter(pk=year.pk).update(end_told_at=None, revoked_at=then)
    assert tell_of_ends(at=then) == 0


def test_a_program_sees_and_ends_tokens_of_its_member_and_makes_none(acme: Cast, api: Any) -> None:
    rosa, rui = api(acme.rosa), api(acme.rui)
    other, _ = make_token(acme.rosa, name="Old", scopes=["read"], by=acme.rosa, at=clock.now())
    assert {row["name"] for row in rosa.get("/api/v1/tokens/").json()["results"]} == {"Old", "tests"}
    address = f"/api/v1/tokens/{other.pk}/"
    assert rui.get(address).status_code == rui.delete(address).status_code == 404
    assert rosa.get(address).json()["prefix"] == other.prefix and rosa.delete(address).status_code == 204
    assert rosa.get(address).status_code == 404 and AuditEntry.objects.filter(verb="revoke_token").count() == 1
    assert rosa.post("/api/v1/tokens/", {"name": "Another"}).status_code == 405, "it would never end"


def test_the_log_tells_of_tokens_that_open_nothing(acme: Cast, caplog: pytest.LogCaptureFixture) -> None:
    at = clock.now()
    token, key = make_token(acme.rosa, name="Old", scopes=[], ends_at=at + timedelta(days=1), by=acme.rosa, at=at)
    ApiToken.objects.update(ends_at=at)
    for one in (key, "guessed-at-random"):
        headers = {"Authorization": f"Token {one}", "X-Forwarded-For": "192.0.2.7"}
        assert Client().get("/api/v1/members/", headers=headers).status_code == 401
    assert f"Not let in (token that has ended): token {token.pk}, from 127.0.0.1" in caplog.text
    assert "Not let in (token): nobody known, from 127.0.0.1" in caplog.text
    assert key not in caplog.text and "guessed" not in caplog.text
