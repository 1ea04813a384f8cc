"""Every page answers for whoever holds all roles, with a plain row of every kind, and can be heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from roles.models import Role
from roles.tenancy import acting_for
from tests.architecture import hostile
from tests.architecture.heard import complaints
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.cast import Cast, join_all


def test_no_page_fails_and_each_can_be_heard_and_takes_no_words_for_markup(
    acme: Cast, sign_in: Callable[[Any], Client]
) -> None:
    with acting_for(acme.organization):
        key = one_of_each(acme)
        [everybody] = join_all([("Ada", list(Role), None)])
        assert hostile.plant(key) > 60
    client = sign_in(everybody)
    client.raise_request_exception = False
    answers = {route.path: client.get(f"/o/acme{route.filled(key)}") for route in pages()}
    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    shown = {
        path: answer.content.decode()
        for path, answer in answers.items()
        if answer.status_code == 200 and not answer.streaming and "text/html" in answer.headers["Content-Type"]
    }
    assert len(shown) > 100
    assert [f"{path}: {complaint}" for path, page in shown.items() for complaint in complaints(page)] == []
    # The button among the bookmarks is a script that one drags there.
    del shown["/content/ideas/share-button/"]
    read = {path: hostile.Page(page) for path, page in shown.items()}
    assert [f"{path}: {complaint}" for path, page in read.items() for complaint in page.complaints] == []
    assert sum(page.words > 0 for page in read.values()) > 50, "they are shown as they are"


def test_the_contract_of_the_api_can_be_read(db: None) -> None:
    answer = Client().get("/api/v1/schema/")
    assert answer.status_code == 200 and b"/api/v1/reports/{id}/told/" in answer.content
