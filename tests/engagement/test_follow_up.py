"""Look again: a resolved assignment is opened once more when its time has come, by one worker, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from engagement.actions.assignments import reopen, resolve
from engagement.actions.outcomes import follow_up_next, note_satisfaction
from engagement.models import Assignment, FollowUp, Satisfaction
from engagement.reason_words import in_words
from engagement.waking import says_thanks
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_it_is_opened_again_when_the_days_have_passed(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="answered", look_again_in=3, by=acme.rosa, at=at)
    assert not follow_up_next(at=at + timedelta(days=2, hours=23))
    assert follow_up_next(at=at + timedelta(days=3))
    assert not follow_up_next(at=at + timedelta(days=3))
    now = Assignment.objects.get(pk=row.pk)
    assert (now.state, now.member) == ("open", acme.rosa)
    assert in_words(now.reasons)[-1] == "Rosa wanted to look again now."
    assert FollowUp.objects.get().outcome == "reopened"


def test_what_was_opened_before_its_time_is_not_opened_twice(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="answered", look_again_in=1, by=acme.rosa, at=at)
    reopen(row, by=acme.rosa, at=at)
    assert FollowUp.objects.get().outcome == "dropped"
    assert not follow_up_next(at=at + timedelta(days=2))


def test_a_mention_that_is_worked_on_elsewhere_is_left_alone(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="answered", look_again_in=1, by=acme.rosa, at=at)
    factories.assignment(department=acme.care, mention=row.mention)
    assert follow_up_next(at=at + timedelta(days=1))
    assert FollowUp.objects.get().outcome == "needless"


@pytest.mark.parametrize("days", [0, -1, 367])
def test_only_a_sensible_number_of_days(acme: Cast, claimed: Given, at: datetime, days: int) -> None:
    with pytest.raises(ValidationError):
        resolve(claimed(), outcome="answered", look_again_in=days, by=acme.rosa, at=at)


def test_satisfaction_is_kept_with_who_says_so(acme: Cast, claimed: Given, at: datetime) -> None:
    row = resolve(claimed(), outcome="answered", by=acme.rosa, at=at)
    note_satisfaction(row, value="satisfied", by=acme.rosa, at=at)
    kept = Satisfaction.objects.get()
    assert (kept.value, kept.source, kept.by) == ("satisfied", "member", acme.rosa)
    # The application does not write over what a person said; a person does, and takes back.
    note_satisfaction(row, value="satisfied", by=None, at=at, post=row.mention.post)
    note_satisfaction(row, value="dissatisfied", by=acme.carla, at=at)
    assert Satisfaction.objects.get().by == acme.carla
    note_satisfaction(row, value="", by=acme.carla, at=at)
    assert not Satisfaction.objects.exists()


@pytest.mark.parametrize(
    ("text", "is_thanks"),
    [
        ("Thanks, that did it!", True),
        ("@acme Vielen Dank 🙏", True),
        ("Merci beaucoup.", True),
        ("Thanks, but it still does not work.", False),
        ("Thanks. When will it be fixed?", False),
        ("Thanks for nothing.", False),
        ("It works now.", False),
        ("thanksgiving is near", False),
        ("thanks " * 60, False),
    ],
)
def test_what_counts_as_thanks(text: str, is_thanks: bool) -> None:
    assert says_thanks(text) == is_thanks
