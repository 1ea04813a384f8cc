"""By hand: a person splits, merges and decides about stories, and no machine contradicts."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from listening.actions import stories as actions
from listening.models import Correction, Mention, Story
from roles import clock
from roles.models import AuditEntry
from tests.cast import Cast
from tests.listening.test_fold_stories import OTHER, TEXT, tellings


@pytest.fixture
def story(acme: Cast) -> Story:
    tellings(4)
    actions.fold_due(at=clock.now())
    return Story.objects.get()


def acting(cast: Cast) -> dict[str, Any]:
    return {"by": cast.gita, "at": clock.now()}


def fold_later_arrivals(text: str = TEXT) -> list[Mention]:
    rows = tellings(2, text)
    actions.fold_due(at=clock.now())
    for row in rows:
        row.refresh_from_db()
    return rows


def test_what_was_split_off_is_not_folded_again_and_draws_nothing_after_it(acme: Cast, story: Story) -> None:
    row = Mention.objects.of_story(story)[0]
    actions.split_off(row, **acting(acme))
    story.refresh_from_db()
    assert story.size == 3
    assert all(later.story_id == story.pk for later in fold_later_arrivals())
    row.refresh_from_db()
    assert row.story is None
    assert Correction.objects.get(mention=row).before == str(story.pk)
    with pytest.raises(ValidationError):
        actions.split_off(row, **acting(acme))


def test_splitting_off_can_be_undone(acme: Cast, story: Story) -> None:
    row = Mention.objects.of_story(story)[0]
    actions.split_off(row, **acting(acme))
    actions.join_story(row, story=story, **acting(acme))
    story.refresh_from_db()
    assert story.size == 4
    assert {entry.verb for entry in AuditEntry.objects.all()} >= {"split_off", "join_story"}


def test_merged_stories_are_one_and_can_be_two_again(acme: Cast, story: Story) -> None:
    tellings(3, OTHER)
    actions.fold_due(at=clock.now())
    other = Story.objects.exclude(pk=story.pk).get()
    whole = actions.merge(other, into=story, **acting(acme))
    assert whole.size == 7
    other.refresh_from_db()
    assert (other.size, other.merged_into_id) == (0, story.pk)
    # Later tellings of either come to the whole.
    assert all(later.story_id == story.pk for later in fold_later_arrivals(OTHER))
    actions.unmerge(other, **acting(acme))
    story.refresh_from_db()
    other.refresh_from_db()
    assert (story.size, other.size, other.merged_into_id) == (6, 3, None)


def test_no_machine_joins_what_a_person_took_apart(acme: Cast, story: Story) -> None:
    row = Mention.objects.of_story(story)[3]
    actions.split_off(row, **acting(acme))
    apart = Story.objects.create(first_at=clock.now(), last_at=clock.now(), size=0)
    actions.join_story(row, story=apart, **acting(acme))
    fold_later_arrivals()
    story.refresh_from_db()
    apart.refresh_from_db()
    assert story.merged_into_id is apart.merged_into_id is None
    assert story.size + apart.size == 6
    assert apart.size >= 1


def test_a_story_is_dismissed_as_a_whole_and_put_back(acme: Cast, story: Story) -> None:
    assert actions.dismiss_story(story, reason="Old news", **acting(acme)) == 4
    assert not Mention.objects.untriaged().exists()
    # Nobody asked that later arrivals follow.
    assert {row.state for row in fold_later_arrivals()} == {"untriaged"}
    assert actions.restore_story(story, **acting(acme)) == 4
    assert Mention.objects.untriaged().count() == 6


def test_later_arrivals_follow_a_decision_that_a_person_asked_for(acme: Cast, story: Story) -> None:
    actions.dismiss_story(story, reason="Old news", follow=True, **acting(acme))
    later = fold_later_arrivals()
    assert {(row.state, row.triage_reason) for row in later} == {("dismissed", "Old news")}
    actions.restore_story(story, **acting(acme))
    assert {row.state for row in fold_later_arrivals()} == {"untriaged"}


def test_a_story_is_given_to_a_department_as_a_whole(acme: Cast, story: Story) -> None:
    assert actions.route_story(story, department=acme.care, follow=True, **acting(acme)) == 4
    assert {row.department_id for row in fold_later_arrivals()} == {acme.care.pk}


def test_only_who_may_triage_arranges(acme: Cast, story: Story) -> None:
    row = Mention.objects.of_story(story)[0]
    acting: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    with pytest.raises(PermissionDenied):
        actions.split_off(row, **acting)
    with pytest.raises(PermissionDenied):
        actions.merge(story, into=story, **acting)
    with pytest.raises(PermissionDenied):
        actions.dismiss_story(story, **acting)


def test_no_machine_joins_a_story_that_was_decided_as_a_whole_with_another(acme: Cast, story: Story) -> None:
    actions.dismiss_story(story, follow=True, **acting(acme))
    assert {row.state for row in fold_later_arrivals()} == {"dismissed"}
    assert Story.objects.get().follow_state == "dismissed"
