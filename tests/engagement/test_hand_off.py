"""Hand off and assign: give an assignment to a colleague or a department, and take that back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions.assignments import assign, claim, hand_back, hand_off, snooze
from engagement.actions.replies import reply
from engagement.models import Assignment
from engagement.reason_words import in_words
from engagement.refusals import Refusal, Stale
from maturity.actions.openings import open_early
from roles.actions.people import deactivate_member, give_position, go_away
from roles.models import AuditEntry, Level
from roles.permissions import NotAllowed
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_a_colleague_gets_it_with_the_note(acme: Cast, claimed: Given, at: datetime) -> None:
    hand_off(claimed(), to=acme.rui, note="You know him.", by=acme.rosa, at=at)
    row = Assignment.objects.get()
    assert (row.member, row.state, row.claimed_at, row.assigned_at) == (acme.rui, "open", None, at)
    assert in_words(row.reasons) == ["Rosa gave it to Rui. “You know him.”"]
    entry = AuditEntry.objects.get(verb="hand_off")
    assert entry.after
    assert (entry.by, entry.after["note"]) == (acme.rosa, "You know him.")


def test_a_department_gives_it_to_whoever_is_there(acme: Cast, claimed: Given, at: datetime) -> None:
    give_position(acme.bodo, role="responder", department=acme.press, by=acme.olga, at=at)
    row = hand_off(claimed(), to=acme.press, by=acme.rosa, at=at)
    assert (row.department, row.member_id) == (acme.press, acme.bodo.pk)
    row.mention.refresh_from_db()
    assert row.mention.department == acme.press


def test_in_a_department_with_nobody_it_is_left_over(acme: Cast, claimed: Given, at: datetime) -> None:
    row = hand_off(claimed(), to=acme.press, by=acme.rosa, at=at)
    assert (row.state, row.member) == ("open", None)


def test_nothing_is_handed_where_no_level_has_opened_it(acme: Cast, claimed: Given, at: datetime, sign_in: Any) -> None:
    acme.press.level = Level.PASSIVE
    acme.press.save(update_fields=["level"])
    row, offer = claimed(), f'value="department:{acme.press.pk}"'
    for verb, by in ((hand_off, acme.rosa), (assign, acme.carla)):
        with pytest.raises(NotAllowed) as refusal:
            verb(row, to=acme.press, by=by, at=at)
        assert refusal.value.url.endswith("#responsive")
    rosa = sign_in(acme.rosa)
    assert offer not in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    open_early(acme.press, capability="engagement.claim", reason="We try it", by=acme.carla, at=at)
    assert offer in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert hand_off(row, to=acme.press, by=acme.rosa, at=at).department == acme.press


def test_nothing_is_handed_to_someone_who_is_not_there(acme: Cast, claimed: Given, at: datetime) -> None:
    row = claimed()
    go_away(acme.rui, by=acme.rui, at=at)
    with pytest.raises(ValidationError, match="Rui is away"):
        hand_off(row, to=acme.rui, by=acme.rosa, at=at)
    deactivate_member(acme.rui, by=acme.olga, at=at)
    with pytest.raises(ValidationError, match="Rui"):
        hand_off(row, to=acme.rui, by=acme.rosa, at=at)
    with pytest.raises(ValidationError, match="Bodo does not answer"):
        hand_off(row, to=acme.bodo, by=acme.rosa, at=at)


def test_a_hand_off_can_be_taken_back_with_everything(acme: Cast, claimed: Given, at: datetime) -> None:
    row = claimed(reasons=[{"kind": "triaged", "by": ""}])
    hand_off(row, to=acme.rui, by=acme.rosa, at=at)
    row = hand_back(row, by=acme.rosa, at=at)
    assert (row.member, row.state, row.reasons) == (acme.rosa, "claimed", [{"kind": "triaged", "by": ""}])
    until = at + timedelta(hours=1)
    asleep = snooze(claimed(), until=until, by=acme.rosa, at=at)
    hand_off(asleep, to=acme.press, by=acme.rosa, at=at)
    asleep = hand_back(asleep, by=acme.rosa, at=at)
    assert (asleep.state, asleep.snoozed_until, asleep.department) == ("snoozed", until, acme.care)
    asleep.mention.refresh_from_db()
    assert asleep.mention.department == acme.care


def test_once_something_has_happened_it_cannot_be_taken_back(acme: Cast, claimed: Given, at: datetime) -> None:
    row = hand_off(claimed(), to=acme.rui, by=acme.rosa, at=at)
    with pytest.raises(Stale):
        hand_back(row, by=acme.rui, at=at)
    claim(row, by=acme.rui, at=at)
    with pytest.raises(Stale):
        hand_back(row, by=acme.rosa, at=at)


def test_while_a_reply_is_on_its_way_it_stays(acme: Cast, claimed: Given, at: datetime) -> None:
    factories.channel()
    row = claimed()
    reply(row, text="Yes.", by=acme.rosa, at=at)
    with pytest.raises(Refusal, match="reply of Rosa is on its way"):
        hand_off(row, to=acme.rui, by=acme.rosa, at=at)


def test_what_is_resolved_stays(acme: Cast, given: Given, at: datetime) -> None:
    with pytest.raises(Refusal, match="resolved"):
        hand_off(given(state="resolved", resolved_at=at), to=acme.rui, by=acme.rosa, at=at)


def test_a_colleagues_claim_is_not_handed_on(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(PermissionDenied, match="Rosa has claimed"):
        hand_off(claimed(), to=acme.carla, by=acme.rui, at=at)


def test_a_gatherer_says_who_gets_it(acme: Cast, given: Given, at: datetime) -> None:
    row = assign(given(), to=acme.rui, by=acme.gita, at=at)
    assert (row.member, in_words(row.reasons)) == (acme.rui, ["Gita gave it to Rui."])
    assert AuditEntry.objects.filter(verb="assign", by=acme.gita).exists()


def test_who_may_not_does_not(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            hand_off(given(), to=acme.rui, by=member, at=at)
    for member in (acme.rosa, acme.olga, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            assign(given(), to=acme.rui, by=member, at=at)
