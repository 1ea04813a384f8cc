"""What a query would have found, before it is saved, and the guard against queries that are too wide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from listening.actions import queries as actions
from listening.matching import parse
from listening.models import PostToIndex, TrackingQuery
from listening.searching import preview as previews
from listening.searching.housekeeping import index_due
from listening.searching.preview import Preview, preview
from listening.searching.search import TooWide
from listening.searching.width import Width
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

AT = clock.now()


def previewed(expression: str, **more: Any) -> Preview:
    index_due()
    return preview(parse(expression), at=AT, **more)


def came(text: str, *, days_ago: float = 1, state: str = "", **fields: Any) -> None:
    at = AT - timedelta(days=days_ago)
    if state:
        post = factories.mention(text, at=at, state=state, **fields).post
    else:
        post = factories.post(text, at=at, **fields)
    PostToIndex.objects.create(post_id=post.pk)


def test_posts_are_found_whether_or_not_they_were_mentions(acme: Cast) -> None:
    came("acme cup", days_ago=0)
    came("acme cup", days_ago=3, state="routed")
    came("acme league", days_ago=3, state="dismissed")
    came("nothing", days_ago=9)
    came("acme cup", days_ago=31)
    found = previewed("acme")
    assert (found.came_in, found.found, found.is_sample) == (4, 3, False)
    assert (found.share, found.relevant, found.decided) == (0.75, 0.5, 2)
    assert len(found.days) == 10
    assert [number for _day, number in found.days if number] == [2, 1]
    assert [post.text for post, spans in found.samples if spans] == ["acme league", "acme cup", "acme cup"]


def test_what_we_said_ourselves_does_not_count(acme: Cast) -> None:
    came("acme cup", is_ours=True)
    assert previewed("acme").found == 0


def test_what_only_this_query_would_add(acme: Cast) -> None:
    other = factories.query("cup")
    factories.query("league", is_active=False)
    for text in ("acme cup", "acme league", "acme"):
        came(text)
    found = previewed("acme")
    assert found.only == 2
    assert [(one.query, one.posts) for one in found.overlaps] == [(other, 1)]


def test_a_query_is_not_compared_with_itself(acme: Cast) -> None:
    mine = factories.query("acme")
    came("acme")
    assert previewed("acme", besides=mine).only == 1
    assert previewed("acme").only == 0


def test_a_wide_query_is_estimated_and_says_how_well(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "ASKED_AT_MOST", 50)
    for number in range(200):
        came("acme cup" if number % 2 else "acme")
    found = previewed("cup")
    assert found.is_sample
    assert found.margin > 0
    assert abs(found.found - 100) <= 2 * found.margin
    assert found.asked < 200


def test_words_that_tell_what_was_dismissed_are_named(acme: Cast) -> None:
    for _n in range(6):
        came("acme rugby from the über", state="dismissed")
        came("acme support", state="routed")
    assert [(one.word, one.dismissed, one.relevant) for one in previewed("acme").noise] == [("rugby", 6, 0)]


@pytest.mark.parametrize(
    ("width", "is_wide"),
    [
        (Width(0.38, 2300, 0.04, 100), True),
        (Width(0.01, 600), True),
        (Width(0.9, 10), False),
        (Width(0.3, 60), True),
        (Width(0.38, 2300, 0.8, 100), False),
        (Width(0.38, 2300, 0.8, 3), True),
    ],
)
def test_what_is_too_wide(width: Width, *, is_wide: bool) -> None:
    assert width.is_wide is is_wide


@pytest.fixture
def narrow_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call one a day wide."""
    monkeypatch.setattr("listening.searching.width.SOME_A_DAY", 1)


@pytest.mark.usefixtures("narrow_guard")
def test_a_query_that_is_too_wide_is_saved_only_if_that_is_meant(acme: Cast) -> None:
    for _n in range(3):
        came("acme")
    index_due()
    doing: dict[str, Any] = {"name": "Acme", "expression": "acme", "by": acme.gita, "at": AT}
    with pytest.raises(actions.WideQuery, match="100 % of everything"):
        actions.add_query(**doing)
    query = actions.add_query(**doing, although_wide=True)
    assert "100 %" in AuditEntry.objects.get(verb="add_query").after["although_wide"]
    # What is not changed is not asked again.
    actions.change_query(query, name="New name", expression="acme", by=acme.gita, at=AT)
    with pytest.raises(actions.WideQuery):
        actions.change_query(query, name="New name", expression="acme OR zebra", by=acme.gita, at=AT)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_held_while_it_is_asked_how_wide_it_is(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    query = actions.add_query(name="Acme", expression="acme", by=acme.gita, at=AT)
    asked: list[bool] = []

    def ask(*_said: Any, **_more: Any) -> Any:
        asked.append(connection.in_atomic_block)
        TrackingQuery.objects.filter(pk=query.pk).update(changed_at=AT + timedelta(seconds=1))
        raise TooWide

    monkeypatch.setattr(actions, "preview", ask)
    with pytest.raises(ValidationError, match="Look at it again"):
        actions.change_query(query, name="Acme", expression="zebra", by=acme.gita, at=AT)
    assert asked == [False]
    assert TrackingQuery.objects.get().expression == "acme"


@pytest.mark.usefixtures("narrow_guard")
def test_the_page_asks_whether_it_is_meant(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    for _n in range(3):
        came("acme")
    index_due()
    client, form = sign_in(acme.gita), {"name": "Acme", "expression": "acme"}
    refused = client.post("/o/acme/queries/add/", form)
    assert refused.status_code == 422
    assert b"100 % of everything" in refused.content
    assert b'type="checkbox" name="although_wide"' in refused.content
    assert not TrackingQuery.objects.exists()
    assert client.post("/o/acme/queries/add/", form | {"although_wide": "on"}).status_code == 302
    assert TrackingQuery.objects.exists()


def test_the_preview_page_shows_samples_with_their_places(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    came("Is <b>Acme</b> down?")
    index_due()
    client = sign_in(acme.gita)
    shown = client.post("/o/acme/queries/preview/", {"name": "", "expression": "acme"})
    assert shown.status_code == 200
    assert b"Is &lt;b&gt;<mark>Acme</mark>&lt;/b&gt; down?" in shown.content
    part = client.post("/o/acme/queries/preview/", {"expression": "acme ("}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert b"<html" not in part.content
    assert not TrackingQuery.objects.exists()


def test_only_who_writes_queries_previews(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    assert sign_in(acme.rosa).post("/o/acme/queries/preview/", {"expression": "acme"}).status_code == 403
    assert sign_in(acme.sam).post("/o/acme/queries/preview/", {"expression": "acme"}).status_code == 404


def test_the_api_previews(acme: Cast, api: Callable[[Any], Any]) -> None:
    query = factories.query("acme")
    came("acme cup", state="routed")
    came("nothing")
    index_due()
    gita = api(acme.gita)
    answer = gita.post("/api/v1/tracking-queries/preview/", {"expression": "acme", "query": query.pk})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["came_in"], said["found"], said["only"], said["share"], said["relevant"]) == (2, 1, 1, 0.5, 1.0)
    assert said["samples"][0]["spans"] == [["text", 0, 4]]
    assert said["reading"] == "Posts that say “acme”."
    wrong = gita.post("/api/v1/tracking-queries/preview/", {"expression": "acme ("})
    assert (wrong.status_code, wrong.json()["position"]) == (400, 5)
