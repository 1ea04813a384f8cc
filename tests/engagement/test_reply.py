"""Reply: a row in the outbox, once, with nothing of the text ever lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions.assignments import claim, resolve
from engagement.actions.drafts import save_draft
from engagement.actions.replies import reply
from engagement.models import Assignment, Draft, Reply
from engagement.refusals import Stale, Taken, Unanswerable
from listening.models import Channel
from roles.models import AuditEntry, Level
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


@pytest.fixture
def account(acme: Cast) -> Channel:
    return factories.channel()


def test_a_reply_waits_in_the_outbox(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = claimed()
    save_draft(row, text="We are lo", by=acme.rosa, at=at)
    made = reply(row, text="  We are looking.  ", by=acme.rosa, at=at)
    assert (made.state, made.text, made.channel, made.post) == ("ready", "We are looking.", account, row.mention.post)
    assert made.key
    assert not Draft.objects.exists()
    assert AuditEntry.objects.filter(verb="reply", subject_id=row.pk, by=acme.rosa).exists()


def test_whoever_replies_has_it(acme: Cast, given: Given, account: Channel, at: datetime) -> None:
    reply(given(acme.rui), text="Yes.", by=acme.rosa, at=at)
    row = Assignment.objects.get()
    assert (row.member, row.state, row.claimed_at) == (acme.rosa, "claimed", at)


def test_the_same_form_twice_is_one_reply(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = claimed()
    first = reply(row, text="Yes.", by=acme.rosa, at=at, key="form-7")
    assert reply(row, text="Yes.", by=acme.rosa, at=at, key="form-7") == first
    assert Reply.objects.count() == 1


def test_the_same_key_at_another_assignment_is_another_reply(
    acme: Cast, claimed: Given, account: Channel, at: datetime
) -> None:
    made = {reply(claimed(), text="Yes.", by=acme.rosa, at=at, key="form-7").key for _ in range(2)}
    assert len(made) == 2


def test_two_people_never_answer_by_accident(acme: Cast, given: Given, account: Channel, at: datetime) -> None:
    row = given()
    reply(row, text="Yes.", by=acme.rosa, at=at)
    stale = Assignment.objects.get()
    stale.claimed_at = None  # as it was when Rui began
    for seen in (row, stale, Assignment.objects.get()):
        with pytest.raises(PermissionDenied, match="Rosa"):
            reply(seen, text="No.", by=acme.rui, at=at)
    assert Reply.objects.count() == 1
    assert Draft.objects.get(member=acme.rui).text == "No."


def test_the_text_of_whoever_was_second_is_kept(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = claimed()
    reply(row, text="Yes.", by=acme.rosa, at=at)
    with pytest.raises(Stale):
        reply(row, text="And one more thing.", by=acme.rosa, at=at)
    assert Draft.objects.get().text == "And one more thing."


def test_an_answer_since_one_looked_is_named(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = claimed()
    seen = row.version
    reply(row, text="Yes.", by=acme.rosa, at=at, resolves=False)
    Reply.objects.update(state="accepted")
    Assignment.objects.update(member=acme.rui)
    with pytest.raises(Taken, match="Rosa has answered"):
        reply(Assignment.objects.get(), text="No.", by=acme.rui, at=at, seen_version=seen)
    now = Assignment.objects.get()
    assert reply(now, text="Also this.", by=acme.rui, at=at, seen_version=now.version).state == "ready"


@pytest.mark.parametrize("text", ["", "   \n"])
def test_nothing_cannot_be_said(acme: Cast, claimed: Given, account: Channel, at: datetime, text: str) -> None:
    with pytest.raises(ValidationError):
        reply(claimed(), text=text, by=acme.rosa, at=at)


def test_the_network_counts(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = claimed()
    with pytest.raises(ValidationError, match="501"):
        reply(row, text="x" * 501, by=acme.rosa, at=at)
    assert len(Draft.objects.get().text) == 501
    assert reply(row, text="x" * 500, by=acme.rosa, at=at).state == "ready"


def test_a_feed_cannot_be_answered(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(PermissionDenied, match="answer it there"):
        reply(claimed(network="feed"), text="Yes.", by=acme.rosa, at=at)


def test_without_an_account_there_is_no_answer(acme: Cast, claimed: Given, at: datetime) -> None:
    with pytest.raises(Unanswerable):
        reply(claimed(), text="Yes.", by=acme.rosa, at=at)
    assert Draft.objects.get().text == "Yes."


def test_of_several_accounts_one_is_chosen(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    other = factories.channel()
    row = claimed()
    with pytest.raises(ValidationError, match="Choose"):
        reply(row, text="Yes.", by=acme.rosa, at=at)
    assert reply(row, text="Yes.", by=acme.rosa, at=at, channel=other).channel == other


def test_the_account_that_was_addressed_answers(acme: Cast, given: Given, account: Channel, at: datetime) -> None:
    other = factories.channel()
    mention = factories.mention(channel=other, department=acme.care, state="routed")
    assert reply(given(mention=mention), text="Yes.", by=acme.rosa, at=at).channel == other


@pytest.mark.parametrize("fields", [{"is_active": False}, {"network": "feed"}])
def test_only_an_account_that_can(acme: Cast, claimed: Given, at: datetime, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        reply(claimed(), text="Yes.", by=acme.rosa, at=at, channel=factories.channel(**fields))


def test_at_the_level_passive_nobody_replies(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = claimed()
    acme.organization.level = Level.PASSIVE
    acme.organization.save()
    row = Assignment.objects.get()
    with pytest.raises(PermissionDenied, match="Responsive"):
        reply(row, text="Yes.", by=acme.rosa, at=at)
    assert not Reply.objects.exists()


def test_what_was_said_internally_stays_inside(acme: Cast, given: Given, account: Channel, at: datetime) -> None:
    post = factories.post(is_internal=True)
    row = given(mention=factories.mention(post=post, department=acme.care))
    with pytest.raises(PermissionDenied, match="internally"):
        reply(row, text="Yes.", by=acme.rosa, at=at)


def test_what_is_resolved_must_be_reopened(acme: Cast, claimed: Given, account: Channel, at: datetime) -> None:
    row = resolve(claimed(), outcome="spam", by=acme.rosa, at=at)
    with pytest.raises(PermissionDenied, match="Reopen"):
        reply(row, text="Yes.", by=acme.rosa, at=at)


def test_a_colleagues_claim_is_respected(acme: Cast, given: Given, account: Channel, at: datetime) -> None:
    row = claim(given(), by=acme.rui, at=at)
    for member in (acme.rosa, acme.carla):
        with pytest.raises(PermissionDenied, match="Rui has claimed"):
            reply(row, text="Yes.", by=member, at=at)


def test_only_coach_and_responder_reply(acme: Cast, given: Given, account: Channel, at: datetime) -> None:
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            reply(given(), text="Yes.", by=member, at=at)
    assert not Reply.objects.exists()
