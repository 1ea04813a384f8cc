"""Whose words go out: who made them never says yes to them, and no yes or waiver outlives what it was given for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.actions.ideas import note_idea
from content.actions.piece_versions import restore_version
from content.actions.pieces import begin_piece, edit_piece
from content.actions.review_policies import add_review_policy, set_review_base
from content.actions.reviews import remark_on_review, withdraw_review
from content.actions.variant_media import attach_media, detach_media
from content.actions.variants import add_variant, edit_variant
from content.models import Piece, PieceVersion, Review, Variant
from content.review_pages import entries, entry_of
from content.review_rules import Rules, TimedStep
from content.reviewing import review_state, waits_for_review
from engagement.refusals import Refusal
from roles import clock
from roles.models import Department, Member, Role
from tests import factories
from tests.cast import Cast, join
from tests.content.reviews import ask, yes


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def written(by: Member, **fields: Any) -> tuple[Piece, Variant]:
    piece = begin_piece("Wheels", **fields, **acting(by))
    return piece, add_variant(piece, channel=factories.channel(), text="We true wheels.", **acting(by))


def state(variant: Variant) -> str:
    return review_state([Variant.objects.get(pk=variant.pk)])[variant.pk]


def opened(review: Review, member: Member) -> Any:
    return entry_of(Review.objects.with_everything().get(pk=review.pk), member)


def test_a_yes_is_to_what_the_piece_was_then(acme: Cast) -> None:
    """Another kind, topic or department may ask others; and in another language it is something else that goes out."""
    piece, variant = written(acme.gita, language="en")
    yes(ask(piece, acme.gita), acme.carla)
    changes: tuple[tuple[str, Any, Any], ...] = (
        ("kind", "article", "post"), ("topic", factories.topic("Recall"), None), ("department", acme.care, None),
        ("language", "de", "en"),
    )  # fmt: skip
    for name, value, before in changes:
        edit_piece(piece, **{name: value}, **acting(acme.gita))
        assert state(variant) == "needed", name
        edit_piece(piece, **{name: before}, **acting(acme.gita))
        assert state(variant) == "approved", name
    edit_variant(variant, language="en", **acting(acme.gita))
    assert state(variant) == "approved", "the same goes out"
    edit_piece(piece, kind="article", **acting(acme.gita))
    again = ask(piece, acme.gita)
    (shown,) = opened(again, acme.carla).shown
    assert [(part.name, part.text) for part in shown.parts if part.changes] == [("kind", "Article")]
    edit_piece(piece, topic=factories.topic("Brakes"), **acting(acme.gita))
    again.refresh_from_db()
    assert again.state == "changed", "nobody says yes to what it is no more"


def test_what_lets_ones_own_words_go_lets_nobody_elses_go(acme: Cast) -> None:
    add_review_policy(acme.organization, name="Rosa", steps=(), waives=True, author=acme.rosa, **acting(acme.carla))
    piece, variant = written(acme.rosa)
    assert state(variant) == "not_needed"
    edit_piece(piece, body="By Bodo.", **acting(acme.bodo))
    assert state(variant) == "needed"
    edit_piece(piece, body="By Rosa.", **acting(acme.rosa))
    assert state(variant) == "not_needed"
    edit_variant(variant, text="By Bodo.", **acting(acme.bodo))
    edit_piece(piece, body="By Rosa again.", **acting(acme.rosa))
    assert state(variant) == "needed"
    # Handed over it is still what another wrote.
    _piece, other = written(acme.bodo)
    Piece.objects.filter(pk=other.piece_id).update(author=acme.rosa)
    assert state(other) == "needed"
    Piece.objects.filter(pk=other.piece_id).update(saved_by=acme.rosa)
    assert state(other) == "needed"


def test_who_asks_more_of_somebody_asks_it_of_all_in_their_pieces(acme: Cast) -> None:
    legal = TimedStep(member_ids=(acme.carla.pk,), hours=48)
    add_review_policy(acme.organization, name="Rosa", steps=(legal,), author=acme.rosa, **acting(acme.carla))
    _piece, variant = written(acme.rosa)
    edit_variant(variant, text="By Bodo.", **acting(acme.bodo))
    assert [step.hours for step in Rules().steps_for(Variant.objects.get())] == [48]


def test_the_waiver_asks_once_for_any_number(acme: Cast) -> None:
    add_review_policy(acme.organization, name="Rosa", steps=(), waives=True, author=acme.rosa, **acting(acme.carla))
    for _each in range(5):
        written(acme.rosa)

    def count(most: int) -> int:
        rows = list(Variant.objects.all()[:most])
        with CaptureQueriesContext(connection) as queries:
            assert set(review_state(rows).values()) == {"not_needed"}
        return len(queries)

    assert count(1) == count(5)


def test_everybody_who_changed_it_since_it_was_approved_made_it(acme: Cast) -> None:
    set_review_base(acme.organization, steps=(TimedStep(roles=("booth", "coach")),), **acting(acme.carla))
    piece, variant = written(acme.rosa)
    attach_media(variant, media=factories.media(), **acting(acme.bodo))
    edit_variant(variant, text="By Rui.", **acting(acme.rui))
    review = ask(piece, acme.rosa)
    assert set(review.maker_ids) == {acme.rosa.pk, acme.bodo.pk, acme.rui.pk}
    with pytest.raises(PermissionDenied, match="wrote it"):
        yes(review, acme.bodo)
    yes(review, acme.carla)
    edit_variant(variant, text="By Rosa.", **acting(acme.rosa))
    assert set(ask(piece, acme.rosa).maker_ids) == {acme.rosa.pk}
    restore_version(piece, number=2, **acting(acme.bodo))
    edit_piece(piece, body="By Rosa.", **acting(acme.rosa))
    assert set(ask(piece, acme.rosa).maker_ids) == {acme.rosa.pk, acme.bodo.pk}


def test_what_is_taken_out_while_a_review_waits_is_asked_about_anew(acme: Cast) -> None:
    piece, variant = written(acme.rosa)
    use = attach_media(variant, media=factories.media(), **acting(acme.rosa))
    review = ask(piece, acme.rosa)
    planned = factories.publication(variant, state="waiting")
    detach_media(use, **acting(acme.rosa))
    review.refresh_from_db()
    assert (review.state, state(variant)) == ("changed", "changed")
    newest = PieceVersion.objects.filter(piece=piece).order_by("-number")[0]
    assert newest.document["variants"][str(variant.pk)]["media"] == []
    use = attach_media(variant, media=factories.media(), **acting(acme.rosa))
    yes(ask(piece, acme.rosa), acme.carla)
    assert waits_for_review(planned, clock.now()) == ""
    detach_media(use, **acting(acme.rosa))
    planned.refresh_from_db()
    assert (planned.state, "ask for a review" in planned.problem) == ("waiting", True)


def test_who_belongs_elsewhere_takes_no_question_back_and_remarks_nothing(acme: Cast) -> None:
    legal = Department.objects.create(name="Legal", slug="legal")
    lena = join("Lena", Role.BOOTH, legal)
    named = TimedStep(member_ids=(lena.pk,))
    set_review_base(acme.organization, steps=(named,), **acting(acme.carla))
    piece, _variant = written(acme.gita, department=acme.press)
    review = ask(piece, acme.gita)
    with pytest.raises(PermissionDenied):
        withdraw_review(review, **acting(acme.rosa))
    with pytest.raises(PermissionDenied):
        remark_on_review(review, text="Hm.", **acting(acme.rosa))
    remark_on_review(review, text="Hm.", **acting(lena))
    remark_on_review(review, text="Hm.", **acting(acme.carla))
    assert withdraw_review(review, **acting(acme.gita)).state == "withdrawn"


def test_what_was_approved_long_ago_is_not_read_to_show_what_was_approved_last(acme: Cast) -> None:
    piece, variant = written(acme.rosa)
    for text in ("One.", "Two."):
        edit_variant(variant, text=text, **acting(acme.rosa))
        yes(ask(piece, acme.rosa), acme.carla)
    edit_variant(variant, text="Three.", **acting(acme.rosa))
    ask(piece, acme.rosa)
    reviews = list(Review.objects.with_everything().order_by("pk"))
    with CaptureQueriesContext(connection) as queries:
        found = entries(reviews, acme.carla)
    assert not [one["sql"] for one in queries if "'approved'" in one["sql"] and '"shown"' in one["sql"]]
    assert [one.shown[0].has_approved for one in found] == [False, True, True]
    words = [part for part in found[2].shown[0].parts if part.name == "text"]
    assert ("gone", "Two") in words[0].changes


def test_a_version_from_before_a_field_comes_back_and_what_is_not_taken_any_more_is_refused(acme: Cast) -> None:
    piece, variant = written(acme.rosa)
    edit_variant(variant, text="New.", tags=["new"], **acting(acme.rosa))
    version = PieceVersion.objects.get(piece=piece, number=2)
    del version.document["piece"]["step"], version.document["variants"][str(variant.pk)]["tags"]
    version.save()
    restore_version(piece, number=2, **acting(acme.rosa))
    variant.refresh_from_db()
    assert (variant.text, variant.tags) == ("We true wheels.", ["new"])
    version.document["piece"]["kind"] = "opera"
    version.save()
    with pytest.raises(Refusal, match="opera"):
        restore_version(piece, number=2, **acting(acme.rosa))


def test_a_key_that_no_piece_can_have_is_refused_by_the_api(acme: Cast, api: Any) -> None:
    assert api(acme.carla).get(f"/api/v1/reviews/?piece={'9' * 30}").status_code == 400


def test_a_topic_that_is_given_no_more_stays_where_it_was_given(acme: Cast, sign_in: Any) -> None:
    topic = factories.topic("Recall", is_active=False)
    factories.topic("Zeppelins", is_active=False)
    piece = factories.piece("Wheels", author=acme.rosa, topic=topic)
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{piece.pk}/"
    page = client.get(here).content.decode()
    assert "Recall" in page and "Zeppelins" not in page
    said = {"title": "Wheels", "body": "Round.", "kind": "post", "step": piece.step, "version": 1}
    assert client.post(f"{here}edit/", said | {"topic": topic.pk}).status_code == 302
    piece.refresh_from_db()
    assert (piece.body, piece.topic) == ("Round.", topic)


def test_an_idea_keeps_such_a_topic_too(acme: Cast, sign_in: Any) -> None:
    topic = factories.topic("Recall")
    idea = note_idea("Wheels", topic=topic, **acting(acme.gita))
    type(topic).objects.update(is_active=False)
    answer = sign_in(acme.gita).post(f"/o/acme/content/ideas/{idea.pk}/change/", {"text": "Round", "topic": topic.pk})
    idea.refresh_from_db()
    assert (answer.status_code, idea.text, idea.topic) == (302, "Round", topic)
