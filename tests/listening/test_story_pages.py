"""Stories on pages and over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.actions import stories as actions
from listening.models import Mention, Story
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.listening.test_fold_stories import OTHER, TEXT, tellings


@pytest.fixture
def story(acme: Cast) -> Story:
    tellings(4, f"{TEXT} <script>alert(1)</script>")
    actions.fold_due(at=clock.now())
    return Story.objects.get()


def test_stories_are_listed_and_shown(acme: Cast, story: Story, sign_in: Any) -> None:
    client = sign_in(acme.elif_)
    for order in ("", "newest", "largest", "growing", "odd"):
        listed = client.get("/o/acme/stories/", {"order": order}).content.decode()
        assert "4 places" in listed
        assert "<script>alert" not in listed
    one = client.get(f"/o/acme/stories/{story.pk}/").content.decode()
    assert "<svg" in one
    assert "<script>alert" not in one
    assert "person" in one
    assert "Give all to" not in one
    assert "Give all to" in sign_in(acme.gita).get(f"/o/acme/stories/{story.pk}/").content.decode()


def test_pages_go_on_by_key(acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listening.views.stories.PER_PAGE", 2)
    at = clock.now()
    rows = [
        Story.objects.create(first_at=at, last_at=at, size=2 + number, headline=f"Story {number}")
        for number in range(3)
    ]
    client = sign_in(acme.gita)
    first = client.get("/o/acme/stories/?order=largest").content.decode()
    assert "Story 2" in first
    assert "Story 0" not in first
    rest = client.get(f"/o/acme/stories/?order=largest&after={rows[1].pk}").content.decode()
    assert "Story 0" in rest
    assert "Story 2" not in rest


def test_verbs_on_the_page(acme: Cast, story: Story, sign_in: Any) -> None:
    client = sign_in(acme.gita)
    row = Mention.objects.of_story(story)[0]
    client.post(f"/o/acme/mentions/{row.pk}/split-off/")
    story.refresh_from_db()
    assert story.size == 3
    client.post(f"/o/acme/mentions/{row.pk}/join/", {"story": story.pk})
    client.post(f"/o/acme/stories/{story.pk}/dismiss/", {"reason": "Old", "follow": "on"})
    story.refresh_from_db()
    assert (story.size, story.follow_state) == (4, "dismissed")
    client.post(f"/o/acme/stories/{story.pk}/restore/")
    client.post(f"/o/acme/stories/{story.pk}/route/", {"department": acme.care.pk})
    assert set(Mention.objects.of_story(story).values_list("state", flat=True)) == {"routed"}
    tellings(2, OTHER)
    actions.fold_due(at=clock.now())
    other = Story.objects.exclude(pk=story.pk).get()
    client.post(f"/o/acme/stories/{other.pk}/merge/", {"into": story.pk})
    assert client.get(f"/o/acme/stories/{other.pk}/").headers["Location"] == f"/o/acme/stories/{story.pk}/"
    client.post(f"/o/acme/stories/{other.pk}/unmerge/")
    other.refresh_from_db()
    assert other.size == 2


def test_the_list_asks_as_much_for_many_as_for_one(acme: Cast, story: Story, sign_in: Any) -> None:
    client = sign_in(acme.gita)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/o/acme/stories/")
        return len(queries)

    asked()
    few = asked()
    at = clock.now()
    for number in range(20):
        row = Story.objects.create(first_at=at, last_at=at, size=2, headline=f"Story {number}")
        factories.mention(story=row)
    assert asked() == few


def test_the_api_does_the_same(acme: Cast, story: Story, api: Any) -> None:
    client = api(acme.gita)
    listed = client.get("/api/v1/stories/").json()["results"]
    assert [(row["id"], row["size"]) for row in listed] == [(story.pk, 4)]
    address = f"/api/v1/stories/{story.pk}/"
    row = Mention.objects.of_story(story)[0]
    assert client.post(f"{address}split/", {"mention": row.pk}).json()["size"] == 3
    assert client.post(f"{address}split/", {"mention": row.pk}).status_code == 400
    assert client.post(f"{address}join/", {"mention": row.pk}).json()["size"] == 4
    assert client.post(f"{address}dismiss/", {"follow": True}).json()["follow_state"] == "dismissed"
    assert client.post(f"{address}restore/").json()["follow_state"] == ""
    assert client.post(f"{address}route/", {"department": acme.care.pk}).status_code == 200
