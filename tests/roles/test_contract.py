"""What the contract of the API promises, where programs found that answers were otherwise."""

from __future__ import annotations

import re
from typing import Any

import pytest

from maturity.models import TrainingPath
from roles.api import parsers
from tests import factories
from tests.architecture.test_what_programs_say import contract
from tests.cast import Cast


def shape(name: str) -> dict[str, Any]:
    properties: dict[str, Any] = contract()[0]["components"]["schemas"][name]["properties"]
    return properties


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = contract()[0]["paths"][f"/api/v1/{path}"][method]
    return found


def named(method: str, path: str, status: str = "200") -> str:
    [content] = operation(method, path)["responses"][status]["content"].values()
    return str(content["schema"].get("$ref", content["schema"])).rpartition("/")[2]


def test_each_refusal_is_told() -> None:
    assert set(operation("get", "members/")["responses"]) == {"200", "400", "401", "403", "404", "429"}
    changed = operation("put", "departments/{id}/")["responses"]
    assert set(changed) == {"200", "400", "401", "403", "404", "409", "415", "429"}
    assert [*changed["409"]["content"]] == ["application/problem+json"]


def test_a_program_is_told_that_there_is_no_such_address(acme: Cast, api: Any) -> None:
    for address in ("/api/v1/members/1.5/", "/api/v1/nowhere/"):
        answer = api(acme.rosa).get(address)
        assert answer.status_code == 404 and answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 404 and answer.json()["detail"]


@pytest.mark.parametrize("body", ["[" * 100_000 + "]" * 100_000, '{"a":' * 50_000])
def test_what_lies_too_deep_in_itself_is_no_json(acme: Cast, api: Any, body: str) -> None:
    answer = api(acme.carla).post("/api/v1/ideas/", body)
    assert answer.status_code == 400 and answer.json()["detail"]


def test_what_is_larger_than_anybody_means_is_not_read(acme: Cast, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"text": "acme " * 300}
    assert api(acme.carla).post("/api/v1/ideas/", said).status_code == 201
    monkeypatch.setattr(parsers, "MEGABYTE", 100)
    answer = api(acme.carla).post("/api/v1/ideas/", said)
    assert answer.status_code == 400 and "10 megabytes" in answer.json()["detail"]


def test_what_is_there_once_is_no_list() -> None:
    assert named("get", "second-factor/") == "SecondFactor"
    assert named("get", "departments/") == "PaginatedWholeDepartmentList"
    assert "Paginated" not in named("post", "columns/arrange/")


def test_what_may_be_empty_is_told() -> None:
    assert "BlankEnum" in str(shape("Mention")["triage_code"])
    assert "format" not in shape("Slot")["at_time"]
    assert "BlankEnum" not in str(shape("Mention")["state"])


def test_an_address_may_have_no_end_of_its_own() -> None:
    pattern = shape("Variant")["slug"]["pattern"]
    assert re.search(pattern, "") and re.search(pattern, "spring-catalogue") and not re.search(pattern, "a b")


@pytest.mark.parametrize("verb", ["post", "put"])
def test_a_path_needs_no_number_of_days(acme: Cast, api: Any, verb: str) -> None:
    said = {"name": "First week", "role": "responder", "steps": [{"kind": "read", "title": "Read this"}]}
    client = api(acme.carla)
    made = client.post("/api/v1/training-paths/", said)
    assert made.status_code == 201, made.content
    if verb == "put":
        assert client.put(f"/api/v1/training-paths/{made.json()['id']}/", said).status_code == 200
    assert TrainingPath.objects.get().due_days == 30


def test_where_no_draft_is_written_none_has_a_key() -> None:
    draft = shape("DraftOfAssignments")
    assert draft["id"]["nullable"] and draft["saved_at"]["nullable"]


def test_a_body_that_is_no_object_is_refused(acme: Cast, api: Any) -> None:
    address = f"/api/v1/channels/{factories.channel(network='by-hand').pk}/"
    assert api(acme.carla).patch(address, [1]).status_code == 400
    assert api(acme.carla).patch(address, {"name": "Notice board"}).json()["name"] == "Notice board"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("delete", "tracked-links/templates/"),
        ("get", "cadence/"),
        ("get", "time-budget/against/"),
        ("get", "time/totals/"),
    ],
)
def test_a_row_that_is_asked_for_by_a_parameter_may_be_none(acme: Cast, api: Any, method: str, path: str) -> None:
    asked = {"cadence/": "member"}.get(path, "campaign" if method == "delete" else "department")
    assert "404" in operation(method, path)["responses"]
    answer = getattr(api(acme.carla), method)(f"/api/v1/{path}", query_params={asked: "987654321"})
    assert answer.status_code == 404 and answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_a_list_without_pages_and_what_is_a_file_is_told(acme: Cast, api: Any) -> None:
    said = operation("get", "retention-rules/")["responses"]["200"]["content"]["application/json"]["schema"]
    assert said["type"] == "array"
    assert isinstance(api(acme.carla).get("/api/v1/retention-rules/").json(), list)
    assert [*operation("get", "media/{id}/file/")["responses"]["200"]["content"]] == ["*/*"]
