"""What somebody tries who wants to come in and may not: guessing, waiting for others, leading them elsewhere."""

from __future__ import annotations

import logging
import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpResponseRedirect
from django.test import Client, RequestFactory

from roles.housekeeping import count_sealed, reseal_all
from roles.models import User
from roles.passwords import NotOurName
from roles.respond import back_to
from tests.cast import PASSWORD, Cast
from tests.roles.test_signing_in import code_for, enter

ROSA, NOBODY = "rosa@example.org", "nobody@example.org"
TEAM = "/o/acme/team/"


@pytest.fixture(autouse=True)
def _limits_begin_anew(db: None) -> None:
    cache.clear()


def seen(answer: Any) -> str:
    """What a stranger sees of an answer, without what is new on every page and what they typed themselves."""
    text = re.sub(r'value="[\w-]{60,}"|[Rr]osa@example\.org|nobody@example\.org', "", answer.content.decode())
    return f"{answer.status_code} {answer.headers.get('Location')} {text}"


def test_a_wrong_password_and_an_unknown_address_look_the_same(cast: Cast) -> None:
    assert seen(enter(Client(), ROSA, "not-it")) == seen(enter(Client(), NOBODY, "not-it"))
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": email}, follow=True) for email in (ROSA, NOBODY)
    )
    assert seen(known) == seen(unknown) and [message.to for message in mail.outbox] == [[ROSA]]


def test_an_unknown_address_costs_a_hash_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    encode = PBKDF2PasswordHasher.encode

    def counted(self: Any, password: str, salt: str, iterations: int | None = None) -> str:
        hashed.append(password)
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    enter(Client(), ROSA, "not-it")
    of_the_known = len(hashed)
    enter(Client(), NOBODY, "not-it")
    assert of_the_known == 1 and len(hashed) == 2


