"""The content room says what is there, and nothing more."""

from __future__ import annotations

from typing import Any

from roles.models import Level
from tests.cast import Cast


def test_it_says_truthfully_that_it_is_empty(acme: Cast, sign_in: Any) -> None:
    page = sign_in(acme.carla).get("/o/acme/content/").content.decode()
    assert "nothing to publish with yet" in page and "Responsive" in page and "Creating" in page
    assert '<form class="form' not in page
    assert '<a href="/o/acme/content/ideas/">Ideas</a>' in page
    acme.organization.level = Level.CREATING
    acme.organization.save()
    assert "it opens when it is built" in sign_in(acme.carla).get("/o/acme/content/").content.decode()


def test_an_owner_without_another_position_has_no_business_there(acme: Cast, sign_in: Any) -> None:
    assert sign_in(acme.olga).get("/o/acme/content/").status_code == 403
    assert sign_in(acme.sam).get("/o/acme/content/").status_code == 404
