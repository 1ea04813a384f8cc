"""Claim: take an assignment on oneself; the first wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied

from engagement.actions.assignments import claim, resolve
from engagement.models import Assignment
from engagement.refusals import Refusal, Stale, Taken
from engagement.signals import assignments_changed
from measurement.models import StaleHour
from roles.models import AuditEntry, Organization
from roles.tenancy import acting_for
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_claim_takes_a_left_over(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    claim(row, by=acme.rosa, at=at)
    row = Assignment.objects.get()
    assert (row.state, row.member, row.claimed_at, row.assigned_at, row.version) == ("claimed", acme.rosa, at, at, 1)


def test_claim_is_written_down_and_told(acme: Cast, given: Given, at: datetime) -> None:
    heard: list[list[Assignment]] = []

    def hear(sender: object, *, assignments: list[Assignment], **rest: object) -> None:
        heard.append(assignments)

    assignments_changed.connect(hear)
    try:
        row = claim(given(), by=acme.rosa, at=at)
    finally:
        assignments_changed.disconnect(hear)
    entry = AuditEntry.objects.get(verb="claim")
    assert (entry.by, entry.subject_id) == (acme.rosa, row.pk)
    assert entry.before
    assert entry.after
    assert (entry.before["state"], entry.after["state"]) == ("open", "claimed")
    assert heard == [[row]]


def test_what_a_colleague_was_given_and_has_not_claimed_can_be_claimed(acme: Cast, given: Given, at: datetime) -> None:
    claim(given(acme.rui), by=acme.rosa, at=at)
    assert Assignment.objects.get().member == acme.rosa


def test_what_a_colleague_has_claimed_is_taken(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(Taken, match="Rosa has claimed this"):
        claim(claimed(), by=acme.rui, at=at)
    assert Assignment.objects.get().member == acme.rosa


def test_claiming_twice_changes_nothing(acme: Cast, claimed: Given, at: datetime) -> None:
    claim(claimed(), by=acme.rosa, at=at)
    assert Assignment.objects.get().version == 0
    assert not AuditEntry.objects.filter(verb="claim").exists()


@pytest.mark.parametrize("state", ["snoozed", "resolved"])
def test_only_what_is_open_can_be_claimed(acme: Cast, given: Given, at: datetime, state: str) -> None:
    row = given(state=state, resolved_at=at if state == "resolved" else None)
    with pytest.raises(Refusal, match=state):
        claim(row, by=acme.rosa, at=at)


def test_a_form_drawn_from_an_older_version_is_stale(acme: Cast, given: Given, at: datetime) -> None:
    row = given(version=3)
    with pytest.raises(Stale):
        claim(row, by=acme.rosa, at=at, version=2)
    assert claim(row, by=acme.rosa, at=at, version=3).version == 4


def test_only_coach_and_responder_claim(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            claim(given(), by=member, at=at)
    assert not Assignment.objects.exclude(state="open").exists()


def test_a_responder_claims_only_in_the_own_department(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    Assignment.objects.filter(pk=row.pk).update(department=acme.press)
    with pytest.raises(PermissionDenied):
        claim(Assignment.objects.get(pk=row.pk), by=acme.rosa, at=at)


def test_what_is_read_to_act_on_is_the_assignment(acme: Cast, given: Given) -> None:
    row = given(acme.rosa, reasons=[{"kind": "nobody", "at": ""}])
    whole, read = Assignment.objects.get(pk=row.pk), Assignment.objects.to_act_on(row.pk)
    fields = [field.attname for field in Assignment._meta.concrete_fields]
    assert [getattr(read, name) for name in fields] == [getattr(whole, name) for name in fields]
    assert read.department == whole.department


def test_nobody_reads_to_act_on_what_is_elsewhere(acme: Cast, given: Given) -> None:
    row, elsewhere = given(), Organization.objects.get(slug="elsewhere")
    with acting_for(elsewhere), pytest.raises(Assignment.DoesNotExist):
        Assignment.objects.to_act_on(row.pk)


def test_a_claim_makes_no_figure_stale(acme: Cast, given: Given, at: datetime) -> None:
    row = given()
    StaleHour.objects.all().delete()
    claim(row, by=acme.rosa, at=at)
    assert not StaleHour.objects.exists()
    resolve(row, outcome="spam", by=acme.rosa, at=at)
    assert StaleHour.objects.exists()
