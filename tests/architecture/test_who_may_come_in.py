"""A stranger, a wrong role, another organization: nothing, at any address and any route of the API.

The test finds the addresses itself, so a new page is tried without anybody's remembering it.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.api import router
from engagement.models import AssignmentNote, RoutingRule
from roles import clock
from roles.models import ApiToken, AuditEntry, Level, Organization, Role
from roles.permissions import CAPABILITIES
from roles.tenancy import acting_for
from tests import factories
from tests.architecture.routes import Route, pages
from tests.cast import Cast

METHODS = ("get", "post")


@pytest.fixture
def keys(cast: Cast) -> list[int]:
    """Keys of rows of Acme, one of each kind that an address can name; none of them is a key at Elsewhere."""
    with acting_for(cast.organization):
        # Push Acme's keys out of the reach of Elsewhere's few rows.
        assignment = factories.assignment(department=cast.care, member=cast.rosa)
        rows: list[Any] = [
            assignment,
            assignment.mention,
            assignment.mention.post,
            factories.source(),
            factories.query(),
            factories.topic(),
            RoutingRule.objects.create(name="All", department=cast.care),
            AssignmentNote.objects.create(assignment=assignment, by=cast.rosa, text="?", written_at=clock.now()),
            cast.care,
            cast.rosa,
            *cast.rosa.positions.all(),
        ]
    return sorted({row.pk for row in rows})


def addresses(route: Route, keys: list[int]) -> list[str]:
    return [route.filled(key) for key in keys] if route.parameters else [route.path]


def test_every_page_says_what_it_needs() -> None:
    assert [route.path for route in pages() if route.capability is None] == []


def test_nobody_who_is_not_signed_in_sees_a_page(cast: Cast, keys: list[int]) -> None:
    client = Client()
    for route in pages():
        for method in METHODS:
            for address in addresses(route, keys[:1]):
                answer = getattr(client, method)(f"/o/acme{address}")
                assert answer.status_code == 302, address
                assert answer.headers["Location"].startswith("/accounts/login/"), address


def test_no_page_lies_outside_an_organization(cast: Cast, keys: list[int], sign_in: Any) -> None:
    client = sign_in(cast.carla)
    for route in pages():
        for address in addresses(route, keys[:1]):
            assert client.get(address).status_code in {404, 405}, address


def test_a_member_of_another_organization_finds_nothing_here(cast: Cast, keys: list[int], sign_in: Any) -> None:
    client = sign_in(cast.sam)
    for route in pages():
        for method in METHODS:
            for address in addresses(route, keys[:1]):
                assert getattr(client, method)(f"/o/acme{address}").status_code == 404, address


def test_rows_of_another_organization_cannot_be_reached_from_ones_own(
    cast: Cast, keys: list[int], sign_in: Any
) -> None:
    client = sign_in(cast.sam)
    with acting_for(cast.elsewhere):
        own = set(cast.sam.positions.values_list("pk", flat=True)) | {cast.sam.pk}
    before = AuditEntry.everywhere.filter(organization=cast.organization).count()
    for route in pages():
        if not route.parameters:
            continue
        for key in set(keys) - own:
            for method in METHODS:
                status = getattr(client, method)(f"/o/elsewhere{route.filled(key)}").status_code
                assert status in {404, 405, 403}, (method, route.filled(key), status)
    assert AuditEntry.everywhere.filter(organization=cast.organization).count() == before


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_capability_is_refused(cast: Cast, keys: list[int], sign_in: Any, role: Role) -> None:
    client = sign_in(cast.by_role()[role])
    for route in pages():
        if role in CAPABILITIES[str(route.capability)]:
            continue
        for address in addresses(route, keys[:1]):
            statuses = {getattr(client, method)(f"/o/acme{address}").status_code for method in METHODS}
            assert statuses <= {403, 405} and 403 in statuses, (address, statuses)


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
    import re

    return "/api/v1/" + re.sub(r"\(\?P<\w+>[^)]*\)", str(key), address)


def test_every_route_of_the_api_says_what_it_needs() -> None:
    assert api_routes()
    unsaid = [(address, action) for address, _, viewset, action in api_routes() if action not in viewset.capabilities]
    assert unsaid == []


def test_the_api_answers_nobody_without_a_token(cast: Cast, keys: list[int]) -> None:
    client = Client()
    for address, method, _, _ in api_routes():
        answer = getattr(client, method)(at(address, keys[0]), content_type="application/json")
        assert answer.status_code == 401, address
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_of_another_organization_reaches_no_row(cast: Cast, keys: list[int], api: Any) -> None:
    # All is open there: no level refuses before a row is looked for.
    Organization.objects.filter(pk=cast.elsewhere.pk).update(level=Level.CREATING)
    theirs = api(cast.sam)
    with acting_for(cast.elsewhere):
        own = set(cast.sam.positions.values_list("pk", flat=True)) | {cast.sam.pk}
        own |= set(ApiToken.objects.values_list("pk", flat=True))
    for address, method, _, _ in api_routes():
        if "(?P" not in address:
            continue
        for key in set(keys) - own:
            assert getattr(theirs, method)(at(address, key), {}).status_code == 404, (method, at(address, key))


def test_lists_of_another_organization_are_empty_of_ours(cast: Cast, keys: list[int], api: Any) -> None:
    theirs = api(cast.sam)
    for address, method, _, action in api_routes():
        if method != "get" or action != "list":
            continue
        names = str(theirs.get(at(address, 0)).json())
        assert "Acme" not in names and "Rosa" not in names, address


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_capability_is_refused_by_the_api(cast: Cast, keys: list[int], api: Any, role: Role) -> None:
    client = api(cast.by_role()[role])
    for address, method, viewset, action in api_routes():
        if role not in CAPABILITIES[viewset.capabilities[action]]:
            answer = getattr(client, method)(at(address, keys[0]), {})
            assert answer.status_code == 403, (method, at(address, keys[0]))
            assert answer.json()["detail"]
