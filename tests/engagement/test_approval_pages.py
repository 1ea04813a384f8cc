"""Approval on its pages and over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.approving import digest_of
from engagement.models import ApprovalPolicy, Reply
from roles.steps import A_COACH, Step
from tests.cast import Cast
from tests.engagement.doubles import Town
from tests.engagement.test_approve import waiting
from tests.engagement.writing import Time

COACH = A_COACH


def test_the_pages_show_ask_and_decide(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any, sign_in: Callable[[Any], Any]
) -> None:
    policy(Step(member_ids=(acme.bodo.pk,)))
    made = written()
    step = waiting(made)
    bodo, rosa = sign_in(acme.bodo), sign_in(acme.rosa)
    listed = bodo.get("/o/acme/approvals/").content.decode()
    assert "We are on it." in listed and "Approve" in listed
    assert "We are on it." not in sign_in(acme.rui).get("/o/acme/approvals/").content.decode()
    beside = rosa.get(f"/o/acme/queue/{made.assignment_id}/").content.decode()
    assert "Bodo" in beside and "Withdraw" in beside
    assert "We are on it." in rosa.get("/o/acme/approvals/?tab=mine").content.decode()
    assert bodo.get(f"/o/acme/approvals/{step.pk}/approve/").status_code == 405
    stale = bodo.post(f"/o/acme/approvals/{step.pk}/approve/", {"digest": "x"}, follow=True)
    assert "has changed" in stale.content.decode()
    bodo.post(f"/o/acme/approvals/{step.pk}/approve/", {"digest": digest_of(step.reply)})
    made.refresh_from_db()
    assert made.state == "ready"


def test_the_page_sends_back_with_a_reason(acme: Cast, written: Any, now: Time, policy: Any, sign_in: Any) -> None:
    policy()
    made = written()
    step = waiting(made)
    sign_in(acme.carla).post(f"/o/acme/approvals/{step.pk}/send-back/", {"reason": "<b>Softer</b>"})
    page = sign_in(acme.rosa).get(f"/o/acme/queue/{made.assignment_id}/").content.decode()
    assert "&lt;b&gt;Softer&lt;/b&gt;" in page and "It came back" in page
    assert "We are on it.</textarea>" in page


def test_policies_have_a_page(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    assert carla.get("/o/acme/approval-policies/").status_code == 200
    fields = {"name": "Legal sees it", "whose": "everyone", "is_active": "on", "members_1": [acme.bodo.pk],
              "needs_1": "any", "roles_2": ["coach"], "needs_2": "all"}  # fmt: skip
    assert carla.post("/o/acme/approval-policies/add/", fields).status_code == 302
    made = ApprovalPolicy.objects.get()
    assert [(step.roles, step.member_ids) for step in made.steps.all()] == [([], [acme.bodo.pk]), (["coach"], [])]
    assert "Bodo" in carla.get("/o/acme/approval-policies/").content.decode()
    assert carla.post("/o/acme/approval-policies/add/", {"name": "Nobody", "whose": "everyone"}).status_code == 422
    assert carla.get(f"/o/acme/approval-policies/{made.pk}/change/").status_code == 200
    assert carla.post(f"/o/acme/approval-policies/{made.pk}/remove/").status_code == 302
    assert sign_in(acme.rosa).get("/o/acme/approval-policies/").status_code == 403


def test_the_list_costs_the_same_for_one_and_for_twenty(
    acme: Cast, written: Any, now: Time, policy: Any, sign_in: Any
) -> None:
    policy()
    carla = sign_in(acme.carla)

    def count() -> int:
        carla.get("/o/acme/approvals/")
        with CaptureQueriesContext(connection) as queries:
            carla.get("/o/acme/approvals/")
        return len(queries)

    written()
    one = count()
    for number in range(12):
        written(f"We are on it, number {number}.")
    assert count() == one


def test_over_the_api(acme: Cast, written: Any, now: Time, policy: Any, api: Any) -> None:
    carla, rosa = api(acme.carla), api(acme.rosa)
    steps = [{"roles": ["coach"]}]
    made = carla.post("/api/v1/approval-policies/", {"name": "All", "steps": steps})
    assert made.status_code == 201, made.json()
    assert rosa.post("/api/v1/approval-policies/", {"name": "Mine", "steps": steps}).status_code == 403
    key = made.json()["id"]
    assert carla.patch(f"/api/v1/approval-policies/{key}/", {"name": "Each"}).json()["steps"][0]["roles"] == ["coach"]
    written()
    (step,) = carla.get("/api/v1/approvals/?asked_of_me=true").json()["results"]
    address = f"/api/v1/approvals/{step['id']}"
    assert rosa.post(f"{address}/approve/", {"digest": step["digest"]}).status_code == 403
    assert carla.post(f"{address}/approve/", {"digest": "another"}).status_code == 409
    assert carla.post(f"{address}/approve/", {"digest": step["digest"]}).json()["state"] == "approved"
    assert carla.post(f"{address}/send-back/", {"reason": "Too late"}).status_code == 409
    assert Reply.objects.get().state == "ready"
    assert carla.delete(f"/api/v1/approval-policies/{key}/").status_code == 204
