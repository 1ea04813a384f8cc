"""Rules, assignments and replies over the API: the same verbs, the same refusals, constant queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.actions.assignments import claim
from engagement.conditions import all_of
from engagement.models import Assignment, Draft, Reply, RoutingRule
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


@pytest.fixture
def row(given: Given, acme: Cast) -> Assignment:
    factories.channel()
    return given(acme.rosa, reasons=[{"kind": "triaged", "by": "Gita"}])


def test_an_assignment_says_what_it_is_about_and_why(api: Any, acme: Cast, row: Assignment) -> None:
    found = api(acme.rosa).get("/api/v1/assignments/").json()["results"]
    assert [one["id"] for one in found] == [row.pk]
    one = found[0]
    assert one["mention"]["post"]["text"] == "Is Acme down?"
    assert one["mention"]["post"]["network"] == "practice"
    assert one["mention"]["post"]["author"]["handle"].startswith("person")
    assert one["reasons"] == ["Gita sent it here from the stream."]
    assert (one["member"]["name"], one["department"]["name"], one["state"]) == ("Rosa", "Customer care", "open")
    assert {"url", "title"} <= set(one["mention"]["post"])
    assert {"priority", "due_at", "version"} <= set(one)


def test_lists_are_filtered(api: Any, acme: Cast, given: Given, row: Assignment) -> None:
    other, left_over = given(acme.rui, state="claimed", claimed_at=clock.now()), given()

    def keys(query: str) -> set[int]:
        return {one["id"] for one in api(acme.rosa).get(f"/api/v1/assignments/?{query}").json()["results"]}

    assert keys("member=me") == {row.pk}
    assert keys("member=none") == {left_over.pk}
    assert keys(f"member={acme.rui.pk}") == {other.pk}
    assert keys("state=claimed") == {other.pk}
    assert keys(f"department={acme.press.pk}") == set()
    assert keys("") == {row.pk, other.pk, left_over.pk}
    assert api(acme.rosa).get("/api/v1/assignments/?state=lost").status_code == 400


def test_other_departments_are_not_shown(api: Any, acme: Cast, row: Assignment) -> None:
    Assignment.objects.update(department=acme.press, member=None)
    assert api(acme.rosa).get("/api/v1/assignments/").json()["results"] == []
    assert api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/claim/").status_code == 404
    assert len(api(acme.carla).get("/api/v1/assignments/").json()["results"]) == 1


def test_lists_cost_the_same_for_one_and_for_many(api: Any, acme: Cast, claimed: Given) -> None:
    def count(path: str) -> int:
        client = api(acme.rosa)
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    channel = factories.channel()

    def answered() -> None:
        row = claimed()
        Reply.objects.create(
            assignment=row, post=row.mention.post, channel=channel, by=acme.rosa, text="Yes.", key=str(row.pk),
            written_at=row.created_at, next_attempt_at=row.created_at,
        )  # fmt: skip
        RoutingRule.objects.create(name="All", department=acme.care)

    answered()
    paths = ("/api/v1/assignments/", "/api/v1/replies/")
    one = [count(path) for path in paths]
    for _ in range(12):
        answered()
    assert [count(path) for path in paths] == one


def test_claim_and_its_conflict(api: Any, acme: Cast, row: Assignment) -> None:
    answer = api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/claim/", {"version": 0})
    assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (200, "claimed", 1)
    second = api(acme.rui).post(f"/api/v1/assignments/{row.pk}/claim/")
    assert (second.status_code, second["Content-Type"]) == (409, "application/problem+json")
    assert "Rosa has claimed this" in second.json()["detail"]


def test_a_version_that_is_no_more_is_a_conflict(api: Any, acme: Cast, row: Assignment) -> None:
    client = api(acme.rosa)
    assert client.post(f"/api/v1/assignments/{row.pk}/claim/").status_code == 200
    assert client.post(f"/api/v1/assignments/{row.pk}/resolve/", {"outcome": "spam", "version": 0}).status_code == 409


def test_the_verbs_one_after_the_other(api: Any, acme: Cast, row: Assignment) -> None:
    rosa = api(acme.rosa)
    later = (clock.now() + timedelta(hours=1)).isoformat()

    def do(verb: str, **body: Any) -> Any:
        answer = rosa.post(f"/api/v1/assignments/{row.pk}/{verb}/", body)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    assert do("claim")["state"] == "claimed"
    assert do("release")["state"] == "open"
    assert do("claim")["state"] == "claimed"
    assert do("snooze", until=later)["state"] == "snoozed"
    assert do("wake")["state"] == "claimed"
    do("note", text="Ask the workshop.")
    notes = rosa.get(f"/api/v1/assignments/{row.pk}/notes/").json()
    assert [(note["text"], note["by"]["name"]) for note in notes] == [("Ask the workshop.", "Rosa")]
    assert do("resolve", outcome="no_answer_needed")["outcome"] == "no_answer_needed"
    assert do("reopen")["state"] == "claimed"
    assert do("hand-off", member=acme.rui.pk, note="You know it.")["member"]["name"] == "Rui"
    assert do("hand-back")["member"]["name"] == "Rosa"
    assert do("hand-off", department=acme.press.pk)["department"]["name"] == "Communications"
    assert do("hand-back")["department"]["name"] == "Customer care"


@pytest.mark.parametrize("body", [{}, {"member": 0}, {"member": None, "department": None}])
def test_a_hand_off_needs_somebody(api: Any, acme: Cast, row: Assignment, body: dict[str, Any]) -> None:
    assert api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/hand-off/", body).status_code == 400


def test_nobody_is_given_work_from_outside(api: Any, acme: Cast, row: Assignment) -> None:
    answer = api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/hand-off/", {"member": acme.sam.pk})
    assert answer.status_code == 400


def test_a_reply_and_how_far_it_came(api: Any, acme: Cast, row: Assignment) -> None:
    rosa = api(acme.rosa)
    body = {"assignment": row.pk, "text": "We are looking."}
    made = rosa.post("/api/v1/replies/", body, headers={"Idempotency-Key": "k1"})
    assert (made.status_code, made.json()["state"], made.json()["by"]["name"]) == (201, "ready", "Rosa")
    again = rosa.post("/api/v1/replies/", body, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    second = rosa.post("/api/v1/replies/", body)
    assert second.status_code == 409
    assert Draft.objects.get().text == "We are looking."
    shown = rosa.get(f"/api/v1/assignments/{row.pk}/").json()["replies"]
    assert [reply["id"] for reply in shown] == [made.json()["id"]]
    settled = rosa.post(f"/api/v1/replies/{made.json()['id']}/settle/", {"decision": "give_up"})
    assert (settled.status_code, settled.json()["state"]) == (200, "cancelled")
    assert rosa.get("/api/v1/replies/?state=cancelled").json()["results"][0]["needs_a_person"] is False


def test_what_the_rules_refuse_is_forbidden_with_the_reason(api: Any, acme: Cast, given: Given) -> None:
    row = given(acme.rosa, network="feed")
    answer = api(acme.rosa).post("/api/v1/replies/", {"assignment": row.pk, "text": "Yes."})
    assert (answer.status_code, "answer it there" in answer.json()["detail"]) == (403, True)


def test_rules_are_written_ordered_and_removed(api: Any, acme: Cast) -> None:
    carla = api(acme.carla)
    asked = {"all": [{"field": "words", "value": "interview OR article"}]}
    body = {"name": "The press", "department": acme.press.pk, "condition": asked, "priority": 2}
    first = carla.post("/api/v1/routing-rules/", body)
    assert first.status_code == 201, first.json()
    second = carla.post("/api/v1/routing-rules/", {"name": "All", "department": acme.care.pk}).json()
    first = first.json()
    assert (first["response_minutes"], first["is_active"], first["priority"]) == (None, True, 2)
    ordered = carla.post("/api/v1/routing-rules/order/", {"order": [second["id"], first["id"]]})
    assert [rule["name"] for rule in ordered.json()] == ["All", "The press"]
    assert carla.post("/api/v1/routing-rules/order/", {"order": [second["id"]]}).status_code == 400
    address = f"/api/v1/routing-rules/{first['id']}/"
    assert carla.patch(address, {"is_active": False}).json()["is_active"] is False
    assert first["reads"] == "it says “interview OR article”"
    bad = carla.patch(address, {"condition": all_of(words="interview OR (")})
    assert (bad.status_code, list(bad.json()["errors"])) == (400, ["condition"])
    assert "all.0" in str(bad.json()["errors"])
    assert carla.patch(address, {"condition": all_of(network="nowhere")}).status_code == 400
    assert api(acme.rosa).get(address).status_code == 403
    assert api(acme.gita).get(address).status_code == 200
    assert api(acme.gita).patch(address, {"name": "x"}).status_code == 403
    assert carla.delete(address).status_code == 204
    assert RoutingRule.objects.count() == 1


def test_a_stranger_finds_nothing(api: Any, cast: Cast, acme: Cast, row: Assignment) -> None:
    sam = api(cast.sam)
    with acting_for(cast.organization):
        claim(row, by=acme.rosa, at=clock.now())
    assert sam.get("/api/v1/assignments/").json()["results"] == []
    assert sam.get(f"/api/v1/assignments/{row.pk}/").status_code == 404
    assert sam.post("/api/v1/replies/", {"assignment": row.pk, "text": "Ha."}).status_code == 400
    assert sam.post(f"/api/v1/assignments/{row.pk}/release/").status_code == 404
