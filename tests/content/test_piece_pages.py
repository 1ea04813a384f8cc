"""The pages of pieces: a list, an editor of real forms, and two people who write at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.demo_pieces import write_pieces
from content.actions.pieces import begin_piece, edit_piece
from content.actions.variants import add_variant, edit_variant
from content.limits import checks_of
from content.models import Piece, PieceVersion, Variant
from content.refusals import Opposed
from content.standing import Standing, standing_of
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask, no, yes

PART = {"HX-Request": "true", "HX-Target": "work"}


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def test_a_piece_is_begun_written_and_said_on_a_channel_without_script(acme: Cast, sign_in: Any) -> None:
    client, channel = sign_in(acme.rosa), factories.channel(name="The field")
    begun = client.post("/o/acme/content/pieces/begin/", {"title": "Wheels", "kind": "article", "step": "engage"})
    piece = Piece.objects.get()
    assert begun.headers["Location"] == f"/o/acme/content/pieces/{piece.pk}/"
    here = f"/o/acme/content/pieces/{piece.pk}/"
    said = {"title": "Wheels", "body": "**True** them.\r\nOften.", "kind": "article", "step": "engage", "version": 1}
    assert client.post(f"{here}edit/", said).status_code == 302
    client.post(f"{here}variants/add/", {"channel": channel.pk, "fill": "on"})
    variant = Variant.objects.get()
    assert (variant.text, variant.channel) == ("True them. Often.", channel)
    page = client.get(f"{here}?variant={variant.pk}").content.decode()
    assert "The field" in page and "17 / 500" in page
    client.post(f"/o/acme/content/variants/{variant.pk}/edit/", {"text": "Spokes <b>first</b>.", "version": 3})
    piece.refresh_from_db()
    assert (piece.body, piece.version, piece.saved_by) == ("**True** them.\nOften.", 4, acme.rosa)
    page = client.get(f"{here}?variant={variant.pk}").content.decode()
    assert "Spokes &lt;b&gt;first&lt;/b&gt;." in page and "<b>first" not in page


def test_the_list_asks_as_often_for_many_as_for_one_and_goes_on_by_key(acme: Cast, sign_in: Any) -> None:
    client: Client = sign_in(acme.carla)
    channel = factories.channel()
    factories.variant(factories.piece("Eldest"), channel=channel)
    client.get("/o/acme/content/pieces/")
    with_one = _queries(client, "/o/acme/content/pieces/")
    for number in range(26):
        row = factories.piece(f"Piece {number:02}", author=acme.rosa)
        factories.publication(factories.variant(row, channel=channel))
        ask(row, acme.rosa)
    assert _queries(client, "/o/acme/content/pieces/") == with_one
    page = client.get("/o/acme/content/pieces/").content.decode()
    assert "Piece 25" in page and "Eldest" not in page and "before=" in page
    assert (
        "Eldest"
        in client.get(f"/o/acme/content/pieces/?before={Piece.objects.get(title='Piece 01').pk}").content.decode()
    )


def _queries(client: Client, path: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_filters_mean_what_each_piece_is_said_to_be(acme: Cast, sign_in: Any) -> None:
    states: dict[str, list[list[str]]] = {
        "draft": [[], ["cancelled"], ["", ""]],
        "planned": [["ready"], ["waiting", ""]],
        "partly": [["accepted", ""], ["accepted", "ready"]],
        "published": [["accepted"], ["accepted", "accepted"]],
        "trouble": [["refused", "accepted"], ["missed"]],
    }
    for name, pieces in states.items():
        for rows in pieces:
            row = factories.piece(f"is-{name}", author=acme.rosa)
            for state in rows:
                variant = factories.variant(row)
                if state:
                    factories.publication(variant, state=state)
    factories.piece("is-dropped", author=acme.rosa, state="dropped")
    names = ("review", "sent_back", "sent_back", "planned")
    reviewed = [factories.piece(f"is-{name}", author=acme.rosa) for name in names]
    for row in reviewed:
        factories.publication(factories.variant(row), state="waiting")
        factories.variant(row)
        ask(row, acme.rosa)
    _waits, back, edited, approved = reviewed
    no(back.reviews.get(), acme.carla)
    edit_variant(edited.variants.order_by("pk")[0], text="Else.", **acting(acme.rosa))
    yes(approved.reviews.get(), acme.carla)
    factories.publication(factories.variant(back), state="cancelled")
    published = factories.piece("is-published", author=acme.rosa)
    factories.publication(factories.variant(published), state="accepted")
    ask(published, acme.rosa)
    client = sign_in(acme.carla)
    for standing in Standing:
        page = client.get(f"/o/acme/content/pieces/?standing={standing}").content.decode()
        found = {word for word in Standing.values if f"is-{word}" in page}
        rows = [row for row in Piece.objects.with_variants() if standing_of(row) == standing]
        assert found == {standing} and {row.title for row in rows} == {f"is-{standing}"}
    assert "is-trouble" in client.get("/o/acme/content/pieces/?q=is-trouble").content.decode()
    assert "No piece fits" in client.get("/o/acme/content/pieces/?q=nowhere&campaign=7").content.decode()


def test_who_writes_elsewhere_in_a_piece_hinders_nobody_and_the_same_words_are_shown_twice(
    acme: Cast, sign_in: Any
) -> None:
    piece = begin_piece("Wheels", body="One.", **acting(acme.carla))
    variant = add_variant(piece, channel=factories.channel(), text="Said.", **acting(acme.carla))
    edit_piece(piece, body="Two.", version=2, **acting(acme.carla))
    edit_variant(variant, text="Said by Rosa.", version=2, **acting(acme.rosa))
    edit_piece(piece, body="Two.", title="Wheels and spokes", version=2, **acting(acme.rosa))
    piece.refresh_from_db()
    assert (piece.title, piece.body) == ("Wheels and spokes", "Two.")
    with pytest.raises(Opposed) as opposed:
        edit_piece(piece, body="Three.", version=1, **acting(acme.rosa))
    assert opposed.value.now == {"body": "Two."}

    client = sign_in(acme.rosa)
    said = {"title": "Wheels", "body": "My own three.", "kind": "post", "step": "engage", "version": 1}
    for headers in ({}, PART):
        answer = client.post(f"/o/acme/content/pieces/{piece.pk}/edit/", said, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 409 and "My own three." in page and "<del>Two.</del>" in page
        assert f'name="version" value="{piece.version}"' in page
    piece.refresh_from_db()
    assert piece.body == "Two."
    client.post(f"/o/acme/content/pieces/{piece.pk}/edit/", said | {"version": piece.version})
    piece.refresh_from_db()
    assert piece.body == "My own three."


def test_what_is_filled_or_looked_at_is_not_saved(acme: Cast, sign_in: Any) -> None:
    piece = factories.piece(author=acme.rosa, body="Spokes *first*.")
    variant = factories.variant(piece, text="Kept.")
    client = sign_in(acme.rosa)
    filled = client.post(f"/o/acme/content/variants/{variant.pk}/fill/", {"text": "Typed."}).content.decode()
    assert "Spokes first." in filled and "not saved yet" in filled
    look = client.post(f"/o/acme/content/variants/{variant.pk}/look/", {"text": "x" * 501}, headers=PART)
    assert "501 / 500" in look.content.decode() and "1 character too long" in look.content.decode()
    assert "Typed" in client.post(f"/o/acme/content/variants/{variant.pk}/look/", {"text": "Typed"}).content.decode()
    variant.refresh_from_db()
    assert variant.text == "Kept."


def test_variants_are_moved_and_taken_away_and_a_piece_is_dropped_and_picked_up(acme: Cast, sign_in: Any) -> None:
    piece = factories.piece(author=acme.rosa)
    one, two = factories.variant(piece), factories.variant(piece, position=1)
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{piece.pk}/"
    moved = client.post(f"{here}variants/order/", {"variant": two.pk, "to": "front"}, follow=True)
    assert "The order is changed." in moved.content.decode()
    assert list(Variant.objects.in_order()) == [two, one]
    client.post(f"/o/acme/content/variants/{one.pk}/drop/")
    assert client.get(f"{here}?variant={one.pk}").status_code == 404
    client.post(f"{here}drop/")
    assert "was dropped" in client.get(here).content.decode()
    client.post(f"{here}pick-up/")
    piece.refresh_from_db()
    assert piece.state == "open"


def test_the_demo_has_pieces_that_could_go_out(acme: Cast) -> None:
    factories.channel()
    write_pieces(acme.organization, writer=acme.rui, coach=acme.carla, booth=acme.bodo, at=clock.now())
    found = [one for row in Variant.objects.select_related("channel", "piece") for one in checks_of(row)]
    assert Variant.objects.count() == 4 and [one.message for one in found if one.is_blocking] == []
    assert set(Piece.objects.values_list("state", flat=True)) == {"open", "dropped"}


def test_who_only_reads_finds_no_form(acme: Cast, sign_in: Any) -> None:
    piece = factories.piece(author=acme.rosa, body="**Read** me")
    page = sign_in(acme.elif_).get(f"/o/acme/content/pieces/{piece.pk}/").content.decode()
    assert "<strong>Read</strong> me" in page and "work_form" not in page


def test_an_open_page_hears_that_somebody_saved(acme: Cast, sign_in: Any) -> None:
    piece = begin_piece("Wheels", **acting(acme.carla))
    client = sign_in(acme.rosa)
    assert client.get(f"/o/acme/content/pieces/{piece.pk}/news/?version=1").status_code == 204
    edit_piece(piece, body="More.", **acting(acme.carla))
    assert "Carla has saved" in client.get(f"/o/acme/content/pieces/{piece.pk}/news/?version=1").content.decode()


def test_versions_show_what_changed_and_come_back(acme: Cast, sign_in: Any) -> None:
    piece = begin_piece("Wheels", body="The old words stay.", **acting(acme.carla))
    variant = add_variant(piece, channel=factories.channel(name="Field"), text="Said here.", **acting(acme.carla))
    edit_piece(piece, body="The new words stay.", **acting(acme.rosa))
    edit_variant(variant, text="Said there.", **acting(acme.rosa))
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{piece.pk}/"
    client.post(f"/o/acme/content/variants/{variant.pk}/drop/")
    page = client.get(f"{here}versions/?version=3").content.decode()
    assert "<del>old</del>" in page and "<ins>new</ins>" in page
    assert "<ins>there</ins>" in client.get(f"{here}versions/?version=4").content.decode()
    assert "Taken away" in client.get(f"{here}versions/").content.decode()
    old = PieceVersion.objects.get(piece=piece, number=2)
    client.post(f"/o/acme/content/piece-versions/{old.pk}/restore/")
    piece.refresh_from_db()
    variant.refresh_from_db()
    assert (piece.body, piece.version) == ("The old words stay.", 6)
    assert (variant.text, variant.is_dropped) == ("Said here.", False)
    assert PieceVersion.objects.get(piece=piece, number=6).document == old.document


def test_the_api_writes_checks_and_tells_both_sides_of_a_conflict(acme: Cast, api: Any) -> None:
    channel = factories.channel()
    rosa = api(acme.rosa)
    made = rosa.post("/api/v1/pieces/", {"title": "Wheels", "body": "Spokes **first**. Then the rim."}).json()
    variant = rosa.post("/api/v1/variants/", {"piece": made["id"], "channel": channel.pk, "fill": True}).json()
    assert variant["text"] == "Spokes first. Then the rim."
    assert rosa.patch(f"/api/v1/pieces/{made['id']}/", {"body": "Two.", "version": 2}).json()["version"] == 3
    conflict = rosa.patch(f"/api/v1/pieces/{made['id']}/", {"body": "Three.", "version": 2})
    assert conflict.status_code == 409
    assert conflict.json()["now"] == {"body": "Two."} and conflict.json()["version"] == 3
    rosa.patch(f"/api/v1/variants/{variant['id']}/", {"text": "x" * 501})
    versions = rosa.get(f"/api/v1/piece-versions/?piece={made['id']}").json()["results"]
    assert [row["number"] for row in versions] == [4, 3, 2, 1] and "document" not in versions[0]
    read = rosa.get(f"/api/v1/piece-versions/{versions[1]['id']}/").json()
    assert read["document"]["piece"]["body"] == "Two."
    [section] = read["changed"]
    assert (section["kind"], len(section["fields_changed"])) == ("changed", 1)
    back = rosa.post(f"/api/v1/piece-versions/{versions[2]['id']}/restore/").json()
    assert (back["body"], back["version"]) == ("Spokes **first**. Then the rim.", 5)
    assert Variant.objects.get().text == "Spokes **first**. Then the rim.".replace("**", "")
    assert api(acme.elif_).post(f"/api/v1/piece-versions/{versions[2]['id']}/restore/").status_code == 403
    rosa.post(f"/api/v1/piece-versions/{versions[0]['id']}/restore/")
    checks = rosa.get(f"/api/v1/variants/{variant['id']}/checks/").json()
    assert (checks["length"], checks["limit"]) == (501, 500)
    assert checks["problems"][0] == {
        "field": "text", "kind": "length", "message": "It is 1 character too long.", "is_blocking": True,
    }  # fmt: skip
    assert rosa.post(f"/api/v1/variants/{variant['id']}/fill/").json()["text"] == "Two."
    assert rosa.post(f"/api/v1/pieces/{made['id']}/order/", {"variants": [variant["id"]]}).status_code == 200
    assert rosa.post(f"/api/v1/variants/{variant['id']}/drop/").json()["is_dropped"] is True
    assert rosa.post(f"/api/v1/pieces/{made['id']}/drop/").json()["standing"] == "dropped"
    assert rosa.get("/api/v1/pieces/?standing=dropped").json()["results"][0]["variants"] == []
    assert rosa.get("/api/v1/pieces/?standing=nothing").status_code == 400
    assert rosa.get("/api/v1/pieces/").json()["results"] == []
