"""The opened assignment: how it is by now, what would go out, what a reply was stopped by; with and without htmx."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from engagement.actions.assignments import claim, resolve
from engagement.actions.drafts import save_draft
from engagement.actions.notes import note
from engagement.actions.replies import reply
from engagement.models import Assignment, Draft, Reply
from listening.models import Post, Revision
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]
HTMX = {"HX-Request": "true"}


def digest_of(client: Any, row: Assignment) -> str:
    return str(client.get(f"/o/acme/queue/{row.pk}/").context["digest"])


def test_nothing_comes_where_nothing_is_new(acme: Cast, given: Given, sign_in: Any) -> None:
    row, rosa = given(acme.rosa), sign_in(acme.rosa)
    assert rosa.get(f"/o/acme/queue/{row.pk}/now/", {"digest": digest_of(rosa, row)}).status_code == 204


@pytest.mark.parametrize("what", ["note", "claim", "post", "edit"])
def test_what_others_do_is_shown_without_what_is_being_typed(
    acme: Cast, given: Given, sign_in: Any, at: datetime, what: str
) -> None:
    row, rosa = given(), sign_in(acme.rosa)
    Post.objects.update(conversation="talk")
    before = digest_of(rosa, row)
    if what == "note":
        note(row, text="Look at this", by=acme.rui, at=at)
    elif what == "claim":
        claim(row, by=acme.rui, at=at)
    elif what == "post":
        factories.post("Me too", conversation="talk")
    else:
        Post.objects.update(text="Do not look again", edited_at=at)
    said = rosa.get(f"/o/acme/queue/{row.pk}/now/", {"digest": before}).content.decode()
    shown = {"note": "Look at this", "claim": "Claimed by Rui", "post": "Me too", "edit": "Do not look again"}
    assert shown[what] in said
    assert "reply_text" not in said


def test_of_a_long_thread_the_newest_is_shown_and_the_post_it_is_about(acme: Cast, given: Given, sign_in: Any) -> None:
    row = given(acme.rosa)
    Post.objects.update(conversation="talk")
    for number in range(65):
        factories.post(f"Voice {number}", conversation="talk")
    said = sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert "Is Acme down?" in said and "Voice 64" in said and "Voice 2<" not in said
    assert "Only the newest" in said


def test_one_looks_first_at_what_goes_out(acme: Cast, given: Given, sign_in: Any) -> None:
    account, row = factories.channel(name="Acme Care"), given(acme.rosa)
    rosa, address = sign_in(acme.rosa), f"/o/acme/queue/{row.pk}/look-first/"
    body = {"text": " One\r\ntwo ", "channel": account.pk}
    part = rosa.post(address, body, headers=HTMX).content.decode()
    assert "Acme Care" in part and "7 of 500" in part and "Practice field" in part
    whole = rosa.post(address, {**body, "text": "x" * 501}).content.decode()
    assert "too long" in whole and "x" * 501 in whole
    assert not Reply.objects.exists() and not Draft.objects.exists()


def test_bytes_are_counted_besides_where_a_network_does(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    row, rosa = given(acme.rosa, network="bluesky"), sign_in(acme.rosa)
    account, many = factories.channel(network="bluesky"), "👨‍👩‍👧‍👦" * 121
    assert 'data-byte-limit="3000"' in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    part = rosa.post(f"/o/acme/queue/{row.pk}/look-first/", {"text": many, "channel": account.pk}, headers=HTMX)
    said = part.content.decode()
    assert "121 of 300" in said and "25 bytes too many" in said and "It is too long" not in said
    with pytest.raises(ValidationError, match="25 too many"):
        reply(row, text=many, channel=account, by=acme.rosa, at=at)


def test_where_the_network_was_taken_away_the_page_says_so(acme: Cast, given: Given, sign_in: Any) -> None:
    row, rosa = given(acme.rosa, network="telegraph"), sign_in(acme.rosa)
    factories.channel(network="telegraph")
    body, gone = {"text": "One"}, "The network “telegraph” is not installed here any more."
    page = rosa.get(f"/o/acme/queue/{row.pk}/")
    assert page.status_code == 200 and gone in page.content.decode() and "Is Acme down?" in page.content.decode()
    assert rosa.post(f"/o/acme/queue/{row.pk}/look-first/", body, headers=HTMX).status_code == 200
    assert gone in rosa.post(f"/o/acme/queue/{row.pk}/reply/", body).content.decode()
    assert not Reply.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_an_edit_is_shown_with_what_was_read_and_the_next_press_sends(
    acme: Cast, given: Given, sign_in: Any, at: datetime, headers: dict[str, str]
) -> None:
    factories.channel()
    row, rosa = given(acme.rosa), sign_in(acme.rosa)
    opened = rosa.get(f"/o/acme/queue/{row.pk}/").context
    body = {"text": "Yes.", "version": row.version, "revision": 1, "until": opened["until"], "key": "k1"}
    post = row.mention.post
    Revision.objects.create(post=post, number=1, text=post.text, seen_at=at)
    Post.objects.filter(pk=post.pk).update(text="Never mind", revision_count=2)
    stopped = rosa.post(f"/o/acme/queue/{row.pk}/reply/", body, headers=headers)
    said = stopped.content.decode()
    assert stopped.status_code == 409
    for words in ("Nothing was sent", "Is Acme down?", "Never mind", ">Yes.</textarea>", "Send anyway"):
        assert words in said, words
    assert 'name="revision" value="2"' in said
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", {**body, "revision": 2, "key": "k2"}, headers=headers)
    assert Reply.objects.get().text == "Yes."


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_a_colleagues_answer_stops_it_with_the_text_before_ones_eyes(
    acme: Cast, given: Given, sign_in: Any, at: datetime, headers: dict[str, str]
) -> None:
    factories.channel()
    row, rosa = given(), sign_in(acme.rosa)
    reply(row, text="From Rui.", by=acme.rui, at=at)
    stopped = rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "From Rosa.", "version": 0}, headers=headers)
    said = stopped.content.decode()
    assert stopped.status_code == 403
    for words in ("Nothing was sent", "Rui has claimed this", "From Rui.", "From Rosa."):
        assert words in said, words
    assert Reply.objects.count() == 1


def test_what_was_taken_down_is_never_sent_all_the_same(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    factories.channel()
    row, rosa = given(acme.rosa), sign_in(acme.rosa)
    Post.objects.update(withdrawn_at=at, text="")
    said = rosa.post(f"/o/acme/queue/{row.pk}/reply/", {"text": "Yes."}, headers=HTMX).content.decode()
    assert "withdrawn" in said and "Yes." in said and "Send anyway" not in said


def test_a_shared_draft_stands_in_the_composer_of_all(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    row, rui = given(), sign_in(acme.rui)
    save_draft(row, text="From Rui, unsent", by=acme.rui, at=at)
    sign_in(acme.rosa).post(f"/o/acme/queue/{row.pk}/share-draft/", {"text": "From Rosa\r\nwith love"})
    said = rui.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert ">From Rosa\nwith love</textarea>" in said and "From Rui, unsent" in said
    data = rui.get(f"/o/acme/queue/{row.pk}/draft/").json()
    assert (data["text"], data["by"], data["shared"]) == ("From Rosa\nwith love", "Rosa", True)
    address = f"/o/acme/queue/{row.pk}/save-draft/"
    assert rui.post(address, {"text": "Rui goes on", "version": data["version"]}).json()["saved"]
    late = sign_in(acme.rosa).post(address, {"text": "Rosa too", "version": data["version"]})
    assert (late.status_code, late.json()["text"], late.json()["by"]) == (409, "Rui goes on", "Rui")


def test_a_second_window_is_told_that_the_first_ones_words_are_kept(acme: Cast, given: Given, sign_in: Any) -> None:
    row, rosa = given(acme.rosa), sign_in(acme.rosa)
    address = f"/o/acme/queue/{row.pk}/save-draft/"
    first = rosa.post(address, {"text": "One", "version": 0}).json()
    assert not first["kept"]
    assert not rosa.post(address, {"text": "One two", "version": first["version"]}).json()["kept"]
    assert rosa.post(address, {"text": "Other", "version": first["version"]}).json()["kept"]
    assert "One two" in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()


def test_notes_for_one_are_listed_until_seen(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    row, rui = given(acme.rosa), sign_in(acme.rui)
    note(row, text="@Rui, do you know?", by=acme.rosa, at=at)
    assert "1 note names you" in rui.get("/o/acme/queue/").content.decode()
    assert "do you know?" in rui.get("/o/acme/queue/notes/").content.decode()
    assert "For you" in rui.get(f"/o/acme/queue/{row.pk}/").content.decode()
    rui.post("/o/acme/queue/notes/seen/", {"assignment": row.pk})
    assert "names you" not in rui.get("/o/acme/queue/").content.decode()
    assert "do you know?" not in sign_in(acme.rosa).get("/o/acme/queue/notes/").content.decode()


def test_how_it_ended_is_noted_and_comes_back(acme: Cast, claimed: Given, sign_in: Any, at: datetime) -> None:
    row, rosa = resolve(claimed(), outcome="moved_to_private", by=acme.rosa, at=at), sign_in(acme.rosa)
    rosa.post(f"/o/acme/queue/{row.pk}/satisfaction/", {"value": "satisfied"})
    rosa.post(f"/o/acme/queue/{row.pk}/follow-up/", {"days": "3"})
    said = rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    for words in ("Moved to private", "Satisfied", "says Rosa", "Rosa wants to look again"):
        assert words in said, words
    rosa.post(f"/o/acme/queue/{row.pk}/follow-up/", {"days": "0"})
    assert "wants to look again" not in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()


def test_a_reply_is_public_and_goes_to_one_post(acme: Cast, given: Given, sign_in: Any, at: datetime) -> None:
    """Each answers one post of a thread of many, and the button says that everybody can read it."""
    factories.channel(name="Acme")
    row = given(acme.rosa)
    Post.objects.update(conversation="talk")
    factories.post("Me too", conversation="talk")
    said = sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert "Public reply as" in said and f"to {row.mention.post.author} on Practice field" in said
    assert ">public</small>" in said
    assert reply(row, text="Yes.", by=acme.rosa, at=at).post == row.mention.post


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seen_at": True}, "Sent, and seen there"),
        ({"problem": "The network took it, but it cannot be seen there."}, "cannot be seen there"),
    ],
)
def test_whether_a_reply_can_be_seen_is_a_state(
    acme: Cast, claimed: Given, sign_in: Any, at: datetime, fields: dict[str, Any], words: str
) -> None:
    factories.channel()
    row = claimed()
    made = reply(row, text="Yes.", by=acme.rosa, at=at)
    fields = {name: at if value is True else value for name, value in fields.items()}
    Reply.objects.filter(pk=made.pk).update(state="accepted", accepted_at=at, **fields)
    assert words in sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/").content.decode()
