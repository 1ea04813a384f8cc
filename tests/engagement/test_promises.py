"""By when: which target applies, what it promises, how that goes on; a table of lives that were reckoned by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engagement import outcomes
from engagement.actions import assignments as verbs
from engagement.actions.pauses import pause, resume
from engagement.continuing import go_on
from engagement.models import Assignment, Reply, ResponseTarget
from engagement.promises import Targets
from engagement.routing import assign_triaged, route
from engagement.watching import count_stale
from listening.signals import NewPost
from measurement import metrics
from roles.actions import calendars
from tests import factories
from tests.cast import Cast
from tests.engagement.targets import on, target


def answer(row: Assignment, acme: Cast, at: datetime, *, resolves: bool = True, **fields: Any) -> Assignment:
    """The network accepts an answer of ours."""
    sent = Reply.objects.create(
        assignment=row, post=row.mention.post, channel=factories.channel(), by=acme.rosa, text="Yes.",
        key=f"{row.pk} {at}", resolves=resolves, written_at=at, next_attempt_at=at, state="sending", **fields,
    )  # fmt: skip
    outcomes.accepted(sent, remote_id="1", remote_url="", at=at, looks_left=False)
    row.refresh_from_db()
    return row


def write_again(row: Assignment, at: datetime) -> Assignment:
    post = row.mention.post
    go_on([NewPost(0, post.network, post.conversation, post.author_id, False)], at=at)
    row.refresh_from_db()
    return row


def fates(row: Assignment, at: datetime) -> list[str]:
    """What became of each promise."""
    says = []
    for one in row.promises.order_by("started_at", "kind", "number"):
        is_missed = one.due_at < (one.kept_at or one.ended_at or at)
        state = "missed" if is_missed else "kept" if one.kept_at else "runs" if one.runs else "ended"
        says.append(f"{one.kind} {one.number}: {state}")
    return says


# Which target applies.


def test_the_nearest_target_applies(acme: Cast, office: Any) -> None:
    for name, fields in {
        "all": {}, "urgent": {"priority": 1}, "care": {"department": acme.care},
        "urgent care": {"department": acme.care, "priority": 1},
    }.items():  # fmt: skip
        target(acme, name=name, **fields)
    known = Targets()
    assert [
        known.target_for(department.pk, priority).name
        for department, priority in [(acme.care, 1), (acme.care, 3), (acme.press, 1), (acme.press, 3)]
    ] == ["urgent care", "care", "urgent", "all"]
    vip = target(acme, name="VIP", is_default=False, first_response_minutes=15)
    assert known.target_for(acme.care.pk, 1, named=vip).name == "VIP"
    own = known.target_for(acme.press.pk, 3, minutes=30)
    assert (own.pk, own.first_response_minutes) == (ResponseTarget.objects.get(name="all").pk, 30)


def test_without_any_target_it_is_as_it_was(acme: Cast, office: Any, routed: Any) -> None:
    """The organization's minutes and a rule's own, around the clock."""
    row = routed(on(0, "17:00"), response_minutes=120)
    assert (row.due_at, row.promise, row.target) == (on(0, "19:00"), "first_response", None)
    mention = factories.mention(department=acme.care, state="routed", at=on(0, "17:00"))
    (row,) = assign_triaged([mention], by=acme.gita, at=on(0, "17:30"))
    assert row.due_at == on(0, "21:30")


def test_a_departments_own_hours_count(acme: Cast, office: Any, routed: Any) -> None:
    night = calendars.add_calendar(
        acme.organization, name="Night", time_zone="UTC", week=[((1320, 1560),)] * 7, by=None, at=on(-9, "9:00")
    )
    calendars.choose_calendar(acme.care, calendar=night, by=None, at=on(-9, "9:00"))
    target(acme)
    assert routed(on(0, "16:30")).due_at == on(1, "2:00")


# Lives. A life is what happens, when, and what is then said of its promises.


def test_never_answered(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, resolution_minutes=600)
    row = routed(on(0, "16:30"))
    assert (row.due_at, row.warn_at, row.first_due_at) == (on(3, "11:30"), on(3, "10:30"), on(3, "11:30"))
    assert row.is_overdue(on(3, "11:30")) is False and row.is_overdue(on(3, "11:31")) is True
    assert fates(row, on(4, "12:00")) == ["first_response 1: missed", "resolution 1: missed"]


def test_answered_in_time_and_late(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = answer(routed(on(0, "16:30")), acme, on(3, "11:30"))
    assert fates(row, on(9, "9:00")) == ["first_response 1: kept"]
    assert (row.is_late(on(9, "9:00")), row.answered_in_seconds, row.promise) == (False, 4 * 3600, "")
    late = answer(routed(on(0, "16:30")), acme, on(3, "11:31"))
    assert (fates(late, on(9, "9:00")), late.is_late(on(9, "9:00"))) == (["first_response 1: missed"], True)


def test_off_hours_cost_nothing(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = answer(routed(on(1, "3:00")), acme, on(3, "9:30"))
    assert row.answered_in_seconds == 30 * 60


def test_reopened_the_time_in_between_does_not_count(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, resolution_minutes=600)
    row = routed(on(0, "16:30"))
    verbs.resolve(row, outcome="no_answer_needed", by=acme.carla, at=on(0, "17:30"))
    row.refresh_from_db()
    assert (row.promise, fates(row, on(0, "18:00"))) == ("", ["first_response 1: ended", "resolution 1: kept"])
    verbs.reopen(row, by=acme.carla, at=on(10, "9:00"))
    row.refresh_from_db()
    # An hour of four had gone; Monday the 7th of December at nine is day 10.
    assert (row.due_at, row.promise) == (on(10, "12:00"), "first_response")
    assert fates(row, on(10, "10:00")) == ["first_response 1: runs", "resolution 1: runs"]


def test_reopened_after_an_answer_it_keeps_its_first_answer(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, resolution_minutes=1200)
    row = answer(routed(on(0, "10:00")), acme, on(0, "11:00"))
    verbs.reopen(row, by=acme.carla, at=on(3, "9:00"))
    row.refresh_from_db()
    assert (row.promise, row.first_answered_at, row.first_due_at) == ("resolution", on(0, "11:00"), on(0, "14:00"))
    # One of twenty hours had gone; nine a day are left for Monday, Tuesday, and one on Wednesday.
    assert row.due_at == on(5, "10:00")


def test_a_slip_is_no_answer(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = routed(on(0, "10:00"))
    verbs.resolve(row, outcome="answered", by=acme.carla, at=on(0, "11:00"))
    verbs.reopen(row, by=acme.carla, at=on(0, "11:02"))
    row.refresh_from_db()
    assert (row.first_answered_at, row.answered_in_seconds, row.promise) == (None, None, "first_response")
    assert row.due_at == on(0, "14:02")


def test_transferred_the_clock_goes_on(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = routed(on(0, "16:30"))
    verbs.hand_off(row, to=acme.press, by=acme.carla, at=on(3, "9:00"))
    row.refresh_from_db()
    assert (row.department, row.due_at, fates(row, on(3, "12:00"))) == (
        acme.press,
        on(3, "11:30"),
        ["first_response 1: missed"],
    )


def test_answered_by_a_machine_first_the_author_still_waits(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = answer(routed(on(0, "10:00")), acme, on(0, "10:01"), resolves=False, is_automatic=True)
    assert (row.first_answered_at, row.promise, row.due_at) == (None, "first_response", on(0, "14:00"))
    row = answer(row, acme, on(0, "15:00"))
    assert (row.first_answered_at, fates(row, on(1, "9:00"))) == (on(0, "15:00"), ["first_response 1: missed"])


def test_the_author_writes_again(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, next_response_minutes=120, resolution_minutes=600, pauses_for_author=True)
    row = answer(routed(on(0, "10:00"), conversation="c1"), acme, on(0, "11:00"), resolves=False)
    assert (row.promise, row.paused_at) == ("resolution", on(0, "11:00"))
    row = write_again(row, on(0, "13:00"))
    # Two hours the author was waited for: ten hours from ten are those until six, and four on Monday.
    assert (row.promise, row.paused_at, row.due_at) == ("next_response", None, on(0, "15:00"))
    assert row.promises.get(kind="resolution").due_at == on(3, "13:00")
    # A second word before we have answered starts no second clock.
    assert write_again(row, on(0, "14:00")).due_at == on(0, "15:00")
    row = answer(row, acme, on(0, "14:30"), resolves=False)
    row = write_again(row, on(3, "9:00"))
    assert (row.promise, row.due_at) == ("next_response", on(3, "11:00"))
    row = answer(row, acme, on(3, "12:00"))
    assert fates(row, on(9, "9:00")) == [
        "first_response 1: kept", "resolution 1: kept", "next_response 1: kept", "next_response 2: missed",
    ]  # fmt: skip


def test_others_in_the_thread_start_no_clock(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, next_response_minutes=120)
    row = answer(routed(on(0, "10:00"), conversation="c1"), acme, on(0, "11:00"), resolves=False)
    post = row.mention.post
    go_on([NewPost(0, post.network, "c1", factories.post().author_id, False)], at=on(0, "12:00"))
    go_on([NewPost(0, post.network, "c1", post.author_id, True)], at=on(0, "12:00"))
    row.refresh_from_db()
    assert row.promise == ""


def test_a_further_word_needs_no_assignment_of_its_own(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, next_response_minutes=120)
    row = answer(routed(on(0, "10:00"), conversation="c1"), acme, on(0, "11:00"), resolves=False)
    post = factories.post("And the other one?", conversation="c1", author=row.mention.post.author)
    mention = factories.mention(post=post)
    assert route([mention], at=on(0, "12:00")) == []
    mention.refresh_from_db()
    assert (mention.state, mention.department) == ("routed", acme.care)


# Pauses.


def test_waiting_for_the_booth_stops_the_clock(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = routed(on(0, "10:00"))
    version = row.version
    pause(row, why="consult", about="consult 1", at=on(0, "11:00"))
    pause(row, why="consult", about="consult 1", at=on(0, "11:30"))
    row = pause(row, why="consult", about="consult 2", at=on(0, "12:00"))
    assert (row.paused_at, row.is_overdue(on(9, "9:00")), row.version) == (on(0, "11:00"), False, version)
    row = resume(row, why="consult", about="consult 1", at=on(0, "13:00"))
    assert row.paused_at == on(0, "12:00")
    row = resume(row, why="consult", about="consult 2", at=on(0, "15:00"))
    # From eleven to three: four hours, and it had three left.
    assert (row.paused_at, row.due_at, row.first_due_at) == (None, on(0, "18:00"), on(0, "18:00"))


def test_a_target_may_let_the_clock_go_on(acme: Cast, office: Any, routed: Any) -> None:
    target(acme, pauses_for_consult=False)
    row = pause(routed(on(0, "10:00")), why="consult", at=on(0, "11:00"))
    assert (row.paused_at, row.due_at, row.pauses.count()) == (None, on(0, "14:00"), 1)


def test_what_was_missed_before_stays_missed(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = pause(routed(on(0, "10:00")), why="consult", at=on(0, "15:00"))
    assert row.is_overdue(on(0, "16:00")) is True
    assert Assignment.objects.overdue(on(0, "16:00")).get() == row


# A row and a set of rows say the same.


@pytest.mark.parametrize("state", ["open", "claimed", "snoozed", "resolved"])
@pytest.mark.parametrize("hours", [-1, 0, 1])
@pytest.mark.parametrize("paused", [None, -2, 2])
@pytest.mark.parametrize("promise", ["", "first_response", "resolution"])
def test_overdue_is_one_thing(acme: Cast, state: str, hours: int, paused: int | None, promise: str) -> None:
    at = on(0, "12:00")
    row = factories.assignment(
        department=acme.care, at=at, state=state, due_at=at + timedelta(hours=hours), promise=promise,
        paused_at=None if paused is None else at + timedelta(hours=paused),
        resolved_at=at if state == "resolved" else None, snoozed_until=at if state == "snoozed" else None,
    )  # fmt: skip
    assert row.is_overdue(at) == Assignment.objects.overdue(at).exists()
    first_is_overdue = Assignment.objects.filter(metrics.overdue(at)).exists()
    assert first_is_overdue == row.is_late(at)


def test_the_hours_change_and_what_runs_is_counted_anew(acme: Cast, office: Any, routed: Any) -> None:
    target(acme)
    row = routed(on(0, "16:30"))
    calendars.add_holiday(office, name="Bridge", day=on(3, "9:00").date(), by=None, at=on(0, "17:00"))
    assert count_stale(at=on(0, "17:05")) == 1
    row.refresh_from_db()
    assert (row.due_at, row.promises.get().next_look_at) == (on(4, "11:30"), on(4, "10:30"))
    assert count_stale(at=on(0, "17:06")) == 0
    other = calendars.add_calendar(
        acme.organization,
        name="Other",
        time_zone="UTC",
        week=[((0, 1440),)] * 7,
        is_default=True,
        by=None,
        at=on(0, "17:10"),
    )
    calendars.remove_calendar(office, by=None, at=on(0, "17:11"))
    assert (other.pk, count_stale(at=on(0, "17:15"))) == (other.pk, 1)
    row.refresh_from_db()
    assert row.due_at == on(0, "20:30")
