"""Snooze and wake: away until a time, back with whoever had it if they are here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions.assignments import snooze, wake
from engagement.models import Assignment
from engagement.refusals import Refusal
from engagement.tasks import wake_snoozed
from roles.actions.people import go_away
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests.cast import Cast

Given = Callable[..., Assignment]
HOUR = timedelta(hours=1)


def test_snooze_and_wake_undo_each_other(acme: Cast, claimed: Given, at: datetime) -> None:
    due_at = claimed().due_at
    row = snooze(Assignment.objects.get(), until=at + HOUR, by=acme.rosa, at=at)
    assert (row.state, row.snoozed_until, row.member, row.due_at) == ("snoozed", at + HOUR, acme.rosa, due_at)
    row = wake(row, by=acme.rosa, at=at)
    assert (row.state, row.snoozed_until, row.member) == ("claimed", None, acme.rosa)
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {"snooze", "wake"}


def test_who_snoozes_what_nobody_has_claimed_has_it(acme: Cast, given: Given, at: datetime) -> None:
    assert snooze(given(acme.rui), until=at + HOUR, by=acme.rosa, at=at).member == acme.rosa


def test_only_a_moment_to_come(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(ValidationError):
        snooze(claimed(), until=at, by=acme.rosa, at=at)


def test_what_is_due_wakes_by_itself(acme: Cast, claimed: Given, at: datetime) -> None:
    due = snooze(claimed(), until=at - HOUR, by=acme.rosa, at=at - 2 * HOUR)
    later = snooze(claimed(), until=at + HOUR, by=acme.rosa, at=at)
    with acting_for(None):
        wake_snoozed()
    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.state, due.member, later.state) == ("claimed", acme.rosa, "snoozed")


def test_what_wakes_while_its_owner_is_away_goes_to_somebody_who_is_here(
    acme: Cast, claimed: Given, at: datetime
) -> None:
    row = snooze(claimed(), until=at + HOUR, by=acme.rosa, at=at)
    go_away(acme.rosa, by=acme.rosa, at=at)
    row = wake(row, by=None, at=at + HOUR)
    assert (row.state, row.member_id, row.claimed_at) == ("open", acme.rui.pk, None)


def test_only_what_sleeps_wakes(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(Refusal):
        wake(claimed(), by=acme.rosa, at=at)


def test_a_colleagues_sleep_is_theirs(acme: Cast, claimed: Given, at: datetime) -> None:
    row = snooze(claimed(), until=at + HOUR, by=acme.rosa, at=at)
    with pytest.raises(PermissionDenied):
        wake(row, by=acme.rui, at=at)
    with pytest.raises(PermissionDenied):
        snooze(row, until=at + 2 * HOUR, by=acme.rui, at=at)


def test_only_coach_and_responder_snooze_and_wake(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            snooze(given(), until=at + HOUR, by=member, at=at)
        with pytest.raises(PermissionDenied):
            wake(given(state="snoozed", snoozed_until=at), by=member, at=at)
