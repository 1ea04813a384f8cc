"""Notes name colleagues, who are told once; only those who may see the assignment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from engagement.actions.notes import note, see_notes
from engagement.models import Assignment, NoteAddressee
from engagement.naming import named_in
from roles.models import Mail, Member, Role, User
from tests.cast import Cast, join

Given = Callable[..., Assignment]


def test_whoever_is_named_is_told_once_and_by_mail(acme: Cast, given: Given, at: datetime) -> None:
    row = given(acme.rosa)
    note(row, text="@Rui and @rui, did you not have this author? @carla knows.", by=acme.rosa, at=at)
    assert set(NoteAddressee.objects.values_list("member__user__name", flat=True)) == {"Rui", "Carla"}
    mails = Mail.objects.order_by("pk")
    assert {mail.member for mail in mails} == {acme.rui, acme.carla}
    assert f"/o/acme/queue/{row.pk}/" in mails[0].text
    assert "did you not have" in mails[0].html


def test_a_name_from_the_list_counts_as_one_in_the_text(acme: Cast, given: Given, at: datetime) -> None:
    note(given(), text="Please look, @Rui.", to=[acme.rui, acme.carla], by=acme.rosa, at=at)
    assert NoteAddressee.objects.count() == Mail.objects.count() == 2


def test_oneself_and_strangers_are_not_told(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    other = join("Petra", Role.RESPONDER, acme.press)
    note(row, text="@Rosa @Petra @Elif @Bodo @Sam", by=acme.rosa, at=at)
    assert not NoteAddressee.objects.exists()
    with pytest.raises(ValidationError):
        note(row, text="You too.", to=[other], by=acme.rosa, at=at)


def test_notes_are_seen_by_who_is_named_alone(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    note(row, text="@Rui @Carla", by=acme.rosa, at=at)
    assert see_notes(row, by=acme.rui, at=at) == 1
    assert see_notes(row, by=acme.rui, at=at) == 0
    assert NoteAddressee.objects.get(seen_at=None).member == acme.carla


def person(pk: int, name: str) -> Member:
    return Member(pk=pk, organization_id=1, user=User(name=name, email=f"p{pk}@example.org"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ada Lovelace look", [1]),
        ("@ada, look", [1]),
        ("ada@example.org", []),
        ("@Adam", []),
        ("@Kim", []),  # two of them
        ("@Kim Ono and @kim park", [2, 3]),
        ("(@KIM ONO)", [2]),
        ("@José María!", [4]),
        ("@", []),
    ],
)
def test_names_in_a_text(text: str, found: list[int]) -> None:
    people = [person(1, "Ada Lovelace"), person(2, "Kim Ono"), person(3, "Kim Park"), person(4, "José María")]
    assert [member.pk for member in named_in(text, people)] == found
