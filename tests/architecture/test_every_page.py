"""Every page answers for whoever holds all roles, with a plain row of every kind, and can be heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from roles.models import Role
from roles.tenancy import acting_for
from tests.architecture import hostile
from tests.architecture.heard import Reader, complaints
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.cast import Cast, join_all


class Read(hostile.Page):
    """A page that is taken apart once: for whoever hears it, and for what a browser takes for markup."""

    def __init__(self, html: str) -> None:
        self.heard = Reader()
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.heard.handle_starttag(tag, attrs)
        super().handle_starttag(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.heard.handle_startendtag(tag, attrs)
        super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.heard.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        self.heard.handle_data(data)
        super().handle_data(data)


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
    with acting_for(None):  # files are sent as they are made, when nobody is acted for any more
        sent = [path for path, answer in answers.items() if answer.streaming and b"".join(answer.streaming_content)]
    assert "/team/export/" in sent
    shown = {
        path: answer.content.decode()
        for path, answer in answers.items()
        if answer.status_code == 200 and not answer.streaming and "text/html" in answer.headers["Content-Type"]
    }
    assert len(shown) > 100
    read = {path: Read(page) for path, page in shown.items()}
    heard = [f"{path}: {fault}" for path, page in read.items() for fault in complaints(shown[path], page.heard)]
    assert heard == []
    # The button among the bookmarks is a script that one drags there.
    del read["/content/ideas/share-button/"]
    assert [f"{path}: {complaint}" for path, page in read.items() for complaint in page.complaints] == []
    assert sum(page.words > 0 for page in read.values()) > 50, "they are shown as they are"


def test_the_contract_of_the_api_can_be_read(db: None) -> None:
    answer = Client().get("/api/v1/schema/")
    assert answer.status_code == 200 and b"/api/v1/reports/{id}/told/" in answer.content
