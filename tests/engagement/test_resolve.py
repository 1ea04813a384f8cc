"""Resolve and reopen: an end with an outcome, and a second beginning with whoever is here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions.assignments import reopen, resolve
from engagement.actions.drafts import save_draft
from engagement.actions.notes import note
from engagement.actions.replies import reply
from engagement.models import Assignment, AssignmentNote, Draft
from engagement.refusals import Refusal
from roles.actions.people import go_away
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_resolve_says_how_it_ended(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="spam", by=acme.rosa, at=at)
    assert (row.state, row.outcome, row.resolved_at, row.first_answered_at) == ("resolved", "spam", at, None)
    assert AuditEntry.objects.filter(verb="resolve", by=acme.rosa).exists()


def test_answered_elsewhere_is_an_answer(acme: Cast, claimed: Given, at: datetime) -> None:
    assert resolve(claimed(), outcome="answered", by=acme.rosa, at=at).first_answered_at == at


@pytest.mark.parametrize("outcome", ["", "won"])
def test_an_outcome_is_one_of_those_there_are(acme: Cast, claimed: Given, at: datetime, outcome: str) -> None:
    with pytest.raises(ValidationError):
        resolve(claimed(), outcome=outcome, by=acme.rosa, at=at)


def test_a_reply_on_its_way_is_waited_for(acme: Cast, claimed: Given, at: datetime) -> None:
    factories.channel()
    row = claimed()
    reply(row, text="Yes.", by=acme.rosa, at=at)
    with pytest.raises(Refusal, match="on its way"):
        resolve(row, outcome="spam", by=acme.rosa, at=at)


def test_reopening_ones_own_undoes_the_end(acme: Cast, claimed: Given, at: datetime) -> None:
    row = reopen(resolve(claimed(), outcome="answered", by=acme.rosa, at=at), by=acme.rosa, at=at)
    assert (row.state, row.member, row.outcome, row.resolved_at) == ("claimed", acme.rosa, "", None)
    assert (row.reopened_count, row.first_answered_at) == (1, None)


def test_an_answer_long_ago_stays_one(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="answered", by=acme.rosa, at=at)
    assert reopen(row, by=acme.rosa, at=at + timedelta(days=1)).first_answered_at == at


def test_reopened_by_another_it_waits_for_its_owner(acme: Cast, claimed: Given, at: datetime) -> None:
    row = reopen(resolve(claimed(), outcome="spam", by=acme.rosa, at=at), by=acme.carla, at=at)
    assert (row.state, row.member) == ("open", acme.rosa)


def test_reopened_while_its_owner_is_away_it_goes_to_somebody_who_is_here(
    acme: Cast, claimed: Given, at: datetime
) -> None:
    row = resolve(claimed(), outcome="spam", by=acme.rosa, at=at)
    go_away(acme.rosa, by=acme.rosa, at=at)
    row = reopen(row, by=acme.carla, at=at)
    assert (row.state, row.member_id) == ("open", acme.rui.pk)


def test_a_mention_that_is_worked_on_again_is_not_reopened_beside(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="spam", by=acme.rosa, at=at)
    claimed(mention=row.mention)
    with pytest.raises(Refusal, match="same mention"):
        reopen(row, by=acme.rosa, at=at)


def test_who_may_not_does_not(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            resolve(given(), outcome="spam", by=member, at=at)
        with pytest.raises(PermissionDenied):
            reopen(given(state="resolved", resolved_at=at), by=member, at=at)


def test_a_note_stays_inside(acme: Cast, given: Given, at: datetime) -> None:
    row = given(acme.rosa)
    note(row, text=" Ask the workshop. ", by=acme.gita, at=at)
    kept = AssignmentNote.objects.get()
    assert (kept.text, kept.by, kept.assignment) == ("Ask the workshop.", acme.gita, row)
    for text in ("  ", "x" * 4001):
        with pytest.raises(ValidationError):
            note(row, text=text, by=acme.gita, at=at)
    with pytest.raises(PermissionDenied):
        note(row, text="Hm.", by=acme.elif_, at=at)


def test_a_draft_is_kept_for_each_writer(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    save_draft(row, text="Dear", by=acme.rosa, at=at)
    save_draft(row, text="Dear Ada", by=acme.rosa, at=at)
    save_draft(row, text="Hello", by=acme.rui, at=at)
    assert set(Draft.objects.values_list("member", "text")) == {(acme.rosa.pk, "Dear Ada"), (acme.rui.pk, "Hello")}
    save_draft(row, text=" ", by=acme.rosa, at=at)
    assert Draft.objects.get().member == acme.rui
    with pytest.raises(PermissionDenied):
        save_draft(row, text="Hm.", by=acme.elif_, at=at)
