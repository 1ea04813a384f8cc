"""Steps that wait: reminded, told of when it takes too long, and asked of others where somebody cannot."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from content.actions.review_policies import set_review_base
from content.actions.review_steps import look_after_due
from content.housekeeping import organizations_with_reviews_due
from content.models import Piece, Review, ReviewStep
from content.review_rules import TimedStep
from roles import clock
from roles.actions.handover import hand_over_everything
from roles.actions.people import deactivate_member, go_away
from roles.models import AuditEntry, Calendar, Mail, Member, OpenHours, Role
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask, yes


@pytest.fixture
def at() -> datetime:
    return clock.now()


def asked(acme: Cast, at: datetime, *steps: TimedStep) -> Review:
    set_review_base(acme.organization, steps=steps, by=acme.carla, at=at)
    piece: Piece = factories.piece(author=acme.rosa, title="Wheels")
    factories.variant(piece)
    return ask(piece, acme.rosa, at=at)


def mails(member: Member, **fields: Any) -> int:
    return Mail.objects.filter(member=member, kind="review", **fields).count()


def test_who_has_not_decided_is_reminded_once_and_then_coaches_are_told_once(acme: Cast, at: datetime) -> None:
    asked(acme, at, TimedStep(member_ids=(acme.bodo.pk,), hours=8))
    assert organizations_with_reviews_due(at=at) == []
    for hours, reminders, told in ((1, 0, 0), (6, 1, 0), (7, 1, 0), (8, 1, 1), (20, 1, 1)):
        now = at + timedelta(hours=hours, seconds=1)
        assert organizations_with_reviews_due(at=now) == [acme.organization]
        look_after_due(at=now)
        look_after_due(at=now)
        assert mails(acme.bodo, subject__startswith="Reminder") == reminders, hours
        assert mails(acme.carla, subject__contains="in time") == told, hours
    verbs = list(AuditEntry.objects.values_list("verb", flat=True))
    assert (verbs.count("remind_of_review"), verbs.count("escalate_review")) == (1, 1)


def test_for_whoever_is_away_their_stand_in_is_asked_until_they_are_back(acme: Cast, at: datetime) -> None:
    review = asked(acme, at, TimedStep(needs="all", member_ids=(acme.bodo.pk, acme.carla.pk)))
    go_away(acme.bodo, until=at + timedelta(days=9), stand_in=acme.rui, by=acme.bodo, at=at)
    look_after_due(at=at + timedelta(minutes=10))
    step = ReviewStep.objects.get()
    assert (set(step.member_ids), step.instead) == ({acme.rui.pk, acme.carla.pk}, {str(acme.bodo.pk): acme.rui.pk})
    assert mails(acme.rui) == 1 and step.due_at == at + timedelta(hours=24)
    Member.objects.filter(pk=acme.bodo.pk).update(is_away=False)
    look_after_due(at=at + timedelta(minutes=20))
    assert set(ReviewStep.objects.get().member_ids) == {acme.bodo.pk, acme.carla.pk}
    yes(review, acme.carla)


def test_where_nobody_is_left_the_coaches_are_asked_and_where_all_have_said_yes_it_goes_on(
    acme: Cast, at: datetime
) -> None:
    review = asked(acme, at, TimedStep(needs="all", member_ids=(acme.bodo.pk, acme.rui.pk)))
    yes(review, acme.rui)
    deactivate_member(acme.bodo, by=acme.olga, at=at)
    look_after_due(at=at + timedelta(minutes=10))
    review.refresh_from_db()
    assert review.state == "approved"
    other = asked(acme, at, TimedStep(member_ids=(acme.rui.pk,)))
    deactivate_member(acme.rui, by=acme.olga, at=at)
    look_after_due(at=at + timedelta(minutes=10))
    assert other.steps.get().roles == [Role.COACH]


def test_who_leaves_hands_over_what_waits_and_what_names_them(acme: Cast, at: datetime) -> None:
    review = asked(acme, at, TimedStep(member_ids=(acme.bodo.pk,)))
    to = {"reviews": acme.rui, "review_steps": acme.rui}
    moved = hand_over_everything(acme.bodo, to=to, leaves=True, by=acme.olga, at=at)
    assert moved == {"reviews": 1, "review_steps": 1}
    assert review.steps.get().member_ids == [acme.rui.pk] and mails(acme.rui) == 1
    yes(review, acme.rui)


def test_hours_are_those_in_which_the_house_is_open(acme: Cast) -> None:
    office = Calendar.objects.create(
        name="Office", time_zone="Europe/Berlin", is_default=True, created_at=clock.now(), changed_at=clock.now()
    )
    OpenHours.objects.bulk_create(OpenHours(calendar=office, weekday=day, opens=540, closes=1020) for day in range(5))
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    review = asked(acme, friday, TimedStep(member_ids=(acme.bodo.pk,), hours=8))
    monday = datetime(2026, 11, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert review.steps.get().due_at == monday.replace(hour=15)
    look_after_due(at=friday + timedelta(days=2))
    assert mails(acme.bodo, subject__startswith="Reminder") == 0
    look_after_due(at=monday.replace(hour=12, minute=59))
    assert mails(acme.bodo, subject__startswith="Reminder") == 0
    look_after_due(at=monday.replace(hour=13))
    assert mails(acme.bodo, subject__startswith="Reminder") == 1 and mails(acme.carla, subject__contains="in time") == 0
    # Hours that change meanwhile count as they are now.
    OpenHours.objects.filter(calendar=office, weekday=0).update(closes=840)
    Calendar.objects.filter(pk=office.pk).update(changed_at=clock.now())
    look_after_due(at=monday.replace(hour=15))
    assert review.steps.get().due_at == monday.replace(day=1, month=12, hour=10)
    assert mails(acme.carla, subject__contains="in time") == 0
    look_after_due(at=monday.replace(day=1, month=12, hour=10))
    assert mails(acme.carla, subject__contains="in time") == 1
