"""The list of mentions over the API: the stream's filter, and its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.models import Mention, PostToIndex, Story, Topic
from listening.searching.housekeeping import index_due
from roles import clock
from tests import factories
from tests.cast import Cast

Api = Callable[[Any], Any]
LIST = "/api/v1/mentions/"


def listed(client: Any, **said: object) -> list[int]:
    answer = client.get(LIST, said)
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def told(count: int, **fields: Any) -> list[Mention]:
    about = Story.objects.create(first_at=clock.now(), last_at=clock.now(), size=count)
    return [factories.mention(story=about, **fields) for _ in range(count)]


def test_every_filter_of_the_stream_narrows_the_list(acme: Cast, api: Api) -> None:
    topic = Topic.objects.create(name="Bikes")
    [wanted] = told(1, topic=topic, language="it", sentiment=-1, source=factories.source(), department=acme.care)
    secret = factories.mention(post=factories.post(is_internal=True), topic=topic)
    client = api(acme.gita)
    for said in (
        {"department": acme.care.pk}, {"story": wanted.story_id}, {"language": "it"}, {"sentiment": -1},
        {"topic": topic.pk, "internal": "no"}, {"source": wanted.source_id},
        {"story": wanted.story_id, "until": "2999-01-01T00:00:00Z"},
    ):  # fmt: skip
        assert listed(client, **said) == [wanted.pk], said
    assert listed(client, internal="yes") == [secret.pk]
    assert listed(client, topic="none") == []
    assert listed(client, since="2999-01-01T00:00:00Z") == []
    PostToIndex.objects.create(post_id=wanted.post_id)
    index_due()
    assert listed(client, search="acme", department=acme.care.pk) == [wanted.pk]


def test_without_a_state_all_are_listed_and_each_place(acme: Cast, api: Api) -> None:
    rows = told(3)
    Mention.objects.filter(pk=rows[0].pk).update(state="kept")
    assert listed(api(acme.gita)) == [row.pk for row in rows[::-1]]


def test_a_story_is_listed_once_with_its_places(acme: Cast, api: Api) -> None:
    rows, alone = told(3), factories.mention()
    found = api(acme.gita).get(LIST, {"state": "untriaged", "fold": "true"}).json()["results"]
    assert [(row["id"], row["story"], row["places"]) for row in found] == [
        (alone.pk, None, 1), (rows[0].pk, rows[0].story_id, 3),
    ]  # fmt: skip


def test_lines_cost_the_same_for_one_and_for_twenty(acme: Cast, api: Api) -> None:
    client = api(acme.gita)
    told(2)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {"state": "untriaged", "fold": "true"})
        return len(queries)

    cost()
    one = cost()
    for _ in range(19):
        told(2)
    assert cost() == one


@pytest.mark.parametrize(
    "said",
    [
        {"fold": "true"}, {"fold": "true", "state": "untriaged", "search": "x"}, {"topic": "bikes"},
        {"internal": "maybe"}, {"network": "a b"}, {"story": "0"}, {"until": "soon"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(acme: Cast, api: Api, said: dict[str, str]) -> None:
    assert api(acme.gita).get(LIST, said).status_code == 400


def test_a_line_is_decided_with_its_story(acme: Cast, api: Api) -> None:
    rows, client = told(3), api(acme.gita)
    asked = {"verb": "dismiss", "mentions": [rows[0].pk], "whole": [rows[0].pk]}
    made = client.post("/api/v1/bulk-decisions/", asked).json()
    assert (made["decided"], made["story_ids"]) == (3, [rows[0].story_id])
    assert client.post("/api/v1/bulk-decisions/", asked).status_code == 409
    client.post(f"/api/v1/bulk-decisions/{made['id']}/undo/")
    assert set(Mention.objects.values_list("state", flat=True)) == {"untriaged"}
    wrong = {"verb": "dismiss", "mentions": [rows[0].pk], "whole": [rows[1].pk]}
    assert client.post("/api/v1/bulk-decisions/", wrong).status_code == 400
