"""Listening over the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from listening.ingest import ingest
from listening.models import Mention, Post, Source, TrackingQuery
from roles import clock
from roles.models import IdempotencyKey
from roles.tasks import forget_old_keys
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.conftest import ApiClient
from tests.listening.pages import NOW, page, remote
from tests.listening.servers import FeedServer, feed

Api = Callable[[Any], ApiClient]


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        yield running


def test_a_source_is_added_polled_and_read(acme: Cast, api: Api, server: FeedServer) -> None:
    server.documents["/feed"] = feed("Acme is down", "Nothing")
    gita = api(acme.gita)
    query = gita.post("/api/v1/tracking-queries/", {"name": "Acme", "expression": "acme"})
    assert (query.status_code, query.json()["is_active"]) == (201, True)
    added = gita.post("/api/v1/sources/", {"network": "feed", "place": server.url("/feed")})
    assert added.status_code == 201, added.json()
    key = added.json()["id"]
    polled = gita.post(f"/api/v1/sources/{key}/poll/")
    assert polled.status_code == 200
    assert set(polled.json()) == {
        "id", "outcome", "status", "seen", "new", "revised", "gap", "problem", "started_at", "finished_at", "warning",
    }  # fmt: skip
    assert {name: polled.json()[name] for name in ("outcome", "status", "seen", "new", "problem")} == {
        "outcome": "taken", "status": 200, "seen": 2, "new": 2, "problem": "",
    }  # fmt: skip
    again = gita.post(f"/api/v1/sources/{key}/poll/").json()
    assert (again["outcome"], again["status"], again["new"]) == ("unchanged", 304, 0)
    posts = gita.get("/api/v1/posts/", {"source": key}).json()["results"]
    assert sorted(post["title"] for post in posts) == ["Acme is down", "Nothing"]
    [mention] = gita.get("/api/v1/mentions/", {"query": query.json()["id"], "state": "untriaged"}).json()["results"]
    assert mention["post"]["title"] == "Acme is down"
    assert mention["matches"] == [{"query": query.json()["id"], "spans": [["title", 0, 4]]}]
    health = gita.get(f"/api/v1/sources/{key}/").json()
    assert (health["name"], health["problem"], health["state"]) == ("A feed", "", "active")


def test_a_poll_that_fails_is_an_answer_with_a_reason(acme: Cast, api: Api, server: FeedServer) -> None:
    server.answers["/feed"] = (500, b"")
    source = factories.source(place=server.url("/feed"))
    polled = api(acme.gita).post(f"/api/v1/sources/{source.pk}/poll/")
    assert polled.status_code == 200
    assert polled.json()["outcome"] == "unreachable"
    assert "500" in polled.json()["problem"]


def test_polling_a_paused_source_is_a_conflict(acme: Cast, api: Api) -> None:
    source = factories.source()
    gita = api(acme.gita)
    assert gita.post(f"/api/v1/sources/{source.pk}/pause/", {"reason": "later"}).json()["state"] == "paused"
    refused = gita.post(f"/api/v1/sources/{source.pk}/poll/")
    assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")
    assert "later" in refused.json()["detail"]
    assert gita.post(f"/api/v1/sources/{source.pk}/resume/").json()["state"] == "active"


def test_sources_are_changed_and_removed(acme: Cast, api: Api) -> None:
    source = factories.source(name="Old")
    gita = api(acme.gita)
    changed = gita.patch(f"/api/v1/sources/{source.pk}/", {"name": "New", "department": acme.care.pk})
    assert (changed.json()["name"], changed.json()["department"]) == ("New", acme.care.pk)
    assert gita.patch(f"/api/v1/sources/{source.pk}/", {"is_internal": True}).json()["name"] == "New"
    assert gita.delete(f"/api/v1/sources/{source.pk}/").status_code == 204
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "network"),
        ({"network": "feed"}, "place"),
        ({"network": "feed", "place": "two words"}, "place"),
        ({"network": "nowhere", "place": "x"}, "network"),
        ({"network": "feed", "place": "https://a.example/feed", "department": 0}, "department"),
    ],
)
def test_what_cannot_be_a_source_is_a_problem_by_field(acme: Cast, api: Api, body: dict[str, Any], field: str) -> None:
    refused = api(acme.gita).post("/api/v1/sources/", body)
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    assert field in refused.json()["errors"]


def test_the_same_key_creates_once(acme: Cast, api: Api) -> None:
    gita = api(acme.gita)
    for path, body in (
        ("sources", {"network": "feed", "place": "https://a.example/feed"}),
        ("tracking-queries", {"name": "Acme", "expression": "acme"}),
    ):
        answers = [
            gita.post(f"/api/v1/{path}/", body, headers={"Idempotency-Key": f"once-{path}"}) for _turn in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
    assert (Source.objects.count(), TrackingQuery.objects.count()) == (1, 1)


def test_a_key_is_remembered_for_three_days(acme: Cast, api: Api) -> None:
    body = {"network": "feed", "place": "https://a.example/feed"}
    api(acme.gita).post("/api/v1/sources/", body, headers={"Idempotency-Key": "once"})
    with acting_for(None):
        assert forget_old_keys() == 0
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(days=3, minutes=1))
    with acting_for(None):
        assert forget_old_keys() == 1


def test_a_wrong_query_says_where(acme: Cast, api: Api) -> None:
    gita = api(acme.gita)
    refused = gita.post("/api/v1/tracking-queries/", {"name": "Acme", "expression": "acme AND )"})
    assert refused.status_code == 400
    body = refused.json()
    assert (body["position"], body["length"]) == (5, 3)
    assert body["errors"]["expression"]
    query = factories.query("acme")
    refused = gita.patch(f"/api/v1/tracking-queries/{query.pk}/", {"expression": '"open'})
    assert (refused.status_code, refused.json()["position"]) == (400, 0)


def test_queries_are_changed_paused_and_removed(acme: Cast, api: Api) -> None:
    query, gita = factories.query("acme"), api(acme.gita)
    path = f"/api/v1/tracking-queries/{query.pk}/"
    changed = gita.patch(path, {"expression": "acme OR zebra"}).json()
    assert (changed["expression"], changed["name"]) == ("acme OR zebra", query.name)
    assert changed["reading"]
    assert gita.post(f"{path}pause/").json()["is_active"] is False
    assert gita.post(f"{path}resume/").json()["is_active"] is True
    assert gita.delete(path).status_code == 204
    assert gita.get(path).status_code == 404


def test_a_post_is_read_with_all_it_said(acme: Cast, api: Api) -> None:
    source, rosa = factories.source(), api(acme.rosa)
    ingest(source, page(remote(1, "First"), remote(2, "Only")), at=NOW)
    ingest(source, page(remote(1, "Second"), remote(2, "Only")), at=NOW)
    edited, whole = Post.objects.order_by("-revision_count")
    found = rosa.get(f"/api/v1/posts/{edited.pk}/").json()
    assert (found["text"], found["revision_count"]) == ("Second", 2)
    assert [(version["number"], version["text"]) for version in found["revisions"]] == [(1, "First"), (2, "Second")]
    assert [row["text"] for row in rosa.get(f"/api/v1/posts/{whole.pk}/").json()["revisions"]] == ["Only"]


def test_mentions_are_triaged(acme: Cast, api: Api) -> None:
    mention, gita = factories.mention(), api(acme.gita)
    path = f"/api/v1/mentions/{mention.pk}/"
    dismissed = gita.post(f"{path}dismiss/", {"reason": "another Acme"}).json()
    assert (dismissed["state"], dismissed["triage_reason"]) == ("dismissed", "another Acme")
    assert gita.post(f"{path}restore/").json()["state"] == "untriaged"
    routed = gita.post(f"{path}route/", {"department": acme.care.pk}).json()
    assert (routed["state"], routed["department"]) == ("routed", acme.care.pk)
    assert gita.post(f"{path}route/", {"department": acme.press.pk}).status_code == 400
    assert gita.post("/api/v1/mentions/", {}).status_code == 405


@pytest.mark.parametrize("filters", [{"query": "x"}, {"since": "yesterday"}, {"state": "lost"}])
def test_a_filter_that_makes_no_sense_is_refused(acme: Cast, api: Api, filters: dict[str, str]) -> None:
    assert api(acme.gita).get("/api/v1/mentions/", filters).status_code == 400


def test_lists_are_narrowed(acme: Cast, api: Api) -> None:
    gita = api(acme.gita)
    mine, other = factories.source(), factories.source(network="practice", place="everything")
    factories.query("acme")
    ingest(mine, page(remote(1)), at=NOW)
    ingest(other, page(remote(2)), at=NOW)

    def keys(path: str, **filters: Any) -> list[str]:
        found = gita.get(f"/api/v1/{path}/", filters).json()["results"]
        return [(row.get("post") or row)["remote_id"][-1] for row in found]

    for path in ("posts", "mentions"):
        assert keys(path) == ["2", "1"]
        assert keys(path, source=mine.pk) == ["1"]
        assert keys(path, network="practice") == ["2"]
        assert keys(path, since=NOW.isoformat()) == ["2", "1"]
        assert keys(path, since="2100-01-01T00:00:00Z") == []
    assert keys("mentions", state="dismissed") == []


def test_lists_ask_the_same_questions_for_one_row_and_for_twenty(acme: Cast, api: Api) -> None:
    gita, source = api(acme.gita), factories.source()
    factories.query("acme")

    def fill(count: int) -> None:
        start = Post.objects.count()
        ingest(source, page(*(remote(start + number) for number in range(count))), at=NOW)
        for _number in range(count):
            factories.source(department=acme.care, channel=factories.channel())
            factories.query("zebra", department=acme.care)

    fill(1)
    before = {}
    paths = [f"/api/v1/{name}/" for name in ("sources", "posts", "mentions", "tracking-queries")]
    gita.get(paths[0])
    for path in paths:
        with CaptureQueriesContext(connection) as asked:
            gita.get(path)
        before[path] = len(asked)
    fill(19)
    assert Mention.objects.count() == 20
    for path in paths:
        with CaptureQueriesContext(connection) as asked:
            assert len(gita.get(path).json()["results"]) >= 20
        assert len(asked) == before[path], path


def test_another_organization_finds_nothing(acme: Cast, api: Api) -> None:
    source, query, mention = factories.source(), factories.query("acme"), factories.mention()
    sam = api(acme.sam)
    for path, key in (
        ("sources", source.pk), ("tracking-queries", query.pk), ("mentions", mention.pk), ("posts", mention.post_id),
    ):  # fmt: skip
        assert sam.get(f"/api/v1/{path}/").json()["results"] == []
        assert sam.get(f"/api/v1/{path}/{key}/").status_code == 404
    assert sam.post(f"/api/v1/sources/{source.pk}/poll/").status_code == 404
    theirs = {"network": "feed", "place": "https://a.example/", "department": acme.care.pk}
    assert sam.post("/api/v1/sources/", theirs).status_code == 400


def test_a_responder_reads_mentions_and_manages_nothing(acme: Cast, api: Api) -> None:
    rosa, source = api(acme.rosa), factories.source()
    assert rosa.get("/api/v1/mentions/").status_code == 200
    for path in ("sources/", f"sources/{source.pk}/poll/", "tracking-queries/"):
        assert rosa.post(f"/api/v1/{path}", {}).status_code == 403
