"""Pieces and their variants: one document with one version, changed by whoever may write there."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from content.actions.ideas import note_idea
from content.actions.pieces import begin_piece, drop_piece, edit_piece, pick_up_piece
from content.actions.publications import plan
from content.actions.variants import add_variant, drop_variant, edit_variant, order_variants
from content.digest import digest_of
from content.models import Variant
from engagement.refusals import Refusal, Stale
from roles import clock
from roles.models import Department, Level
from tests import factories
from tests.cast import Cast


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def test_a_piece_and_its_variants_are_one_document(acme: Cast) -> None:
    idea = note_idea("How does one true a wheel?", **acting(acme.gita))
    piece = begin_piece(" How we true a wheel ", idea=idea, **acting(acme.rosa))
    idea.refresh_from_db()
    assert (piece.title, piece.author, piece.version, idea.state) == ("How we true a wheel", acme.rosa, 1, "used")
    piece = edit_piece(piece, body="First the spokes.", version=1, **acting(acme.bodo))
    variant = add_variant(piece, channel=factories.channel(), version=2, text="Spokes first.", **acting(acme.rosa))
    variant = edit_variant(variant, text="Spokes first!", version=3, **acting(acme.rosa))
    assert (variant.piece.version, variant.piece.saved_by, variant.text) == (4, acme.rosa, "Spokes first!")
    with pytest.raises(Stale):
        edit_variant(variant, text="Mine", version=3, **acting(acme.bodo))
    with pytest.raises(Stale):
        edit_piece(piece, body="Mine", version=1, **acting(acme.bodo))
    assert edit_variant(variant, text="Spokes first!", version=4, **acting(acme.bodo)).piece.version == 4


def test_a_channel_has_one_variant_at_a_time(acme: Cast) -> None:
    piece, channel = factories.piece(), factories.channel()
    first = add_variant(piece, channel=channel, **acting(acme.rosa))
    with pytest.raises(Refusal):
        add_variant(piece, channel=channel, **acting(acme.rosa))
    drop_variant(first, **acting(acme.rosa))
    again = add_variant(piece, channel=channel, **acting(acme.rosa))
    assert list(Variant.objects.in_use()) == [again]


def test_variants_stand_in_the_order_that_was_said(acme: Cast) -> None:
    piece = factories.piece()
    one, two, three = (add_variant(piece, channel=factories.channel(), **acting(acme.rosa)) for _each in range(3))
    order_variants(piece, keys=[three.pk, one.pk], **acting(acme.rosa))
    assert list(Variant.objects.in_order()) == [three, one, two]


def test_what_is_planned_is_not_dropped(acme: Cast) -> None:
    acme.organization.level = Level.CREATING
    acme.organization.save()
    variant = factories.variant()
    plan(variant, on_day=clock.now().date() + timedelta(days=2), at_time=time(9), zone="UTC", **acting(acme.rosa))
    for attempt in (
        lambda: drop_piece(variant.piece, **acting(acme.rosa)),
        lambda: drop_variant(variant, **acting(acme.rosa)),
    ):
        with pytest.raises(Refusal):
            attempt()


def test_what_was_dropped_is_picked_up_again(acme: Cast) -> None:
    piece = drop_piece(factories.piece(), **acting(acme.rosa))
    with pytest.raises(Refusal):
        edit_piece(piece, body="More", **acting(acme.rosa))
    assert edit_piece(pick_up_piece(piece, **acting(acme.rosa)), body="More", **acting(acme.rosa)).body == "More"


def test_bad_input_is_said(acme: Cast) -> None:
    with pytest.raises(ValidationError, match="title"):
        begin_piece("  ", **acting(acme.rosa))
    with pytest.raises(ValidationError, match="step"):
        begin_piece("A piece", step="shout", **acting(acme.rosa))
    with pytest.raises(TypeError):
        begin_piece("A piece", state="dropped", **acting(acme.rosa))


def test_who_may_write(acme: Cast) -> None:
    piece = factories.piece()
    for member in (acme.elif_, acme.olga):
        with pytest.raises(PermissionDenied):
            begin_piece("A piece", **acting(member))
        with pytest.raises(PermissionDenied):
            edit_piece(piece, body="Mine", **acting(member))


def test_a_piece_goes_only_where_one_may_write(acme: Cast) -> None:
    other = Department.objects.create(name="Elsewhere")
    local = factories.piece(department=acme.rosa.positions.first().department)
    assert edit_piece(local, department=other, **acting(acme.carla)).department == other


@pytest.mark.parametrize(
    "change",
    [{"text": "other"}, {"link": "https://acme.example/"}, {"tags": ["bikes"]}, {"warning": "Grease"}, {"slug": "a"}],
)
def test_the_digest_is_of_exactly_what_goes_out(acme: Cast, change: dict[str, Any]) -> None:
    variant = factories.variant()
    before = digest_of(variant)
    assert digest_of(Variant.objects.get(pk=variant.pk)) == before
    Variant.objects.filter(pk=variant.pk).update(**change)
    assert digest_of(Variant.objects.get(pk=variant.pk)) != before


def test_the_digest_holds_the_media_and_their_words(acme: Cast) -> None:
    variant = factories.variant()
    before = digest_of(variant)
    row = variant.media_rows.create(media=factories.media(alt="A wheel."))
    with_media = digest_of(variant)
    row.alt = "A wheel, seen from above."
    row.save()
    assert len({before, with_media, digest_of(variant)}) == 3


def test_a_plan_is_what_the_clock_shows_there(acme: Cast) -> None:
    acme.organization.level = Level.CREATING
    acme.organization.save()
    day = date(clock.now().year + 1, 7, 1)
    row = plan(factories.variant(), on_day=day, at_time=time(9, 30), zone="Asia/Kolkata", **acting(acme.rosa))
    assert row.due_at.isoformat() == f"{day.isoformat()}T04:00:00+00:00" == row.next_attempt_at.isoformat()
    with pytest.raises(Refusal, match="planned already"):
        plan(row.variant, on_day=day, at_time=time(9), zone="UTC", **acting(acme.rosa))
    with pytest.raises(ValidationError, match="time zone"):
        plan(factories.variant(), on_day=day, at_time=time(9), zone="Mars/Base", **acting(acme.rosa))
    with pytest.raises(Refusal, match="passed"):
        plan(factories.variant(), on_day=date(2020, 1, 1), at_time=time(9), zone="UTC", **acting(acme.rosa))
