"""Ideas: who notes, rates, accepts, drops and picks them up, in words or from wherever they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from content.actions.ideas import accept_idea, change_idea, develop_idea, drop_idea, note_idea, pick_up_idea, rate_idea
from content.models import Idea, Piece
from listening.models import Mention, Story
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

HERE = "/o/acme/content/ideas/"
PART = {"HX-Request": "true"}


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def noted(acme: Cast, text: str = "A page about brakes", **said: Any) -> Idea:
    return note_idea(text, **{**acting(acme.gita), **said})


def test_an_idea_is_noted_dropped_and_picked_up(acme: Cast) -> None:
    mention = factories.mention(topic=(topic := factories.topic("Repairs")))
    row = note_idea("", mention=mention, **acting(acme.gita))
    assert (row.state, row.mention, row.noted_by, row.origin) == ("open", mention, acme.gita, "mention")
    assert row.text and row.topic == topic
    dropped = drop_idea(row, reason="Said already", **acting(acme.bodo))
    assert (dropped.state, dropped.reason, dropped.settled_by) == ("dropped", "Said already", acme.bodo)
    again = pick_up_idea(row, **acting(acme.rosa))
    assert (again.state, again.reason, again.settled_at) == ("open", "", None)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "note_idea", "drop_idea", "pick_up_idea",
    ]  # fmt: skip
    mention.refresh_from_db()
    assert mention.state == "untriaged"


def test_an_idea_says_something_that_can_be_kept(acme: Cast) -> None:
    for wrong in ({"text": "  "}, {"text": "x", "value": 6}, {"text": "x", "effort": -1}, {"text": "x", "step": "no"}):
        with pytest.raises(ValidationError):
            note_idea(wrong.pop("text"), **wrong, **acting(acme.gita))  # type: ignore[arg-type]
    assert not Idea.objects.exists()
    row = noted(acme, "x" * 3000, url="javascript:alert(1)", page_title="y" * 900, quote="z" * 9000)
    assert (len(row.text), row.url, len(row.page_title), len(row.quote)) == (2000, "", 300, 2000)


def test_a_story_gives_its_headline_and_its_first_telling(acme: Cast) -> None:
    at = clock.now()
    story = Story.objects.create(headline="Kettles are called back", first_at=at, last_at=at, size=2)
    first, _second = factories.mention("Kettles!"), factories.mention("Kettles?")
    Mention.objects.update(story=story)
    row = note_idea("", story=story, **acting(acme.gita))
    assert (row.text, row.story, row.mention, row.origin) == ("Kettles are called back", story, first, "story")


@pytest.mark.parametrize("name", ["olga", "elif_"])
def test_who_neither_listens_nor_answers_nor_writes_only_reads(acme: Cast, name: str) -> None:
    member, row = getattr(acme, name), noted(acme)
    for verb in (
        lambda: note_idea("x", **acting(member)),
        lambda: drop_idea(row, **acting(member)),
        lambda: accept_idea(row, **acting(member)),
        lambda: rate_idea(row, value=3, **acting(member)),
        lambda: change_idea(row, text="x", **acting(member)),
        lambda: develop_idea(row, **acting(member)),
        lambda: pick_up_idea(row, **acting(member)),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    row.refresh_from_db()
    assert (row.state, row.value, Idea.objects.count(), Piece.objects.count()) == ("open", 0, 1, 0)


def test_what_is_worth_most_for_the_effort_stands_first(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    for text, value, effort in (("alpha", 5, 5), ("beta", 4, 1), ("gamma", 2, 2), ("delta", 0, 1), ("epsilon", 5, 0)):
        noted(acme, text, value=value, effort=effort)
    client = sign_in(acme.bodo)

    def order(asked: str) -> list[str]:
        return [row.text for row in client.get(f"{HERE}?{asked}").context["ideas"]]

    assert order("") == ["beta", "gamma", "alpha", "epsilon", "delta"]
    assert order("order=value") == ["epsilon", "alpha", "beta", "gamma", "delta"]
    assert order("order=easy") == ["delta", "beta", "gamma", "alpha", "epsilon"]
    assert order("order=new") == ["epsilon", "delta", "gamma", "beta", "alpha"]
    assert order("unrated=1") == ["epsilon", "delta"]
    assert order("q=BET") == ["beta"] and order("q=et") == []
    assert order("order=nonsense&topic=x&step=y&show=z") == order("")


@pytest.mark.parametrize("order", ["best", "value", "easy", "new"])
def test_pages_go_on_where_the_last_one_ended(
    acme: Cast, sign_in: Callable[[Any], Client], order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("content.views.ideas"), "PER_PAGE", 3)
    for number in range(8):
        noted(acme, f"idea {number}", value=number % 3, effort=1 + number % 2)
    client = sign_in(acme.bodo)
    seen: list[int] = []
    after: Any = ""
    while after is not None:
        page = client.get(f"{HERE}?order={order}&after={after}")
        seen += [row.pk for row in page.context["ideas"]]
        after = page.context["after"]
    assert len(seen) == len(set(seen)) == 8


def test_value_and_effort_are_said_without_leaving_the_list(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    row = noted(acme)
    answer = sign_in(acme.bodo).post(f"{HERE}{row.pk}/rate/", {"value": "4", "effort": "2"}, headers=PART)
    assert answer.status_code == 200 and f'id="idea_{row.pk}"' in answer.content.decode()
    row.refresh_from_db()
    assert (row.value, row.effort, row.merit) == (4, 2, 2000)
    assert sign_in(acme.bodo).post(f"{HERE}{row.pk}/rate/", {"value": "9"}, headers=PART).status_code == 422
    assert sign_in(acme.bodo).post(f"{HERE}{row.pk}/rate/", {"value": "5", "next": HERE}).headers["Location"] == HERE
    assert sign_in(acme.bodo).get(f"{HERE}{row.pk}/rate/").status_code == 405
    row.refresh_from_db()
    assert (row.value, row.effort) == (5, 2)


def test_a_piece_is_made_of_it_once_and_once_more_where_that_is_meant(acme: Cast) -> None:
    row = noted(acme, "How brakes wear\nand what helps", url="https://example.org/x", quote="They do.", step="engage")
    accept_idea(row, reason="Asked every week", **acting(acme.carla))
    piece = develop_idea(row, **acting(acme.bodo))
    assert (piece.title, piece.step, piece.idea, piece.author) == ("How brakes wear", "engage", row, acme.bodo)
    assert "and what helps" in piece.body and "> They do." in piece.body and "<https://example.org/x>" in piece.body
    assert develop_idea(row, **acting(acme.carla)) == piece
    assert develop_idea(row, again=True, **acting(acme.carla)) != piece
    row.refresh_from_db()
    assert (row.state, row.reason) == ("used", "Asked every week")


def test_who_noted_it_sees_what_became_of_it(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    row = noted(acme, "About brakes")
    noted(acme, "Somebody else's", by=acme.rosa)
    drop_idea(noted(acme, "About chains"), reason="Twice said", **acting(acme.carla))
    develop_idea(row, **acting(acme.carla))
    page = sign_in(acme.gita).get(f"{HERE}?show=mine").content.decode()
    assert "Twice said" in page and "About brakes" in page and "Somebody else" not in page
    page = sign_in(acme.gita).get(f"{HERE}{row.pk}/").content.decode()
    assert "Pieces made of it" in page and "Carla" in page


def test_the_page_offers_what_one_may_and_another_organization_sees_nothing(
    acme: Cast, sign_in: Callable[[Any], Client]
) -> None:
    row = noted(acme, "<script>alert(1)</script> about brakes", quote="<img src=x onerror=y>", page_title="<b>b</b>")
    page = sign_in(acme.bodo).get(HERE).content.decode()
    assert "about brakes" in page
    one = sign_in(acme.bodo).get(f"{HERE}{row.pk}/").content.decode()
    assert "<script>alert" not in page + one and "<img src=x" not in one
    assert f"/content/ideas/{row.pk}/drop/" in page
    assert f"/content/ideas/{row.pk}/drop/" not in sign_in(acme.elif_).get(HERE).content.decode()
    sam = sign_in(acme.sam)
    assert sam.get(HERE).status_code == 404
    assert sam.post(f"/o/elsewhere/content/ideas/{row.pk}/drop/").status_code in {403, 404}
    row.refresh_from_db()
    assert row.state == "open"


def test_a_long_list_asks_no_more_often_than_a_short_one(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    client, counts = sign_in(acme.bodo), []
    for rows in (1, 20):
        for number in range(rows):
            row = noted(acme, f"{rows} {number}", mention=factories.mention(), topic=factories.topic())
            change_idea(row, text=f"idea {number}", step="engage", **acting(acme.gita))
        client.get(HERE)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(HERE)
        counts.append(len(asked))
    assert counts[0] == counts[1] and counts[0] <= 16, counts


def test_ideas_over_the_api(acme: Cast, api: Callable[[Any], Client]) -> None:
    client, topic = api(acme.gita), factories.topic("Repairs")
    said = {"text": "About brakes", "value": 4, "effort": 2, "step": "engage", "topic": topic.pk}
    made = client.post("/api/v1/ideas/", said).json()
    assert (made["value"], made["topic"], made["state"]) == (4, topic.pk, "open")
    one = f"/api/v1/ideas/{made['id']}/"
    assert client.post(f"{one}rate/", {"effort": 1}).json()["effort"] == 1
    assert client.patch(one, {"text": "On brakes"}).json()["step"] == "engage"
    other = client.post("/api/v1/ideas/", {"text": "On brake"}).json()
    assert [found["idea"]["id"] for found in client.get(f"{one}alike/").json()] == [other["id"]]
    merged = client.post(f"/api/v1/ideas/{other['id']}/merge/", {"into": made["id"]})
    assert (merged.json()["state"], merged.json()["merged_into"]) == ("merged", made["id"])
    assert client.post(f"/api/v1/ideas/{other['id']}/split/").json()["state"] == "open"
    assert client.post(f"{one}accept/", {"reason": "Yes"}).json()["reason"] == "Yes"
    piece = client.post(f"{one}develop/").json()["piece"]
    assert client.post(f"{one}develop/").json()["piece"] == piece
    assert client.get(one).json()["pieces"] == [piece]
    assert [row["id"] for row in client.get("/api/v1/ideas/?state=used").json()["results"]] == [made["id"]]
    assert client.post(f"{one}rate/", {"value": 9}).status_code == 400
    assert client.get("/api/v1/ideas/questions/").json() == []


def test_what_was_noted_long_ago_is_told_by_its_day(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    row = noted(acme, at=clock.now() - timedelta(days=400))
    assert sign_in(acme.gita).get(f"{HERE}{row.pk}/").status_code == 200
