"""What allauth asks and answers is said in the words of our own pages, in every language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django.utils.encoding import force_str
from django.utils.html import escape

from config.catalogs import compile_all
from roles import entrance_forms
from roles.accounts import AccountAdapter
from tests.cast import PASSWORD, Cast

CHANGE = "/accounts/password/change/"


@pytest.fixture(autouse=True)
def _limits_begin_anew() -> Iterator[None]:
    cache.clear()
    with translation.override("en"):  # what a request asks for stays active after it
        yield
    cache.clear()


def signed_in() -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": "rosa@example.org", "password": PASSWORD})
    return client


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
def test_signing_in_speaks_the_language_of_the_browser(code: str, cast: Cast) -> None:
    compile_all()
    client = Client(headers={"Accept-Language": code})
    answer = client.post("/accounts/login/", {"login": "rosa@example.org", "password": "not-it"})
    page, asked = answer.content.decode(), client.get("/accounts/password/reset/").content.decode()
    assert f'<html lang="{code}"' in page
    with translation.override(code):
        for words in ("E-mail address", "Password", "The address or the password is not right."):
            assert escape(translation.gettext(words)) in page
        assert translation.gettext("Send me the link") in asked
    assert "placeholder" not in page + asked


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES if code != "en"])
def test_all_that_we_say_instead_is_said_in_every_language(code: str) -> None:
    compile_all()
    ours = AccountAdapter.error_messages.items() - DefaultAccountAdapter.error_messages.items()
    words = [*entrance_forms.LABELS.values(), *entrance_forms.HELP.values(), entrance_forms.DIFFERENT]
    words += [*(said for _name, said in ours), *AccountAdapter.ways_to_show.values()]
    with translation.override("en"):
        english = [force_str(said) for said in words]
    with translation.override(code):
        same = {one for one, said in zip(english, words, strict=True) if one == force_str(said)}
    # A code is one in French and in German, too, and a name in German.
    assert same <= {"Code", "Name"}


def test_a_password_is_changed_in_our_words(cast: Cast) -> None:
    client = signed_in()
    page = client.get(CHANGE).content.decode()
    assert "Current password" in page and "New password again" in page and "Current Password" not in page
    new = {"oldpassword": PASSWORD, "password1": "field-of-play-9", "password2": "field-of-play-8"}
    assert "These are two different passwords." in client.post(CHANGE, new).content.decode()
    wrong = {**new, "oldpassword": "not-it", "password2": new["password1"]}
    assert "This is not your password." in client.post(CHANGE, wrong).content.decode()
    changed = client.post(CHANGE, {**wrong, "oldpassword": PASSWORD}, follow=True)
    assert "Your password is changed." in changed.content.decode()


def test_whoever_shows_that_it_is_them_reads_in_which_ways(cast: Cast) -> None:
    ways = AccountAdapter().get_reauthentication_methods(cast.rosa.user)
    assert [str(way["description"]) for way in ways] == ["With your password"]


def test_ending_other_sessions_is_said_in_our_words(cast: Cast) -> None:
    signed_in().get("/o/acme/team/")
    client = signed_in()
    assert "Signed out everywhere else." in client.post("/accounts/sessions/", follow=True).content.decode()