def test_a_session_that_somebody_else_began_is_not_the_one_that_comes_in(cast: Cast, settings: Any) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    enter(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    (thief := Client()).cookies[settings.SESSION_COOKIE_NAME] = before
    assert client.get(TEAM).status_code == 200 and thief.get(TEAM).status_code == 302


ELSEWHERE = [
    "https://elsewhere.example.net/", "//elsewhere.example.net/", "///elsewhere.example.net",
    "/\\elsewhere.example.net", "\\\\elsewhere.example.net", "https:elsewhere.example.net",
    "https:///elsewhere.example.net", "/\t/elsewhere.example.net", "javascript:alert(1)", "data:text/html,x",
    " //elsewhere.example.net", "http://testserver@elsewhere.example.net/",
    "/\r\nLocation: https://elsewhere.example.net", "//elsewhere。example。net",
]  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_and_out_leads_nowhere_else(cast: Cast, address: str) -> None:
    client = Client()
    for answer in (
        enter(client, next=address),
        client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": address}),
        client.post(f"/accounts/logout/?next={address}".replace("\r\n", "%0d%0a"), {"next": address}),
    ):
        assert answer.status_code == 302
        assert re.fullmatch(r"/(?![/\\])[^\s\\]*", answer.headers["Location"]), answer.headers["Location"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_form_leads_elsewhere(address: str) -> None:
    for request in (RequestFactory().post("/", {"next": address}), RequestFactory().get("/", {"next": address})):
        answer = HttpResponseRedirect(back_to(request, "/here/"))
        assert re.fullmatch(r"/(?![/\\])[^\s\\]*", answer.headers["Location"]), answer.headers["Location"]


def test_a_session_ends_at_its_age_and_when_nothing_is_heard(cast: Cast, settings: Any, sign_in: Any) -> None:
    client = sign_in(cast.rosa)

    def since(*, began: float, seen: float) -> int:
        session = client.session
        session["began"], session["seen"] = int(time.time() - began * 3600), int(time.time() - seen * 3600)
        session.save()
        return int(client.get(TEAM).status_code)

    assert since(began=settings.SESSION_HOURS - 1, seen=1) == 200
    assert since(began=1, seen=settings.SESSION_IDLE_HOURS - 1) == 200
    assert time.time() - client.session["seen"] < 600, "a page is a sign of life"
    assert since(began=1, seen=settings.SESSION_IDLE_HOURS + 1) == 302
    assert "_auth_user_id" not in client.session, "nothing of it is left"
    client = sign_in(cast.rosa)
    assert since(began=settings.SESSION_HOURS + 1, seen=0) == 302


def test_a_session_from_before_begins_to_count(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.rosa)
    session = client.session
    del session["began"], session["seen"]
    session.save()
    assert client.get(TEAM).status_code == 200
    assert time.time() - client.session["began"] < 600


def test_a_new_password_ends_the_other_sessions(cast: Cast) -> None:
    here, there = Client(), Client()
    enter(here), enter(there)
    new = "an-entirely-new-one-9"
    here.post("/accounts/password/change/", {"oldpassword": "not-it", "password1": new, "password2": new})
    assert there.get(TEAM).status_code == 200, "without the old one nothing changes"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert here.get(TEAM).status_code == 200 and there.get(TEAM).status_code == 302


def test_a_new_password_is_no_way_around_the_second_factor(cast: Cast) -> None:
    TOTP.activate(cast.rosa.user, "JBSWY3DPEHPK3PXP")
    client = Client()
    client.post("/accounts/password/reset/", {"email": ROSA})
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link
    address = client.get(link[0], follow=True).redirect_chain[-1][0]
    new = "an-entirely-new-one-9"
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    assert client.get(TEAM).status_code == 302 and "_auth_user_id" not in client.session


def test_another_address_is_asked_for_by_whoever_knows_the_password(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.rosa).post("/accounts/email/", {"email": "thief@example.org", "action_add": ""})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not mail.outbox


def test_the_operator_ends_sessions(cast: Cast, sign_in: Any) -> None:
    rosa, rui = Client(), Client()
    enter(rosa), enter(rui, cast.rui.user.email)
    call_command("sign_out", "ROSA@example.org", stdout=(out := StringIO()))
    assert out.getvalue() == "1 sessions were ended.\n"
    assert (rosa.get(TEAM).status_code, rui.get(TEAM).status_code) == (302, 200)
    call_command("sign_out", everybody=True, stdout=StringIO())
    assert rui.get(TEAM).status_code == 302
    with pytest.raises(CommandError):
        call_command("sign_out", NOBODY)


@pytest.mark.parametrize("password", ["Touchline2026!", "acme-acme-acme", "Welcome.Touchline1", "ACME 12345"])
def test_our_own_names_are_no_password(cast: Cast, password: str) -> None:
    with pytest.raises(ValidationError):
        NotOurName().validate(password, cast.rosa.user)
    NotOurName().validate(f"{password} and a horse", cast.rosa.user)


@pytest.mark.parametrize(
    "password", ["wilhelmina", "Featherstone1", "wilhelminafeatherstone", "w.featherstone", "password1", "1234567"]
)
def test_ones_own_name_and_what_many_have_is_no_password(password: str) -> None:
    who = User(email="w.featherstone@example.org", name="Wilhelmina Featherstone")
    with pytest.raises(ValidationError):
        validate_password(password, who)
    validate_password("brass kettle over nine", who)


def test_a_password_is_as_long_as_one_likes_and_taken_as_it_is(cast: Cast) -> None:
    long = " Ein Satz, den ich behalte: ☂ und 7 Pferde. " * 3
    client = Client()
    enter(client)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": long, "password2": long})
    for wrong in (long.strip(), long[:72], long.lower()):
        enter(other := Client(), ROSA, wrong)
        assert "_auth_user_id" not in other.session
    cache.clear()
    assert enter(Client(), ROSA, long).status_code == 302


def test_a_copy_of_the_database_opens_no_second_factor(cast: Cast, settings: Any) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(cast.rosa.user, secret)
    seed = RecoveryCodes.activate(cast.rosa.user)
    codes = seed.generate_codes()
    assert secret not in str(list(Authenticator.objects.values()))
    assert codes[0] not in str(list(Authenticator.objects.values()))
    # A row of before they were sealed works on, and is sealed by `reseal`.
    Authenticator.objects.filter(type="totp").update(data={"secret": secret})
    enter(client := Client())
    assert client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)}).status_code == 302
    assert client.get(TEAM).status_code == 200
    assert (count_sealed().all, count_sealed().former) == (2, 1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert reseal_all().former == 2
    settings.SECRET_KEY_FALLBACKS = []
    cache.clear()  # the same code may not be used twice within its half minute
    assert TOTP(Authenticator.objects.get(type="totp")).validate_code(code_for(secret))
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes() == codes


def test_the_log_tells_of_ways_in_without_the_words_of_anybody(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = Client()
    enter(client, "Rosa@example.org", "not-it\r\nINFO forged: Signed in")
    enter(client, ROSA, "not-it")
    enter(client)
    client.post("/accounts/logout/")
    for _attempt in range(6):
        enter(Client(), NOBODY, "not-it")
    TOTP.activate(cast.rosa.user, "JBSWY3DPEHPK3PXP")
    cache.clear()
    enter(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    told = [record.getMessage() for record in caplog.records if record.name == "roles.sign_in_log"]
    user = cast.rosa.user.pk
    first, second, came, left = told[:4]
    assert first == second and re.fullmatch(r"Not let in \(password\): account [0-9a-f]{12}, from 127\.0\.0\.1", first)
    assert came == f"Signed in by password: user {user}, from 127.0.0.1"
    assert left == f"Signed out: user {user}, from 127.0.0.1"
    assert told[4] != first and "Not let in (too often): an account, from 127.0.0.1" in told
    assert told[-1] == f"Not let in (second factor): user {user}, from 127.0.0.1"
    whole = "\n".join(record.getMessage() for record in caplog.records)
    assert "example.org" not in whole and "not-it" not in whole and "forged" not in whole
