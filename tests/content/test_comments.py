"""Comments by passage: they follow their words, are answered and settled, and those concerned are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from content.actions.comments import comment, resolve_comment
from content.actions.pieces import begin_piece, edit_piece
from content.actions.variants import add_variant, edit_variant
from content.anchoring import anchored, anchored_again
from content.models import Comment, Piece
from roles import clock
from roles.models import Mail
from tests import factories
from tests.cast import Cast

BODY = "Wheels turn. Spokes hold. Wheels turn again."


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def test_a_comment_follows_its_words_and_says_when_they_were_changed(acme: Cast) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    row = comment(piece, text="Do they?", quote="Wheels\n turn", near=26, **acting(acme.carla))
    assert (row.quote, row.start) == ("Wheels turn", 26)
    edit_piece(piece, body=f"Before all:\n\n{BODY}", **acting(acme.rosa))
    row.refresh_from_db()
    assert (row.start, row.is_changed) == (39, False)
    edit_piece(piece, body="Wheels turn. Spokes hold. They turn again.", **acting(acme.rosa))
    edit_piece(piece, body="Spokes hold.", **acting(acme.rosa))
    row.refresh_from_db()
    assert row.is_changed is True and row.quote == "Wheels turn"
    edit_piece(piece, body=BODY, **acting(acme.rosa))
    row.refresh_from_db()
    assert row.is_changed is False
    with pytest.raises(ValidationError):
        comment(piece, text="Where?", quote="nowhere", **acting(acme.carla))
    with pytest.raises(ValidationError):
        comment(piece, text="  ", **acting(acme.carla))


def test_a_comment_on_a_variant_stands_by_its_text(acme: Cast) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    variant = add_variant(piece, channel=factories.channel(), text="Spokes hold it all.", **acting(acme.rosa))
    row = comment(piece, variant=variant, text="All?", quote="it all", **acting(acme.carla))
    edit_variant(variant, text="Good spokes hold it all.", **acting(acme.rosa))
    row.refresh_from_db()
    assert (row.start, row.is_changed) == (17, False)


@given(before=st.text("ab c", max_size=60), after=st.text("ab c", max_size=60), more=st.text("xyz ", max_size=20))
def test_whatever_is_written_around_a_passage_it_is_found(before: str, after: str, more: str) -> None:
    anchor = anchored(f"{before}Spokes hold{after}", "Spokes hold")
    assert anchor is not None
    found = anchored_again(f"{more}{before}Spokes  hold{after}{more}", anchor)
    assert found is not None and found.start == len(more) + len(before)


def test_those_concerned_are_told_once_and_nobody_else(acme: Cast) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    row = comment(piece, text="@Bodo: is that <b>true</b>?", to=[acme.bodo, acme.gita], **acting(acme.carla))
    told = Mail.objects.filter(kind="comment")
    assert {mail.member for mail in told} == {acme.bodo, acme.gita, acme.rosa}
    assert all("&lt;b&gt;true" in mail.html and f"/content/pieces/{piece.pk}/" in mail.url for mail in told)
    comment(piece, text="It is.", answers=row, **acting(acme.bodo))
    assert {mail.member for mail in told.filter(key__endswith=str(Comment.objects.last().pk))} == {
        acme.carla,
        acme.rosa,
    }  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        comment(piece, text="You too", to=[acme.olga], **acting(acme.carla))


def test_comments_are_said_answered_and_settled_on_the_page(acme: Cast, sign_in: Any) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    client, here = sign_in(acme.elif_), f"/o/acme/content/pieces/{piece.pk}/"
    client.post(f"{here}comment/", {"text": "<i>Do</i> they?", "quote": "Spokes hold"})
    row = Comment.objects.get()
    page = client.get(here).content.decode()
    assert "&lt;i&gt;Do" in page and "<blockquote" in page and "Spokes hold</blockquote>" in page
    client.post(f"{here}comment/", {"text": "They do.", "answers": row.pk})
    said = client.post(f"{here}comment/", {"text": "Where?", "quote": "nowhere"}, headers={"HX-Request": "true"})
    assert said.status_code == 422 and "are not in the text" in said.content.decode()
    client.post(f"/o/acme/content/comments/{row.pk}/resolve/")
    row.refresh_from_db()
    assert row.resolved_by == acme.elif_ and "1 settled" in client.get(here).content.decode()
    client.post(f"/o/acme/content/comments/{row.pk}/reopen/")
    row.refresh_from_db()
    assert row.resolved_at is None


def test_the_api_says_answers_and_settles(acme: Cast, api: Any) -> None:
    piece, other = begin_piece("Wheels", body=BODY, **acting(acme.rosa)), factories.variant()
    rosa = api(acme.rosa)
    made = rosa.post("/api/v1/comments/", {"piece": piece.pk, "text": "Do they?", "quote": "Spokes hold"}).json()
    assert made["start"] == 13
    assert rosa.post("/api/v1/comments/", {"piece": piece.pk, "text": "x", "variant": other.pk}).status_code == 400
    assert rosa.post(f"/api/v1/comments/{made['id']}/resolve/").json()["resolved_by"] == acme.rosa.pk
    assert rosa.post(f"/api/v1/comments/{made['id']}/reopen/").json()["resolved_at"] is None
    assert len(rosa.get(f"/api/v1/comments/?piece={piece.pk}").json()["results"]) == 1


def test_what_waits_for_a_word_of_mine_is_listed_and_counted_on_the_desk(acme: Cast, sign_in: Any, api: Any) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    variant = add_variant(piece, channel=factories.channel(), text="Spokes hold it all.", **acting(acme.rosa))
    row = comment(piece, variant=variant, text="<b>True</b>?", to=[acme.gita], quote="it all", **acting(acme.carla))
    comment(begin_piece("Chains", **acting(acme.carla)), text="Mine to nobody.", **acting(acme.carla))
    gita, carla = sign_in(acme.gita), sign_in(acme.carla)
    page = gita.get("/o/acme/content/comments/").content.decode()
    assert "&lt;b&gt;True&lt;/b&gt;?" in page and "Chains" not in page
    assert f"/content/pieces/{piece.pk}/?variant={variant.pk}#comments" in page
    assert "Comments that wait for you" in gita.get("/o/acme/content/").content.decode()
    assert "No comment waits" in carla.get("/o/acme/content/comments/").content.decode()
    asked = "/api/v1/comments/?waits_for_me=true"
    assert [one["id"] for one in api(acme.gita).get(asked).json()["results"]] == [row.pk]
    # Who answers is waited for no more; who asked is.
    comment(piece, text="It is.", answers=row, **acting(acme.gita))
    assert "No comment waits" in gita.get("/o/acme/content/comments/").content.decode()
    assert "Comments that wait for you" not in gita.get("/o/acme/content/").content.decode()
    assert "It is." in carla.get("/o/acme/content/comments/").content.decode()
    resolve_comment(row, **acting(acme.rosa))
    assert "No comment waits" in carla.get("/o/acme/content/comments/").content.decode()


def test_the_list_asks_as_often_for_many_as_for_one(acme: Cast, sign_in: Any) -> None:
    client, piece = sign_in(acme.gita), begin_piece("Wheels", body=BODY, **acting(acme.rosa))

    def asked() -> int:
        client.get("/o/acme/content/comments/")
        with CaptureQueriesContext(connection) as found:
            assert "Look" in client.get("/o/acme/content/comments/").content.decode()
        return len(found)

    comment(piece, text="Look", to=[acme.gita], **acting(acme.carla))
    one = asked()
    for _each in range(26):
        comment(piece, text="Look", to=[acme.gita], **acting(acme.carla))
    assert asked() == one and "before=" in client.get("/o/acme/content/comments/").content.decode()


def test_an_open_page_draws_what_is_said_by_now_and_nothing_that_is_being_written(acme: Cast, sign_in: Any) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{piece.pk}/"
    page = client.get(here).content.decode()
    assert f'data-live="piece:{piece.pk}"' in page and f'hx-get="{here}comments/' in page
    comment(piece, text="Do they?", **acting(acme.carla))
    said = client.get(f"{here}comments/?variant=").content.decode()
    assert 'id="comments_said" data-quiet hx-swap-oob="true"' in said and "Do they?" in said
    assert 'id="comment_text"' not in said


def test_however_much_is_said_the_newest_stands_there_and_all_is_reached(acme: Cast, sign_in: Any) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    first = comment(piece, text="The very first", **acting(acme.carla))
    rows = [
        Comment(piece=piece, by=acme.carla, text=f"Said as {number}", written_at=clock.now()) for number in range(70)
    ]
    rows += [
        Comment(piece=piece, by=acme.bodo, text=f"Answered as {number}", written_at=clock.now(), answers=first)
        for number in range(30)
    ]
    Comment.objects.bulk_create(rows)
    client, here = sign_in(acme.rosa), f"/o/acme/content/pieces/{piece.pk}/"
    page = client.get(here).content.decode()
    assert "Said as 69" in page and "The very first" not in page and "11 older ones are open" in page
    every = f"{here}comments/all/"
    older = client.get(every, {"before": rows[45].pk}).content.decode()
    assert "Said as 44" in older and "Said as 45" not in older and 'rel="next"' in older
    last = client.get(every, {"before": rows[10].pk}).content.decode()
    assert "The very first" in last and "Answered as 29" in last and "Answered as 9<" not in last
    assert "10 earlier answers" in last and f"?of={first.pk}" in last
    answers = client.get(every, {"of": first.pk, "before": rows[-20].pk}).content.decode()
    assert "Answered as 9<" in answers and "The very first" in answers and 'rel="next"' not in answers
    resolve_comment(first, **acting(acme.rosa))
    assert "10 older ones are open" in (page := client.get(here).content.decode()) and "The very first" in page
    assert sign_in(acme.olga).get(every, follow=True).status_code in {403, 404}


def test_a_passage_is_looked_for_in_what_was_saved_last(acme: Cast) -> None:
    piece = begin_piece("Wheels", body=BODY, **acting(acme.rosa))
    edit_piece(Piece.objects.get(pk=piece.pk), body=f"Look: {BODY}", **acting(acme.rosa))
    assert piece.body == BODY  # as whoever has it open read it before
    with CaptureQueriesContext(connection) as asked:
        row = comment(piece, text="Do they?", quote="Spokes hold", **acting(acme.carla))
    assert (row.start, row.is_changed) == (19, False)
    # Whoever saves waits until it is written.
    assert any("content_piece" in one["sql"] and "FOR NO KEY UPDATE" in one["sql"] for one in asked.captured_queries)
