"""The editorial desk shows what is coming, what one writes, and what could be said next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.test.utils import CaptureQueriesContext

from content.actions.ideas import note_idea
from roles import clock
from roles.models import Level
from tests import factories
from tests.cast import Cast


def test_it_shows_what_is_coming_and_ones_own(acme: Cast, sign_in: Any) -> None:
    mine = factories.piece("How we true a wheel", author=acme.rosa)
    factories.piece("Of somebody else", author=acme.carla)
    factories.publication(factories.variant(mine), due_at=clock.now() + timedelta(days=2))
    note_idea("Explain the chain", by=acme.gita, at=clock.now())
    page = sign_in(acme.rosa).get("/o/acme/content/").content.decode()
    assert page.count("How we true a wheel") == 2 and "Explain the chain" in page and "Of somebody else" not in page


def test_it_says_what_opens_later(acme: Cast, sign_in: Any) -> None:
    assert "publishing opens later" in sign_in(acme.carla).get("/o/acme/content/").content.decode()
    acme.organization.level = Level.CREATING
    acme.organization.save()
    assert "publishing opens later" not in sign_in(acme.carla).get("/o/acme/content/").content.decode()


def test_it_asks_as_much_for_many_as_for_one(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    fill(acme, 1)
    one = asked(client)
    fill(acme, 6)
    assert asked(client) == one


def fill(acme: Cast, number: int) -> None:
    for each in range(number):
        piece = factories.piece(author=acme.rosa)
        for hours in (1, 2):
            factories.publication(factories.variant(piece), due_at=clock.now() + timedelta(hours=each + hours))
        note_idea(f"Idea {each}", by=acme.gita, at=clock.now())


def asked(client: Client) -> int:
    from django.db import connection

    client.get("/o/acme/content/")
    with CaptureQueriesContext(connection) as found:
        assert client.get("/o/acme/content/").status_code == 200
    return len(found)


def test_an_owner_without_another_position_has_no_business_there(acme: Cast, sign_in: Any) -> None:
    assert sign_in(acme.olga).get("/o/acme/content/").status_code == 403
    assert sign_in(acme.sam).get("/o/acme/content/").status_code == 404
