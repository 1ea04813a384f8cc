"""Nothing that somebody typed into a plain form is lost where the form could not be taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

HERE = {"Origin": "http://testserver", "Referer": "http://testserver/o/acme/queue/7/?tab=mine"}
SAID = "I asked <b>twice</b>; here is what they say."


@pytest.fixture
def address(cast: Cast) -> str:
    with acting_for(cast.organization):
        return f"/o/acme/queue/{factories.assignment(department=cast.care, member=cast.rosa).pk}"


def test_whoever_was_signed_out_meanwhile_reads_what_they_wrote(cast: Cast, address: str) -> None:
    answer = Client().post(f"{address}/note/", {"text": SAID, "to": "12", "next": "/a long way/"}, headers=HERE)
    page = answer.content.decode()
    assert answer.status_code == 403 and "What you wrote" in page
    assert "I asked &lt;b&gt;twice&lt;/b&gt;; here is what they say." in page and "long way" not in page
    assert 'href="/accounts/login/?next=/o/acme/queue/7/%3Ftab%3Dmine"' in page


@pytest.mark.parametrize(
    ("said", "headers"),
    [({"text": SAID}, {}), ({"text": SAID}, {"Origin": "https://example.org"}), ({"to": "12"}, HERE)],
    ids=["no browser", "another site", "nothing written"],
)
def test_others_are_led_to_where_one_signs_in(cast: Cast, address: str, said: Any, headers: Any) -> None:
    answer = Client().post(f"{address}/note/", said, headers=headers)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")


def test_a_part_of_a_page_that_stays_open_is_told(cast: Cast, address: str) -> None:
    answer = Client().post(f"{address}/note/", {"text": SAID}, headers={**HERE, "HX-Request": "true"})
    assert answer.status_code == 403 and answer.headers["HX-Retarget"] == "#flash"
    assert "not signed in any more" in answer.content.decode()


def test_a_form_that_has_expired_shows_what_was_written(
    cast: Cast, address: str, sign_in: Callable[[Any], Client]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in(cast.rosa).cookies
    answer = client.post(f"{address}/note/", {"text": SAID}, headers=HERE)
    assert answer.status_code == 403 and "here is what they say" in answer.content.decode()
    elsewhere = client.post(f"{address}/note/", {"text": SAID}, headers={"Origin": "https://example.org"})
    assert elsewhere.status_code == 403 and "here is what they say" not in elsewhere.content.decode()


def test_whoever_may_not_any_more_and_whose_row_is_gone_read_it_too(
    cast: Cast, address: str, sign_in: Callable[[Any], Client]
) -> None:
    bodo, rosa = sign_in(cast.bodo), sign_in(cast.rosa)
    answer = bodo.post(f"{address}/reply/", {"text": SAID}, headers=HERE)
    assert answer.status_code == 403 and "here is what they say" in answer.content.decode()
    answer = rosa.post("/o/acme/queue/99999/note/", {"text": SAID}, headers=HERE)
    assert answer.status_code == 404 and "here is what they say" in answer.content.decode()


def test_what_is_refused_is_shown_with_its_reason(cast: Cast, address: str, sign_in: Callable[[Any], Client]) -> None:
    rosa = sign_in(cast.rosa)
    said = {"note": SAID, "to": "department:0"}
    answer = rosa.post(f"{address}/hand-off/", said, headers=HERE)
    assert answer.status_code == 404 and "here is what they say" in answer.content.decode()
    long = "so long " * 4000
    answer = rosa.post(f"{address}/note/", {"text": long}, headers=HERE)
    page = answer.content.decode()
    assert answer.status_code == 422 and "This was not taken" in page and long.strip() in page
    assert 'href="/o/acme/queue/7/?tab=mine"' in page and f'href="{address}/"' in page


@pytest.mark.parametrize("name", ["Referer", "Origin"])
def test_a_header_that_is_no_address_is_none(cast: Cast, sign_in: Callable[[Any], Client], name: str) -> None:
    rosa, crooked = sign_in(cast.rosa), {**HERE, name: "http://[x/"}
    for answer in (
        rosa.get("/o/acme/nothing/", headers=crooked),
        rosa.post("/o/acme/queue/99999/note/", {"text": SAID}, headers=crooked),
    ):
        assert answer.status_code == 404
    assert Client().post("/o/acme/queue/9/note/", {"text": SAID}, headers=crooked).status_code in {302, 403}


@pytest.mark.parametrize(
    "name",
    ["asked_anything", "client_secret", "new_password", "token", "api_key", "code", "certificate", "address", "url"],
)
def test_what_opens_something_is_never_shown(cast: Cast, sign_in: Callable[[Any], Client], name: str) -> None:
    said = {"text": SAID, name: "abcd efgh ijkl mnop"}
    page = sign_in(cast.rosa).post("/o/acme/queue/99999/note/", said, headers=HERE).content.decode()
    assert "here is what they say" in page and "efgh" not in page


def test_what_only_sounds_like_it_is_shown(cast: Cast, sign_in: Callable[[Any], Client]) -> None:
    said = {"passing": "As they pass by", "keyboard": "Of the keys", "opinion": "What we think"}
    page = sign_in(cast.rosa).post("/o/acme/queue/99999/note/", said, headers=HERE).content.decode()
    assert all(text in page for text in said.values())


def test_the_way_back_leads_to_no_other_host(cast: Cast, sign_in: Callable[[Any], Client]) -> None:
    crooked = {**HERE, "Referer": "http://testserver//evil.example/x"}
    page = sign_in(cast.rosa).post("/o/acme/queue/99999/note/", {"text": SAID}, headers=crooked).content.decode()
    assert 'href="/evil.example/x"' in page and 'href="//evil' not in page


def test_a_form_that_cannot_be_read_is_answered_all_the_same(cast: Cast, sign_in: Callable[[Any], Client]) -> None:
    """What is too much to be read is too much for the page that says that there is nothing here, too."""
    many = {f"field{number}": "x" for number in range(1_100)}
    assert sign_in(cast.rosa).post("/o/acme/nothing/", many, headers=HERE).status_code == 404
