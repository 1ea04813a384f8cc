"""Signing in as a person does: password, second factor, recovery, forgotten password, sessions, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client

from roles import clock
from roles.accounts import password_link
from roles.models import User
from roles.password_links import PasswordLinks
from tests.cast import PASSWORD, Cast

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _limits_begin_anew() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def enter(client: Client, email: str = "rosa@example.org", password: str = PASSWORD, **rest: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **rest})


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_with_the_password(cast: Cast) -> None:
    client = Client()
    assert client.get("/o/acme/team/").headers["Location"] == "/accounts/login/?next=/o/acme/team/"
    page = client.get("/accounts/login/?next=/o/acme/team/")
    assert b"<h1>" in page.content and b'name="next"' in page.content
    wrong = enter(client, password="not-it")
    assert wrong.status_code == 200 and "_auth_user_id" not in client.session
    assert enter(client, next="/o/acme/team/").headers["Location"] == "/o/acme/team/"
    assert client.get("/o/acme/team/").status_code == 200
    assert enter(Client(), email="ROSA@Example.ORG").status_code == 302


def test_never_away_from_here(cast: Cast) -> None:
    answer = enter(Client(), next="https://elsewhere.example.net/")
    assert answer.headers["Location"] == "/"


def test_too_many_wrong_passwords_wait(cast: Cast) -> None:
    client = Client()
    for _attempt in range(5):
        enter(client, password="not-it")
    # The limit holds for the address whoever asks: another browser, another process.
    enter(second := Client())
    assert "_auth_user_id" not in second.session


def test_the_app_as_second_factor(cast: Cast) -> None:
    client = Client()
    enter(client)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/"), "a browser left open is not enough"
    assert client.post("/accounts/reauthenticate/", {"password": "not-it"}).status_code == 200
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r'class="code-input">([A-Z2-7]+)<', page)
    assert secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret[1])}).status_code == 302
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    recovery = re.findall(r"<li>([0-9a-f]{8})</li>", codes)
    assert len(recovery) == 10

    cache.clear()  # the same code may not be used twice within its half minute
    second = Client()
    assert enter(second).headers["Location"] == "/accounts/2fa/authenticate/"
    assert second.get("/o/acme/team/").status_code == 302, "the password alone is not enough"
    assert "One more step" in second.get("/accounts/2fa/authenticate/").content.decode()
    assert second.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert second.get("/o/acme/team/").status_code == 302
    assert second.post("/accounts/2fa/authenticate/", {"code": code_for(secret[1])}).status_code == 302
    assert second.get("/o/acme/team/").status_code == 200

    third = Client()
    enter(third)
    assert third.post("/accounts/2fa/authenticate/", {"code": recovery[0]}).status_code == 302
    assert third.get("/o/acme/team/").status_code == 200
    fourth = Client()
    enter(fourth)
    assert fourth.post("/accounts/2fa/authenticate/", {"code": recovery[0]}).status_code == 200, "used up"
    assert fourth.get("/o/acme/team/").status_code == 302


def html_of(message: Any) -> str:
    """The part of a mail that most programs show."""
    (part,) = message.alternatives
    assert part.mimetype == "text/html"
    return str(part.content)


def test_a_forgotten_password(cast: Cast) -> None:
    client = Client()
    assert client.post("/accounts/password/reset/", {"email": "rosa@example.org"}).status_code == 302
    assert client.post("/accounts/password/reset/", {"email": "nobody@example.org"}).status_code == 302
    assert [message.to for message in mail.outbox] == [["rosa@example.org"]]
    link = re.search(r"http://127\.0\.0\.1:\d+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link
    assert html_of(mail.outbox[0]).count(link[0]) == 3, "on the button, and written out"
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    new = {"password1": "an-entirely-new-one-9", "password2": "an-entirely-new-one-9"}
    assert client.post(address, new).status_code == 302
    assert client.get("/o/acme/team/").status_code == 200, "signed in by it"
    assert "does not work any more" in Client().get(link[1], follow=True).content.decode()
    enter(old := Client())
    assert "_auth_user_id" not in old.session


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_a_link_for_a_forgotten_password_lives_an_hour(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, minutes: int, works: bool
) -> None:
    Client().post("/accounts/password/reset/", {"email": "rosa@example.org"})
    assert "once, within an hour" in mail.outbox[0].body and "once, within an hour" in html_of(mail.outbox[0])
    link = re.search(r"http://127\.0\.0\.1:\d+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link
    then = datetime.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(PasswordLinks, "_now", lambda _links: then)
    page = Client().get(link[1], follow=True).content.decode()
    assert ("Set the password" in page) == works and ("it is too old" in page) != works


def test_the_link_of_a_first_owner_waits_for_three_days(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = User.objects.create_user("first@example.org", None, name="First")
    link = password_link(owner).partition("8000")[2]
    begun = datetime.now()
    for days, works in ((2, True), (4, False)):
        monkeypatch.setattr(PasswordLinks, "_now", lambda _links, days=days: begun + timedelta(days=days))
        assert ("Set the password" in Client().get(link, follow=True).content.decode()) == works
    # Who has come in by a provider has no password either, and is no newcomer.
    User.objects.filter(pk=owner.pk).update(last_login=clock.now())
    link = password_link(User.objects.get(pk=owner.pk)).partition("8000")[2]
    monkeypatch.setattr(PasswordLinks, "_now", lambda _links: begun + timedelta(days=4, hours=2))
    assert "it is too old" in Client().get(link, follow=True).content.decode()


def test_a_mail_names_the_installation_whatever_host_was_asked(cast: Cast, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/accounts/password/reset/", {"email": "rosa@example.org"}, headers={"host": "evil.example.net"})
    assert f"{settings.SITE_URL}/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil.example.net" not in mail.outbox[0].body + html_of(mail.outbox[0])


def test_sessions_are_listed_and_ended(cast: Cast) -> None:
    here, there = Client(headers={"user-agent": "Here/1"}), Client(headers={"user-agent": "There/1"})
    enter(here), enter(there)
    page = here.get("/accounts/sessions/").content.decode()
    assert "Here/1" in page and "There/1" in page
    here.post("/accounts/sessions/")
    assert here.get("/o/acme/team/").status_code == 200
    assert there.get("/o/acme/team/").status_code == 302


def test_another_address_counts_when_it_is_confirmed(cast: Cast) -> None:
    client = Client()
    enter(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "luz@example.org", "action_add": ""})
    cast.rosa.user.refresh_from_db()
    assert cast.rosa.user.email == "rosa@example.org"
    assert "luz@example.org" in client.get("/accounts/email/").content.decode()
    message = next(message for message in mail.outbox if message.to == ["luz@example.org"])
    assert message.subject == "Touchline: Use this address" and "/accounts/confirm-email/" in html_of(message)
    link = re.search(r"http://127\.0\.0\.1:\d+(/accounts/confirm-email/\S+)", str(message.body))
    assert link
    assert "luz@example.org" in client.get(link[1]).content.decode()
    client.post(link[1])
    cast.rosa.user.refresh_from_db()
    assert cast.rosa.user.email == "luz@example.org"


def test_open_sign_up_is_closed(db: None) -> None:
    assert "by invitation" in Client().get("/accounts/signup/").content.decode()
    Client().post("/accounts/signup/", {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD})
    from roles.models import User

    assert not User.objects.filter(email="x@example.org").exists()


PAGES = [
    "logout/",
    "password/change/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "password/reset/key/0-x/",
    "email/",
    "confirm-email/",
    "confirm-email/nonsense/",
    "inactive/",
    "reauthenticate/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "sessions/",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_of_it_looks_like_ours(cast: Cast, address: str) -> None:
    client = Client()
    enter(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for before in ("", "/o/acme"):
        answer = client.get(f"{before}/accounts/{address}", follow=address.startswith("password/reset/key/0"))
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert "narrow__main" in text and len(re.findall("<h1", text)) == 1
        assert not re.search(r"<script(?![^>]*(?: src=|application/json))", text), (
            "the policy lets no inline script run"
        )
        assert not re.search(r"\son\w+=|\sstyle=", text)


def test_a_passkey_page_brings_its_scripts(cast: Cast) -> None:
    client = Client()
    text = client.get(LOGIN).content.decode()
    assert "js/passkeys.js" in text and "mfa/js/webauthn.js" in text
    options = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["challenge"]


def test_a_browser_stays_signed_in_while_the_former_key_is_known(cast: Cast, settings: Any) -> None:
    client, second = Client(), Client()
    enter(client)
    enter(second)
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [former]
    assert client.get("/o/acme/team/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    # Who came by meanwhile holds a session under the new key; who did not signs in again.
    assert client.get("/o/acme/team/").status_code == 200
    assert second.get("/o/acme/team/").headers["Location"].startswith(LOGIN)
