"""Targets are written, changed and removed: by whom, why not, and without loss of what was promised."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions import targets as actions
from engagement.models import ResponseTarget, TargetEvent
from engagement.watching import watch
from roles.models import Position
from tests.cast import Cast
from tests.engagement.targets import FRIDAY, on, target


def test_what_cannot_be_promised_says_why(acme: Cast) -> None:
    with pytest.raises(ValidationError, match="at least one"):
        target(acme, first_response_minutes=None)
    with pytest.raises(ValidationError, match="1 to 99"):
        target(acme, warn_at_percent=100)
    with pytest.raises(ValidationError, match="applies by itself"):
        target(acme, is_default=False, priority=1)
    target(acme)
    with pytest.raises(ValidationError, match="applies to these"):
        target(acme, name="Another")
    assert ResponseTarget.objects.count() == 1


def test_who_coaches_one_department_promises_there(acme: Cast) -> None:
    whole = target(acme)
    Position.objects.filter(member=acme.carla).update(department=acme.care)
    del acme.carla.held_positions
    own = target(acme, name="Care", department=acme.care)
    with pytest.raises(PermissionDenied):
        actions.change_target(whole, name="Mine", by=acme.carla, at=FRIDAY)
    with pytest.raises(PermissionDenied):
        actions.change_target(own, department=acme.press, by=acme.carla, at=FRIDAY)
    with pytest.raises(PermissionDenied):
        actions.remove_target(own, by=acme.rosa, at=FRIDAY)


def test_a_target_is_changed_for_what_comes_and_removed_without_loss(acme: Cast, office: Any, routed: Any) -> None:
    row = target(acme)
    before = routed(on(0, "10:00"))
    actions.change_target(row, first_response_minutes=60, by=acme.carla, at=on(0, "10:30"))
    assert routed(on(0, "10:00")).due_at == on(0, "11:00")
    actions.remove_target(row, by=acme.carla, at=on(0, "10:40"))
    before.refresh_from_db()
    assert (before.target, before.due_at) == (None, on(0, "14:00"))
    assert watch(at=on(0, "14:01")) == 2 and TargetEvent.objects.filter(kind="miss").count() == 2


def test_a_target_that_a_rule_names_stays(acme: Cast, office: Any, routed: Any, sign_in: Any) -> None:
    vip = target(acme, name="VIP", is_default=False, first_response_minutes=15)
    assert routed(on(0, "10:00"), target=vip).due_at == on(0, "10:15")
    with pytest.raises(ValidationError, match="“All” names this target"):
        actions.remove_target(vip, by=acme.carla, at=FRIDAY)
    answer_ = sign_in(acme.carla).post(f"/o/acme/targets/{vip.pk}/remove/", follow=True)
    assert "names this target" in answer_.content.decode() and ResponseTarget.objects.exists()


def test_a_coach_writes_a_target_on_the_page(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.carla)
    data = {"name": "<b>Standard</b>", "first_response_minutes": "4 h", "next_response_minutes": "1 h 30 min",
            "in_business_hours": "on", "warn_at_percent": "80", "is_default": "on"}  # fmt: skip
    assert client.post("/o/acme/targets/add/", {**data, "resolution_minutes": "3 d"}).status_code == 422
    assert client.post("/o/acme/targets/add/", data).status_code == 302
    seen = sign_in(cast.rosa).get("/o/acme/targets/").content.decode()
    assert "First response within 4 hours" in seen and "Next response within 1 hour 30 minutes" in seen
    assert "&lt;b&gt;Standard" in seen and "around the clock" in seen and "Add a target" not in seen


def test_programs_write_targets(api: Any, acme: Cast) -> None:
    carla = api(acme.carla)
    made = carla.post(
        "/api/v1/response-targets/", {"name": "Standard", "first_response_minutes": 240, "is_default": True}
    )
    assert made.status_code == 201, made.json()
    address = f"/api/v1/response-targets/{made.json()['id']}/"
    assert carla.patch(address, {"resolution_minutes": 60}).json()["resolution_minutes"] == 60
    assert carla.post("/api/v1/response-targets/", {"name": "Nothing"}).status_code == 400
    assert api(acme.rosa).patch(address, {"name": "Mine"}).status_code == 403
    assert carla.delete(address).status_code == 204
