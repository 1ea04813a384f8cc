"""Drafts: one's own survive everything, shared ones are gone on with, and nobody's words are lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions.drafts import draft_for, keep_draft, save_draft, share_draft
from engagement.actions.replies import reply
from engagement.models import Assignment, Draft
from engagement.refusals import Overtaken, Refusal
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


@pytest.fixture
def saved(at: datetime) -> Callable[..., Draft]:
    """Save what somebody wrote; the draft as it is then."""

    def save(row: Assignment, text: str, by: Any, version: int | None = None) -> Draft:
        draft = save_draft(row, text=text, by=by, at=at, version=version)
        assert draft is not None
        return draft

    return save


def versions(draft: Draft) -> list[str]:
    return list(draft.versions.order_by("number").values_list("text", flat=True))


def test_the_newest_of_two_windows_wins_and_the_other_is_kept(acme: Cast, given: Given, saved: Any) -> None:
    row = given(acme.rosa)
    first = saved(row, "Dear", acme.rosa)
    saved(row, "Dear Ada", acme.rosa, first.version)
    last = saved(row, "Hello", acme.rosa, first.version)
    assert (last.text, versions(last)) == ("Hello", ["Dear Ada"])


def test_one_window_alone_makes_no_versions(acme: Cast, given: Given, saved: Any) -> None:
    row, version = given(acme.rosa), None
    for text in ("D", "De", "Dear"):
        version = saved(row, text, acme.rosa, version).version
    assert versions(Draft.objects.get()) == []


def test_a_shared_draft_is_the_draft_of_all(acme: Cast, given: Given, saved: Any, at: datetime) -> None:
    row = given(acme.rosa)
    saved(row, "Dear", acme.rosa)
    share_draft(row, by=acme.rosa, at=at)
    found = draft_for(row, acme.rui)
    assert found is not None and found.text == "Dear"
    now = saved(row, "Dear Ada", acme.rui, found.version)
    assert (now.pk, now.by, now.member, versions(now)) == (found.pk, acme.rui, acme.rosa, ["Dear"])


def test_nobody_writes_over_a_colleague_unread(acme: Cast, given: Given, saved: Any, at: datetime) -> None:
    row = given(acme.rosa)
    first = saved(row, "Dear", acme.rosa)
    share_draft(row, by=acme.rosa, at=at)
    saved(row, "Dear Ada", acme.rui, first.version)
    with pytest.raises(Overtaken, match="Rui has written") as overtaken:
        saved(row, "Dear Lovelace", acme.rosa, first.version)
    assert overtaken.value.draft.text == "Dear Ada"
    # Having read it, Rosa may; and Rui's words are still there.
    now = saved(row, "Dear Lovelace", acme.rosa, overtaken.value.draft.version)
    assert (now.text, "Dear Ada" in versions(now)) == ("Dear Lovelace", True)


def test_only_one_draft_is_open_to_all(acme: Cast, given: Given, saved: Any, at: datetime) -> None:
    row = given()
    with pytest.raises(ValidationError):
        share_draft(row, by=acme.rosa, at=at)
    saved(row, "From Rosa", acme.rosa)
    saved(row, "From Rui", acme.rui)
    share_draft(row, by=acme.rosa, at=at)
    with pytest.raises(Refusal, match="Rosa has opened"):
        share_draft(row, by=acme.rui, at=at)
    # Rui's own is still there for the day when Rosa takes hers back.
    with pytest.raises(Refusal, match="only they or a coach"):
        keep_draft(row, by=acme.rui, at=at)
    keep_draft(row, by=acme.carla, at=at)
    own = draft_for(row, acme.rui)
    assert own is not None and own.text == "From Rui"


def test_what_was_sent_is_no_draft_any_more(acme: Cast, given: Given, saved: Any, at: datetime) -> None:
    factories.channel()
    row = given()
    draft = saved(row, "Dear", acme.rosa)
    share_draft(row, by=acme.rosa, at=at)
    reply(row, text="Dear Ada, yes.", by=acme.rui, at=at, draft_version=draft.version)
    assert not Draft.objects.exists()


def test_what_a_colleague_added_meanwhile_stays(acme: Cast, given: Given, saved: Any, at: datetime) -> None:
    factories.channel()
    row = given()
    draft = saved(row, "Dear", acme.rosa)
    share_draft(row, by=acme.rosa, at=at)
    saved(row, "Dear Ada, and more", acme.rosa, draft.version)
    reply(row, text="Dear Ada, yes.", by=acme.rui, at=at, draft_version=draft.version)
    assert Draft.objects.get().text == "Dear Ada, and more"


def test_who_may_not_answer_shares_nothing(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.gita, acme.olga, acme.bodo):
        with pytest.raises(PermissionDenied):
            share_draft(given(), by=member, at=at)
