"""For whom a request acts ends with the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roles.api.views import ApiViewSet
from roles.tenancy import acting_for, active_organization
from tests.cast import Cast


def test_a_request_of_the_api_that_fails_leaves_nothing_behind(
    cast: Cast, api: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(cast.olga)
    client.client.raise_request_exception = False

    left: list[Any] = []

    def fail(self: ApiViewSet, request: Any, *args: Any, **kwargs: Any) -> Any:
        left.append(request._request.organization_scope)
        assert active_organization() == cast.organization
        raise RuntimeError("something that no view expects")

    monkeypatch.setattr("roles.api.members.MemberViewSet.list", fail)
    with acting_for(cast.elsewhere):
        assert client.get("/api/v1/members/").status_code == 500
        # As happens at any time to what was left open: its memory is reclaimed, and it ends then.
        left[0].close()
        assert active_organization() == cast.elsewhere
