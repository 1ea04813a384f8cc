"""Alike ideas: found in every script, merged, readable afterwards, and taken out again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from content.actions.idea_merging import merge_ideas, split_idea
from content.actions.ideas import accept_idea, drop_idea, note_idea
from content.alike import alike, keys_of, likeness, runs_of
from roles import clock
from tests.cast import Cast

HERE = "/o/acme/content/ideas/"


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How to adjust disc brakes", "Adjusting disc brakes: how to do it"),
        ("Winter: store your battery warm", "Storing batteries warm in winter"),
        ("Bremsen selbst einstellen", "Wie man Bremsen selbst einstellt"),
        ("如何调整刹车片", "刹车片如何调整"),
        ("What load surprised you most?", "What load surprised you most? Ours was a piano stool, in the rain."),
    ],
)
def test_what_says_nearly_the_same_is_found(acme: Cast, one: str, other: str) -> None:
    row = note_idea(one, **acting(acme.gita))
    note_idea("Prices of spare parts in spring", **acting(acme.gita))
    assert [found.idea for found in alike(other)] == [row]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How to adjust disc brakes", "How to clean a chain"),
        ("Why we repair", "Why we deliver on Sunday"),
        ("", "Anything"),
        ("!!!", "???"),
    ],
)
def test_what_says_something_else_is_not(acme: Cast, one: str, other: str) -> None:
    note_idea(one or "x", **acting(acme.gita))
    assert alike(other) == []


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_the_same_both_ways_and_whole_with_oneself(one: str, other: str) -> None:
    mine, theirs = runs_of(one), runs_of(other)
    assert likeness(mine, theirs) == likeness(theirs, mine)
    assert 0 <= likeness(mine, theirs) <= 1
    assert not mine or likeness(mine, mine) == 1
    assert len(keys_of(one)) <= 24 and all(-(2**63) <= key < 2**63 for key in keys_of(one))


def test_an_idea_is_merged_stays_readable_and_is_taken_out_again(acme: Cast, sign_in: Any) -> None:
    one, other = note_idea("About brakes", **acting(acme.gita)), note_idea("On brakes", **acting(acme.rosa))
    accept_idea(one, reason="Good", **acting(acme.carla))
    assert merge_ideas(one, into=other, **acting(acme.bodo)).state == "merged"
    assert merge_ideas(one, into=other, **acting(acme.bodo)).merged_into == other
    page = sign_in(acme.bodo).get(f"{HERE}{other.pk}/").content.decode()
    assert "About brakes" in page and "Gita" in page
    assert [row.pk for row in sign_in(acme.bodo).get(HERE).context["ideas"]] == [other.pk]
    assert sign_in(acme.gita).get(f"{HERE}{one.pk}/").status_code == 200
    again = split_idea(one, **acting(acme.bodo))
    assert (again.state, again.merged_into, again.reason) == ("accepted", None, "Good")
    assert split_idea(one, **acting(acme.bodo)).state == "accepted"


def test_no_idea_goes_in_a_circle_or_where_nobody_finds_it(acme: Cast) -> None:
    one, other, third = (note_idea(text, **acting(acme.gita)) for text in ("a", "b", "c"))
    with pytest.raises(ValidationError):
        merge_ideas(one, into=one, **acting(acme.gita))
    merge_ideas(one, into=other, **acting(acme.gita))
    for into in (one, third):
        with pytest.raises(ValidationError):
            merge_ideas(one if into is third else other, into=into, **acting(acme.gita))
    with pytest.raises(ValidationError):
        drop_idea(one, **acting(acme.gita))
    with pytest.raises(PermissionDenied):
        merge_ideas(third, into=other, **acting(acme.elif_))
    drop_idea(third, **acting(acme.gita))
    with pytest.raises(ValidationError):
        merge_ideas(third, into=other, **acting(acme.gita))
    assert merge_ideas(other, into=third, **acting(acme.gita)).merged_into == third


def test_who_notes_one_that_is_there_sees_it_and_may_note_it_all_the_same(acme: Cast, sign_in: Any) -> None:
    note_idea("How to adjust disc brakes", **acting(acme.gita))
    client, said = sign_in(acme.rosa), {"text": "How to adjust a disc brake", "value": "3"}
    page = client.post(f"{HERE}note/", said)
    assert page.status_code == 200 and "How to adjust disc brakes" in page.content.decode()
    assert "How to adjust a disc brake" in page.content.decode(), "what was typed is still there"
    made = client.post(f"{HERE}note/", said | {"anyway": "1"})
    assert made.status_code == 302
    assert "1 other is like it" in client.get(made.headers["Location"]).content.decode()
    part = client.get(f"{HERE}alike/", {"text": "adjust disc brakes"}, headers={"HX-Request": "true"})
    assert "How to adjust disc brakes" in part.content.decode() and "<html" not in part.content.decode()


def test_merging_on_the_page_can_be_undone(acme: Cast, sign_in: Any) -> None:
    one, other = note_idea("About brakes", **acting(acme.gita)), note_idea("About brake", **acting(acme.rosa))
    client = sign_in(acme.bodo)
    answer = client.post(f"{HERE}{one.pk}/merge/", {"into": other.pk})
    assert answer.headers["Location"] == f"{HERE}{other.pk}/"
    assert f"{HERE}{one.pk}/split/" in client.get(answer.headers["Location"]).content.decode()
    client.post(f"{HERE}{one.pk}/split/")
    one.refresh_from_db()
    assert one.state == "open"
    assert client.post(f"{HERE}{one.pk}/merge/", {"into": "nonsense"}).status_code == 404
