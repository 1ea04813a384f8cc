"""One piece to many: what fits is taken along, the family is a tree, and what is evergreen rests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from content.actions.pieces import drop_piece
from content.actions.repurposing import repurpose, say_again
from content.evergreen import rested, resting
from content.lineage import tree_of
from content.models import Campaign, Piece
from engagement.refusals import Refusal
from roles import clock
from tests import factories
from tests.cast import Cast

HERE = "/o/acme/content/"


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def said(*, days: int = 40, rests_days: int | None = 30, **fields: Any) -> Piece:
    """A piece that was published some days ago, and may be said again."""
    row = factories.piece(rests_days=rests_days, **fields)
    then = clock.now() - timedelta(days=days)
    factories.publication(factories.variant(row, text="Look"), state="accepted", due_at=then, accepted_at=then)
    return row


def test_another_piece_takes_along_what_fits(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("content.actions.repurposing.ask_for", lambda media, _bounds, *, at: asked.append(media))
    at = clock.now()
    open_one = Campaign.objects.create(name="May", begins_on=at.date(), ends_on=at.date(), created_at=at)
    row = factories.piece(title="Brakes", body="Long", step="engage", campaign=open_one, topic=factories.topic())
    one, other = factories.channel(), factories.channel()
    variant = factories.variant(row, channel=one, text="Short", link="https://example.org/", tags=["brakes"])
    picture = factories.media(alt="A brake")
    variant.media_rows.create(media=picture, alt="Our brake")
    made = repurpose(row, channels=[one, other], title="Brakes, once more", **acting(acme.bodo))
    assert (made.title, made.body, made.step, made.topic, made.campaign) == (
        "Brakes, once more", "Long", "engage", row.topic, open_one,
    )  # fmt: skip
    assert (made.from_piece, made.author, made.idea, made.rests_days) == (row, acme.bodo, None, None)
    for new in made.variants.all():
        assert (new.text, new.link, new.tags) == ("Short", "https://example.org/", ["brakes"])
        assert [(use.media, use.alt) for use in new.media_rows.all()] == [(picture, "Our brake")]
    newest = made.versions.order_by("-number")[0].document["variants"].values()
    assert [[use["media"] for use in one["media"]] for one in newest] == [[picture.pk]] * 2
    assert asked == [picture, picture], "no one waits for its size when it is due"
    open_one.state = Campaign.State.CLOSED
    open_one.save()
    assert repurpose(row, **acting(acme.bodo)).campaign is None
    with pytest.raises(ValidationError):
        repurpose(row, channels=[one, one], **acting(acme.bodo))
    with pytest.raises(PermissionDenied):
        repurpose(row, **acting(acme.elif_))
    drop_piece(row, **acting(acme.bodo))
    with pytest.raises(Refusal):
        repurpose(row, **acting(acme.bodo))


def test_the_family_is_a_tree_from_every_side(acme: Cast) -> None:
    root = factories.piece(title="Root")
    left, right = (repurpose(root, title=title, **acting(acme.bodo)) for title in ("Left", "Right"))
    leaf = repurpose(left, title="Leaf", **acting(acme.bodo))
    factories.piece(title="Stranger")
    for row in (root, left, right, leaf):
        tree = tree_of(row)
        assert tree.piece == root
        assert [one.piece for one in tree.offspring] == [left, right]
        assert [one.piece for one in tree.offspring[0].offspring] == [leaf]
    page = Template("{% load lineage %}{% lineage_tree piece %}").render(Context({"piece": leaf}))
    assert page.count("<ul") == 3 and "Stranger" not in page and 'aria-current="true"' in page


def test_a_large_family_asks_no_more_often_than_a_small_one(acme: Cast) -> None:
    root, counts = factories.piece(), []
    for _round in range(2):
        for _number in range(4):
            root = repurpose(root, channels=[factories.channel()], **acting(acme.bodo))
        with CaptureQueriesContext(connection) as asked:
            Template("{% load lineage %}{% lineage_tree piece %}").render(Context({"piece": root}))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5, counts


def test_what_is_evergreen_rests_and_is_said_again_by_a_person(acme: Cast) -> None:
    at = clock.now()
    row, still = said(title="Winter tyres"), said(days=10, title="Spring")
    said(rests_days=None)
    factories.piece(rests_days=1)
    assert list(rested(at=at)) == [row] and list(resting(at=at)) == [still]
    made = say_again(row, **acting(acme.bodo))
    assert (made.from_piece, made.rests_days, made.title) == (row, 30, "Winter tyres")
    assert [variant.text for variant in made.variants.all()] == ["Look"]
    assert list(rested(at=at)) == [], "the new one stands for it"
    with pytest.raises(Refusal):
        say_again(row, **acting(acme.carla))
    with pytest.raises(Refusal):
        say_again(still, **acting(acme.carla))
    drop_piece(made, **acting(acme.bodo))
    assert list(rested(at=at)) == [row]
    factories.publication(row.variants.get(), due_at=at + timedelta(days=1))
    assert list(rested(at=at)) == [], "it is planned"


def test_the_page_says_what_has_rested(acme: Cast, sign_in: Any) -> None:
    row = said(title="<b>Winter</b> tyres")
    client = sign_in(acme.bodo)
    assert "&lt;b&gt;Winter" in client.get(f"{HERE}rested/").content.decode()
    assert "Say it again" not in sign_in(acme.elif_).get(f"{HERE}rested/").content.decode()
    client.post(f"{HERE}pieces/{row.pk}/say-again/")
    assert Piece.objects.get(from_piece=row).author == acme.bodo
    assert "Nothing has rested" in client.get(f"{HERE}rested/").content.decode()
    assert sign_in(acme.sam).get(f"{HERE}rested/").status_code == 404


def test_another_is_made_on_the_page_for_chosen_channels(acme: Cast, sign_in: Any) -> None:
    row, used, free = factories.piece(title="Brakes"), factories.channel(name="Used"), factories.channel(name="Free")
    factories.variant(row, channel=used)
    client = sign_in(acme.bodo)
    form = client.get(f"{HERE}pieces/{row.pk}/repurpose/").context["form"]
    assert free in form.initial["channels"] and used not in form.initial["channels"]
    client.post(f"{HERE}pieces/{row.pk}/repurpose/", {"title": "Tell once more", "channels": [free.pk]})
    made = Piece.objects.get(from_piece=row)
    assert [variant.channel for variant in made.variants.all()] == [free]
    assert client.post(f"{HERE}pieces/{row.pk}/repurpose/", {"title": ""}).status_code == 422


def test_it_goes_over_the_api_too(acme: Cast, api: Any) -> None:
    row = said(title="Winter tyres")
    client = api(acme.bodo)
    assert [one["id"] for one in client.get("/api/v1/rested-pieces/").json()["results"]] == [row.pk]
    made = client.post(f"/api/v1/rested-pieces/{row.pk}/say-again/").json()["piece"]
    assert Piece.objects.get(pk=made).from_piece == row
    assert client.post(f"/api/v1/rested-pieces/{row.pk}/say-again/").status_code == 409
    other = client.post(f"/api/v1/rested-pieces/{row.pk}/repurpose/", {"title": "x"})
    assert Piece.objects.get(pk=other.json()["piece"]).title == "x"


def test_on_another_network_what_fits_is_cut_as_it_is_there(acme: Cast) -> None:
    row = factories.piece(title="Brakes", body="**Wear** " + "and tear " * 400)
    factories.variant(row, text="Short", warning="Grease", tags=["brakes"], link="https://example.org/")
    channel = factories.channel(network="bluesky")
    made = repurpose(row, channels=[channel], **acting(acme.bodo))
    variant = made.variants.get()
    assert 0 < len(variant.text) <= 300 and "**" not in variant.text
    assert (variant.link, variant.tags) == ("https://example.org/", ["brakes"])
