"""A stranger, a wrong role, another organization: nothing, at any address and any route of the API.

The test finds the addresses itself, so a new page is tried without anybody's remembering it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import cycle
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from config.api import router
from roles.models import AuditEntry, Level, Organization, Role
from roles.permissions import CAPABILITIES
from roles.tenancy import acting_for
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.cast import Cast, assemble
from tests.sharing import made_once

METHODS = ("get", "post")
# Who is no member is turned away before anybody looks what they want: each door is tried in one way by whoever is not
# signed in, and in the other by a stranger.
# A refusal is one for the whole page and for a part of it; around a part no page is drawn, some hundred times over.
PART = {"HX-Request": "true"}


def refused_at(role: Role, places: Iterable[tuple[Any, str]]) -> list[Any]:
    """Where a role is tried that may not come in, of places and the capability that each needs.

    The same guard stands at every door and asks one table. That it stands there is tried at each door, by one of those
    whom it must refuse, in turn; whom it refuses, at the first door of each capability, by all of them.
    """
    found, known = [], set()
    for number, (place, capability) in enumerate(places):
        refused = [other for other in Role if other not in CAPABILITIES[capability]]
        if role in refused and (capability not in known or refused[number % len(refused)] == role):
            found.append(place)
        known.add(capability)
    return found


def furnished() -> tuple[Cast, int]:
    cast = assemble()
    with acting_for(cast.organization):
        return cast, one_of_each(cast)


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Cast, int]]:
    with made_once(furnished, django_db_blocker) as made:
        yield made


@pytest.fixture
def cast(house: tuple[Cast, int], db: None, settings: Settings, caplog: pytest.LogCaptureFixture) -> Cast:
    """Acme and Elsewhere; as there are some six thousand requests, their sessions are read from no table, nobody counts
    how many there were, and that one was refused is written into no log."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.PAGES_PER_MINUTE = settings.API_CALLS_PER_MINUTE = 0
    caplog.set_level(logging.ERROR, logger="django.request")
    return deepcopy(house[0])


@pytest.fixture
def key(house: tuple[Cast, int]) -> int:
    """The key under which Acme has a row of every kind that an address can name; Elsewhere has none under it."""
    return house[1]


def test_every_page_says_what_it_needs() -> None:
    assert [route.path for route in pages() if route.capability is None] == []


def test_nobody_who_is_not_signed_in_sees_a_page(cast: Cast, key: int) -> None:
    client = Client()
    for route, method in zip(pages(), cycle(METHODS), strict=False):
        answer = getattr(client, method)(f"/o/acme{route.filled(key)}")
        assert answer.status_code == 302, route
        assert answer.headers["Location"].startswith("/accounts/login/"), route


def test_no_page_lies_outside_an_organization(cast: Cast, key: int, sign_in: Any) -> None:
    client = sign_in(cast.carla)
    for route in pages():
        assert client.get(route.filled(key), headers=PART).status_code in {404, 405}, route


def test_a_member_of_another_organization_finds_nothing_here(cast: Cast, key: int, sign_in: Any) -> None:
    client = sign_in(cast.sam)
    for route, method in zip(pages(), cycle(METHODS[::-1]), strict=False):
        assert getattr(client, method)(f"/o/acme{route.filled(key)}", headers=PART).status_code == 404, route


def test_rows_of_another_organization_cannot_be_reached_from_ones_own(cast: Cast, key: int, sign_in: Any) -> None:
    client = sign_in(cast.sam)
    before = AuditEntry.everywhere.filter(organization=cast.organization).count()
    for route in pages():
        for method in METHODS if route.parameters else ():
            status = getattr(client, method)(f"/o/elsewhere{route.filled(key)}", headers=PART).status_code
            assert status in {404, 405, 403}, (method, route, status)
    assert AuditEntry.everywhere.filter(organization=cast.organization).count() == before


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_capability_is_refused(cast: Cast, key: int, sign_in: Any, role: Role) -> None:
    client = sign_in(cast.by_role()[role])
    for route in refused_at(role, ((route, str(route.capability)) for route in pages())):
        path = f"/o/acme{route.filled(key)}"
        statuses = {getattr(client, method)(path, headers=PART).status_code for method in METHODS}
        assert statuses <= {403, 405} and 403 in statuses, (route, statuses)


def test_every_door_is_tried_and_every_role_at_each_capability() -> None:
    needed = {"one": "roles.manage_members", "two": "roles.manage_members", "three": "roles.invite"}
    tried = {role: refused_at(role, needed.items()) for role in Role}
    assert {door for doors in tried.values() for door in doors} == set(needed)
    for first in ("one", "three"):
        assert {role for role in Role if first in tried[role]} == {*Role} - CAPABILITIES[needed[first]]


def api_routes() -> list[tuple[str, str, Any, str]]:
    """Every (address, method, viewset, action) of the API."""
    found = []
    for prefix, viewset, basename in router.registry:
        for route in router.get_routes(viewset):
            for method, action in router.get_method_map(viewset, route.mapping).items():
                lookup = router.get_lookup_regex(viewset)
                address = route.url.format(prefix=prefix, lookup=lookup, trailing_slash="/")
                found.append((address.lstrip("^").rstrip("$"), method, viewset, action))
        assert basename
    return found


def at(address: str, key: int) -> str:
    """The address with a key in it."""
    return "/api/v1/" + re.sub(r"\(\?P<\w+>[^)]*\)", str(key), address)


def test_every_route_of_the_api_says_what_it_needs() -> None:
    assert api_routes()
    unsaid = [(address, action) for address, _, viewset, action in api_routes() if action not in viewset.capabilities]
    assert unsaid == []


def test_the_api_answers_nobody_without_a_token(cast: Cast, key: int) -> None:
    client = Client()
    for address, method, _, _ in api_routes():
        answer = getattr(client, method)(at(address, key), content_type="application/json")
        assert answer.status_code == 401, address
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_of_another_organization_reaches_no_row(cast: Cast, key: int, api: Any) -> None:
    # All is open there: no level refuses before a row is looked for.
    Organization.objects.filter(pk=cast.elsewhere.pk).update(level=Level.CREATING)
    theirs = api(cast.sam)
    for address, method, _, _ in api_routes():
        if "(?P" in address:
            assert getattr(theirs, method)(at(address, key), {}).status_code == 404, (method, address)


def test_lists_of_another_organization_are_empty_of_ours(cast: Cast, key: int, api: Any) -> None:
    theirs = api(cast.sam)
    for address, method, _, action in api_routes():
        if method != "get" or action != "list":
            continue
        names = str(theirs.get(at(address, 0)).json())
        assert "Acme" not in names and "Rosa" not in names, address


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_capability_is_refused_by_the_api(cast: Cast, key: int, api: Any, role: Role) -> None:
    client = api(cast.by_role()[role])
    doors = (((address, method), viewset.capabilities[action]) for address, method, viewset, action in api_routes())
    for address, method in refused_at(role, doors):
        answer = getattr(client, method)(at(address, key), {})
        assert answer.status_code == 403, (method, at(address, key))
        assert answer.json()["detail"]
