"""Every page answers for whoever holds all roles, with a plain row of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from roles.models import Role
from roles.tenancy import acting_for
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.cast import Cast, join_all


def test_no_page_fails(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    with acting_for(acme.organization):
        key = one_of_each(acme)
        [everybody] = join_all([("Ada", list(Role), None)])
    client = sign_in(everybody)
    client.raise_request_exception = False
    answers = {route.path: client.get(f"/o/acme{route.filled(key)}").status_code for route in pages()}
    assert [path for path, status in answers.items() if status >= 500] == []
    assert sum(status == 200 for status in answers.values()) > 100
