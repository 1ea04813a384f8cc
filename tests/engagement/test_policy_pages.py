"""The pages and the API of the assignment policy, of time blocks and of handing over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from engagement.models import Assignment, AssignmentPolicy
from roles.actions.people import set_time_blocks
from roles.models import TimeBlock
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_the_pages_of_the_policy(acme: Cast, sign_in: Callable[[Any], Client], given: Given, at: datetime) -> None:
    given(acme.rosa)
    carla = sign_in(acme.carla)
    page = carla.get("/o/acme/assignment-policy/").content.decode()
    assert "differ by one at most" in page and "Hand over what Rosa has" in page
    form = {"languages": "must", "skills": "ignore", "sticks_days": 0, "share_hours": 24, "escalation_minutes": ""}
    assert carla.post("/o/acme/assignment-policy/", form).status_code == 302
    policy = AssignmentPolicy.objects.get()
    assert (policy.languages, policy.sticks_days, policy.escalation_minutes) == ("must", 0, None)
    bad = carla.post("/o/acme/assignment-policy/", {**form, "share_hours": 0})
    assert bad.status_code == 422 and "Give a number from 1 to 168." in bad.content.decode()
    assert sign_in(acme.gita).post("/o/acme/assignment-policy/", form).status_code == 403
    address = f"/o/acme/hand-over/{acme.rosa.pk}/"
    assert "Is Acme down?" in carla.get(address).content.decode()
    assert sign_in(acme.rui).get(address).status_code == 403
    answer = carla.post(address, {"to": acme.carla.pk, "note": "", "everything": "on"}, follow=True)
    assert "1 assignment is handed over." in answer.content.decode()
    assert Assignment.objects.get().member == acme.carla


def test_time_blocks_are_set_by_oneself_or_a_coach(acme: Cast, sign_in: Callable[[Any], Client], at: datetime) -> None:
    address = f"/o/acme/team/{acme.rosa.pk}/time-blocks/"
    form: dict[str, Any] = {"count": "2", "b0-weekday": 0, "b0-begins": "09:00", "b0-ends": "17:00", "b1-weekday": 1}
    form |= {"b0-activity": "responding", "b1-activity": "responding"}
    rosa = sign_in(acme.rosa)
    assert rosa.get(address).status_code == 200
    assert rosa.post(address, form).status_code == 302
    assert [str(block) for block in acme.rosa.time_blocks.all()] == ["Monday 09:00–17:00"]
    assert rosa.post(address, {**form, "b1-begins": "09:00"}).status_code == 422
    assert sign_in(acme.rui).post(address, form).status_code == 403
    assert sign_in(acme.carla).post(address, {"count": "0"}).status_code == 302
    assert not TimeBlock.objects.exists()
    with pytest.raises(ValidationError):
        set_time_blocks(acme.rosa, blocks=[(0, time(n // 6, n % 6), time(23)) for n in range(60)], by=None, at=at)


def test_the_policy_over_the_api(acme: Cast, api: Callable[[Any], Any], given: Given) -> None:
    row = given(acme.rosa)
    carla = api(acme.carla)
    assert carla.get("/api/v1/assignment-policy/").json()["share_hours"] == 8
    changed = carla.post("/api/v1/assignment-policy/change/", {"share_hours": 24}).json()
    assert changed["share_hours"] == 24 and "24 hours" in " ".join(changed["reads"])
    assert carla.post("/api/v1/assignment-policy/change/", {"share_hours": 999}).status_code == 400
    assert api(acme.gita).post("/api/v1/assignment-policy/change/", {"share_hours": 2}).status_code == 403
    body = {"member": acme.rosa.pk, "to": acme.rui.pk, "assignments": [row.pk]}
    assert carla.post("/api/v1/assignment-policy/hand-over/", body).json() == {"handed_over": 1, "stayed": 0}
    blocks = [{"weekday": 2, "begins": "22:00", "ends": "06:00"}]
    answer = api(acme.rosa).post(f"/api/v1/members/{acme.rosa.pk}/time-blocks/", blocks)
    assert answer.status_code == 200 and answer.json()[0]["begins"] == "22:00:00"
