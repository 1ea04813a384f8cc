"""What is typed and not saved: kept for each window, offered back with how it differs, used up by saving."""

from __future__ import annotations

from typing import Any

from content.actions.pieces import begin_piece, edit_piece
from content.models import PieceDraft
from roles import clock
from tests import factories
from tests.cast import Cast


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def test_what_was_typed_in_another_window_is_offered_and_gone_on_with(acme: Cast, sign_in: Any) -> None:
    piece = begin_piece("Wheels", body="One.", **acting(acme.rosa))
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{piece.pk}/"
    typed = {"title": "Wheels", "body": "One.\r\nAnd <b>two</b>.", "kind": "post", "step": "engage", "version": 1}
    assert client.post(f"{here}draft/", typed | {"window": "windowone"}).status_code == 200
    assert client.post(f"{here}draft/", typed | {"window": "../"}).status_code == 422
    edit_piece(piece, title="Wheels and rims", **acting(acme.carla))
    page = client.get(here).content.decode()
    assert "did not save it" in page and "&lt;b&gt;two" in page and "<b>two" not in page
    assert "did not save it" not in sign_in(acme.carla).get(here).content.decode()
    draft = PieceDraft.objects.get()
    page = client.get(f"{here}?draft={draft.pk}").content.decode()
    assert 'name="version" value="1"' in page and 'name="took" value="windowone"' in page and "data-keep-typed" in page
    assert sign_in(acme.carla).get(f"{here}?draft={draft.pk}").status_code == 404
    client.post(f"{here}edit/", typed | {"window": "windowtwo", "took": "windowone"})
    piece.refresh_from_db()
    assert (piece.title, piece.body) == ("Wheels and rims", "One.\nAnd <b>two</b>.")
    assert not PieceDraft.objects.exists()


def test_drafts_of_variants_stand_with_them_and_are_discarded_by_their_writer_alone(acme: Cast, sign_in: Any) -> None:
    variant = factories.variant(factories.piece(author=acme.rosa), text="Said.")
    here = f"/o/acme/content/pieces/{variant.piece_id}/"
    client = sign_in(acme.rosa)
    client.post(f"{here}draft/?variant={variant.pk}", {"text": "Said more.", "window": "windowone"})
    assert "did not save it" not in client.get(here).content.decode()
    assert "did not save it" in client.get(f"{here}drafts/?variant={variant.pk}").content.decode()
    draft = PieceDraft.objects.get()
    assert sign_in(acme.carla).post(f"/o/acme/content/piece-drafts/{draft.pk}/discard/").status_code == 404
    client.post(f"/o/acme/content/piece-drafts/{draft.pk}/discard/")
    assert not PieceDraft.objects.exists()


def test_a_draft_that_says_what_is_saved_is_offered_to_nobody(acme: Cast, sign_in: Any) -> None:
    variant = factories.variant(factories.piece(author=acme.rosa), text="Said.", tags=["wheel", "rim"])
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{variant.piece_id}/"
    client.post(
        f"{here}draft/?variant={variant.pk}", {"text": "Said.\r\n", "tags": "wheel, rim", "window": "windowone"}
    )
    assert "did not save it" not in client.get(f"{here}?variant={variant.pk}").content.decode()


def test_who_else_is_there_is_told(acme: Cast, sign_in: Any) -> None:
    piece = factories.piece(author=acme.rosa)
    here = f"/o/acme/content/pieces/{piece.pk}/presence/"
    sign_in(acme.carla).post(here, {"window": "windowone", "doing": "writing"})
    assert (
        "Carla is writing."
        in sign_in(acme.rosa).post(here, {"window": "windowtwo", "doing": "looking"}).content.decode()
    )
    assert sign_in(acme.rosa).post(here, {"window": "x", "doing": "looking"}).status_code == 422
