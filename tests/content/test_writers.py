"""Writers: counted with care, in the order of names, and found by what they know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.actions.ideas import accept_idea, note_idea
from content.models import Review
from content.writers import said_in_house, writers
from listening.models import Channel
from maturity.actions.experts import name_expert
from roles import clock
from tests import factories
from tests.cast import Cast

HERE = "/o/acme/content/writers/"


def published(author: Any, channel: Channel | None = None, **fields: Any) -> Any:
    """A piece of somebody's that was said."""
    at = clock.now()
    variant = factories.variant(factories.piece(author=author, **fields), **({"channel": channel} if channel else {}))
    return factories.publication(variant, state="accepted", accepted_at=at)


def test_it_is_said_what_each_contributed_in_the_order_of_names(acme: Cast) -> None:
    at, repairs = clock.now(), factories.topic("Repairs")
    outside = Channel.objects.create(network="bluesky", account_id="1", handle="acme", name="Acme")
    accept_idea(note_idea("Brakes", topic=repairs, by=acme.rosa, at=at), by=acme.carla, at=at)
    note_idea("Chains", by=acme.rosa, at=at)
    note_idea("Long ago", by=acme.gita, at=at - timedelta(days=400))
    first = published(acme.bodo, topic=repairs)
    factories.publication(factories.variant(first.variant.piece), state="accepted", accepted_at=at)
    published(acme.bodo, outside)
    factories.piece(author=acme.bodo)
    name_expert(acme.elif_, knows="Frames", writes_well=True, by=acme.carla, at=at)
    name_expert(acme.gita, knows="Prices", writes_well=False, by=acme.carla, at=at)
    found = {str(one.member): one for one in writers(at=at)}
    assert list(found) == ["Bodo", "Elif", "Rosa"]
    bodo, rosa = found["Bodo"], found["Rosa"]
    assert (bodo.begun, bodo.in_house, bodo.outside, bodo.topics) == (3, 1, 1, ["Repairs"])
    assert (rosa.ideas, rosa.accepted, rosa.has_said, rosa.topics) == (2, 1, False, ["Repairs"])
    assert found["Elif"].knows == "Frames"
    assert [str(one.member) for one in writers(at=at, topic=repairs.pk)] == ["Bodo", "Elif", "Rosa"]
    assert set(said_in_house({acme.bodo.pk, acme.rosa.pk})) == {acme.bodo.pk}


def test_reviews_that_passed_at_first_are_said(acme: Cast) -> None:
    at = clock.now()
    for states in (["approved"], ["sent_back", "approved"], ["changed", "approved"], ["waiting"], ["withdrawn"], []):
        piece = factories.piece(author=acme.bodo)
        for state in states:
            Review.objects.create(piece=piece, state=state, asked_at=at)
    [bodo] = writers(at=at)
    assert (bodo.begun, bodo.reviewed, bodo.passed) == (6, 3, 2)


def test_coaches_find_them_and_nobody_else(acme: Cast, sign_in: Any, api: Any) -> None:
    note_idea("Brakes", by=acme.rosa, at=clock.now())
    page = sign_in(acme.carla).get(HERE).content.decode()
    assert "1 idea" in page and "not what people can do" in page
    assert sign_in(acme.rosa).get(HERE).status_code == 403
    assert sign_in(acme.sam).get(HERE).status_code == 404
    [row] = api(acme.carla).get("/api/v1/writers/").json()
    assert (row["name"], row["ideas"]) == ("Rosa", 1)
    assert api(acme.rosa).get("/api/v1/writers/").status_code == 403


def test_many_writers_ask_no_more_often_than_one(acme: Cast, sign_in: Any) -> None:
    client, counts = sign_in(acme.carla), []
    for people in ([acme.rosa], [acme.rui, acme.bodo, acme.gita, acme.elif_]):
        for person in people:
            published(person, topic=factories.topic())
        client.get(HERE)
        with CaptureQueriesContext(connection) as asked:
            client.get(HERE)
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
