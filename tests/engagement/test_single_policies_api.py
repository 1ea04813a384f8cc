"""What an organization decides once, over the API: read as it stands, changed in part, refused like on pages."""

from __future__ import annotations

from typing import Any

import pytest

from roles.models import AuditEntry
from tests.cast import Cast

POLICIES = {
    "consult-policy": ("remind_after_minutes", 60, 100_000, "set_consult_policy"),
    "promotion-policy": ("most_percent", 10, 101, "limit_promotion"),
    "repetition-policy": ("across_most", 7, 0, "set_repetition"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_read_and_changed_in_part(acme: Cast, api: Any, name: str) -> None:
    field, value, wrong, verb = POLICIES[name]
    carla, here = api(acme.carla), f"/api/v1/{name}/"
    before = carla.get(here).json()
    assert carla.post(f"{here}change/", {field: value}).json() == before | {field: value}
    assert carla.get(here).json() == before | {field: value}
    assert AuditEntry.objects.get(verb=verb).by == acme.carla
    assert carla.post(f"{here}change/", {field: wrong}).status_code == 400
    assert carla.get(here).json() == before | {field: value}
    assert api(acme.rosa).post(f"{here}change/", {field: value}).status_code == 403


def test_the_deputy_is_never_asked_before_the_reminder(acme: Cast, api: Any) -> None:
    answer = api(acme.carla).post("/api/v1/consult-policy/change/", {"replace_after_minutes": 30})
    assert answer.status_code == 400 and "reminder" in answer.text
