"""The queue's newer verbs over the API: drafts, several at once, events, outcomes; the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engagement.actions.assignments import claim
from engagement.models import Assignment
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_drafts_are_shared_and_nobody_is_written_over(acme: Cast, api: Any, given: Given) -> None:
    row = given(acme.rosa)
    rosa, rui, here = api(acme.rosa), api(acme.rui), f"/api/v1/assignments/{row.pk}"
    assert rosa.get(f"{here}/draft/").json()["version"] == 0
    first = rosa.post(f"{here}/save-draft/", {"text": "Dear"}).json()
    assert rosa.post(f"{here}/share-draft/").json()["shared_at"]
    assert rui.get(f"{here}/draft/").json()["text"] == "Dear"
    assert rui.post(f"{here}/save-draft/", {"text": "Dear Ada", "version": first["version"]}).status_code == 200
    late = rosa.post(f"{here}/save-draft/", {"text": "Dear Kim", "version": first["version"]})
    assert (late.status_code, late.json()["detail"]) == (409, "Rui has written on this draft meanwhile.")
    assert rosa.post(f"{here}/keep-draft/").json()["shared_at"] is None


def test_several_at_once(acme: Cast, api: Any, given: Given, at: datetime) -> None:
    rows, theirs = [given(), given()], factories.assignment(department=acme.press)
    claim(rows[0], by=acme.rui, at=at)
    keys = [row.pk for row in [*rows, theirs]]
    answers = api(acme.rosa).post("/api/v1/assignments/bulk/", {"verb": "claim", "assignments": keys}).json()
    assert [(one["assignment"], one["was_done"]) for one in answers] == [(rows[0].pk, False), (rows[1].pk, True)]
    assert "Rui" in answers[0]["problem"]
    refused = api(acme.rosa).post("/api/v1/assignments/bulk/", {"verb": "resolve", "assignments": keys})
    assert refused.status_code == 400


def test_events_outcomes_and_a_second_look(acme: Cast, api: Any, given: Given) -> None:
    row, rosa = given(acme.rosa), api(acme.rosa)
    here = f"/api/v1/assignments/{row.pk}"
    assert rosa.post(f"{here}/snooze/", {"wakes_on": "author_writes"}).json()["wakes_on"] == "author_writes"
    assert rosa.post(f"{here}/snooze/", {}).status_code == 400
    ended = rosa.post(f"{here}/resolve/", {"outcome": "moved_to_private", "look_again_in": 3}).json()
    assert (ended["state"], ended["outcome"]) == ("resolved", "moved_to_private")
    assert rosa.post(f"{here}/satisfaction/", {"value": "satisfied"}).status_code == 200
    assert rosa.post(f"{here}/follow-up/", {"days": 0}).status_code == 200
    row.refresh_from_db()
    assert row.satisfaction.by == acme.rosa
    assert not row.follow_ups.filter(done_at=None).exists()


def test_a_note_tells_whom_it_names(acme: Cast, api: Any, given: Given) -> None:
    row = given(acme.rosa)
    api(acme.rosa).post(f"/api/v1/assignments/{row.pk}/note/", {"text": "Look, @Carla", "to": [acme.rui.pk]})
    assert set(row.notes.get().addressees.values_list("member__user__name", flat=True)) == {"Carla", "Rui"}


def test_a_reply_says_what_was_read(acme: Cast, api: Any, given: Given) -> None:
    factories.channel()
    row, rosa = given(acme.rosa), api(acme.rosa)
    body = {"assignment": row.pk, "text": "Yes.", "seen_revision": 1}
    type(row.mention.post).objects.update(revision_count=2)
    assert rosa.post("/api/v1/replies/", body).status_code == 409
    assert rosa.post("/api/v1/replies/", {**body, "seen_revision": 2}).status_code == 201
