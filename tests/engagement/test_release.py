"""Release: give a claimed assignment back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied

from engagement.actions.assignments import claim, release
from engagement.models import Assignment
from engagement.refusals import Refusal, Stale
from engagement.tasks import sweep_left_overs
from roles.actions.people import go_away
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_release_undoes_a_claim(acme: Cast, given: Given, at: datetime) -> None:
    for before in (acme.rosa, acme.rui):
        row = release(claim(given(before), by=acme.rosa, at=at), by=acme.rosa, at=at)
        assert (row.state, row.member, row.claimed_at, row.version) == ("open", before, None, 2)
    assert AuditEntry.objects.filter(verb="release").count() == 2


def test_what_nobody_had_goes_to_somebody_else(acme: Cast, given: Given, at: datetime) -> None:
    row = release(claim(given(), by=acme.rosa, at=at), by=acme.rosa, at=at)
    assert row.member_id == acme.rui.pk


def test_it_is_not_given_back_to_who_released_it(acme: Cast, given: Given, at: datetime) -> None:
    go_away(acme.rui, by=acme.rui, at=at)
    row = release(claim(given(), by=acme.rosa, at=at), by=acme.rosa, at=at)
    with acting_for(None):
        sweep_left_overs()
    row.refresh_from_db()
    assert (row.state, row.member) == ("open", None)


def test_it_does_not_go_back_to_someone_who_is_away(acme: Cast, given: Given, at: datetime) -> None:
    row = claim(given(acme.rui), by=acme.rosa, at=at)
    go_away(acme.rui, by=acme.rui, at=at)
    assert release(row, by=acme.rosa, at=at).member is None


def test_only_what_is_claimed_can_be_released(acme: Cast, given: Given, at: datetime) -> None:
    with pytest.raises(Refusal, match="Nobody has claimed"):
        release(given(acme.rosa), by=acme.rosa, at=at)


def test_a_colleague_cannot_release_it_but_a_coach_can(acme: Cast, claimed: Given, at: datetime) -> None:
    row = claimed()
    with pytest.raises(PermissionDenied, match="Rosa has claimed this"):
        release(row, by=acme.rui, at=at)
    assert release(row, by=acme.carla, at=at).state == "open"


def test_a_form_drawn_from_an_older_version_is_stale(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(Stale):
        release(claimed(version=2), by=acme.rosa, at=at, version=1)


def test_only_coach_and_responder_release(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            release(given(), by=member, at=at)
