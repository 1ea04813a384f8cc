"""What every answer carries, what cookies are called on a site with TLS, and which host is answered."""

from __future__ import annotations

import gzip
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config.compression import CompressionMiddleware
from tests.architecture.test_templates import refused
from tests.cast import PASSWORD, Cast


def test_pages_say_how_long_they_may_be_kept(cast: Cast, sign_in: Any, api: Any) -> None:
    client = sign_in(cast.rosa)
    page, way_in = client.get("/o/acme/team/"), Client().get("/accounts/login/")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "no-store" in way_in.headers["Cache-Control"]
    assert api(cast.rosa).get("/api/v1/members/").headers["Cache-Control"] == "no-store"
    for answer in (page, way_in, Client().get("/nowhere/"), Client().get("/health/")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in answer.headers["Permissions-Policy"]
        policy = answer.headers["Content-Security-Policy"]
        for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert part in policy
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_page_of_the_contract_is_held_to_the_same_policy(cast: Cast, client: Client) -> None:
    page, script = client.get("/api/v1/docs/"), client.get("/api/v1/docs/?script=")
    assert page.headers["Content-Security-Policy"] == client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert refused(page.content.decode()) == set() and "swagger-ui" in page.content.decode()
    # What it would ask a checker on the web for, it does not.
    assert '"validatorUrl": null' in script.content.decode()


def test_words_travel_compressed_and_pictures_as_they_are(acme: Cast, sign_in: Any) -> None:
    client, packed = sign_in(acme.olga), {"Accept-Encoding": "gzip, br"}
    plain, page = client.get("/o/acme/team/"), client.get("/o/acme/team/", headers=packed)
    assert page.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in page.headers["Vary"]
    assert len(page.content) < len(plain.content) / 3
    assert gzip.decompress(page.content).decode().count("<a ") == plain.content.decode().count("<a ")
    rows = client.get("/o/acme/team/export/", headers=packed)
    assert rows.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(rows.getvalue()).decode().count(acme.rosa.user.email) == 1
    for kind in ("image/png", "video/mp4", "application/pdf"):
        answer = HttpResponse(b"as it is " * 500, content_type=kind)
        through = CompressionMiddleware(lambda _request, answer=answer: answer)
        assert "Content-Encoding" not in through(RequestFactory().get("/", headers=packed)).headers


def test_signing_out_clears_pages_that_the_browser_kept(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.rosa)
    assert "Clear-Site-Data" not in client.get("/o/acme/team/").headers
    assert client.post("/o/acme/accounts/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_nothing_is_sent_back_as_it_came(client: Client) -> None:
    answer = client.generic("TRACE", "/health/", headers={"x-secret": "abc"})
    assert answer.status_code == 405 and b"abc" not in answer.content


def test_no_cookie_can_be_read_or_planted(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("SITE_URL", "https://touchline.example.org")
    monkeypatch.setenv("HSTS_SUBDOMAINS", "yes")
    secure = runpy.run_path("config/settings.py")
    assert secure["SESSION_COOKIE_NAME"] == "__Host-sessionid" and secure["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
    for name in (
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    ):  # fmt: skip
        setattr(settings, name, secure[name])
    client = Client()
    client.get("/accounts/login/", secure=True)
    client.post("/accounts/login/", {"login": cast.rosa.user.email, "password": PASSWORD}, secure=True)
    settings.COOKIE_PREFIX = secure["COOKIE_PREFIX"]
    client.cookies["theme"] = "light"
    assert "data-theme=" not in client.get("/o/acme/team/", secure=True).content.decode().partition("<body")[0]
    client.cookies["__Host-theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/o/acme/team/", secure=True).content.decode()
    assert "`${before}theme=" in Path("config/static/js/theme.js").read_text()
    del client.cookies["theme"], client.cookies["__Host-theme"]
    answer = client.post(f"/o/acme/team/{cast.rosa.pk}/away/", secure=True)
    assert {"__Host-sessionid", "__Host-csrftoken"} <= client.cookies.keys()
    for cookie in client.cookies.values():
        assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax", cookie.key
        assert cookie["path"] == "/" and not cookie["domain"], "else no browser takes a name that begins with __Host-"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("host", ["evil.example.net", "localhost.evil.example.net", "127.0.0.1:80:80", "a b", ""])
def test_a_host_that_is_not_ours_is_not_answered(db: None, client: Client, host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert client.get("/accounts/login/", headers={"host": host}).status_code == 400
    # Nor does what a proxy might say count, unless the proxy's own header does.
    assert client.get("/accounts/login/", headers={"host": "localhost", "x-forwarded-host": host}).status_code == 200
