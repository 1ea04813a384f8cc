"""Whom the policy chooses: hours, language, skill, the author's person, fair share; escalation and handing over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail as outside
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as hypothetically
from hypothesis import strategies as st

from engagement.actions.assignments import reopen
from engagement.actions.policy import escalate_due, hand_over, set_policy
from engagement.actions.rules import add_rule
from engagement.choosing import LONG_AGO, Candidate, Staff, Wanted
from engagement.models import Assignment, AssignmentPolicy, Contact, Escalation
from engagement.reason_words import in_words
from engagement.routing import route
from engagement.tasks import escalate, sweep_left_overs
from roles.actions import people
from roles.actions.people import go_away, set_time_blocks
from roles.models import Mail, Member, Organization, Position, Role, TimeBlock
from roles.presence import mark_seen
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join

Given = Callable[..., Assignment]
ALL_DAY = (time(0), time(0))


@pytest.fixture
def doing(acme: Cast, at: datetime) -> dict[str, Any]:
    return {"by": acme.carla, "at": at}


def got(mention: Any, *, at: datetime) -> Assignment:
    (row,) = route([mention], at=at)
    return Assignment.objects.with_mentions().get(pk=row.pk)


# Hours.


def test_work_comes_only_in_ones_hours(acme: Cast, at: datetime, doing: Any, given: Given) -> None:
    add_rule(acme.care, name="All", **doing)
    tomorrow = (at.weekday() + 1) % 7
    set_time_blocks(acme.rosa, blocks=[((at.weekday() + 3) % 7, *ALL_DAY)], by=acme.rosa, at=at)
    assert {got(factories.mention(), at=at).member for _ in range(3)} == {acme.rui}
    set_time_blocks(acme.rosa, blocks=[(at.weekday(), *ALL_DAY), (tomorrow, *ALL_DAY)], by=acme.rosa, at=at)
    assert got(factories.mention(), at=at).member == acme.rosa


def test_when_ones_hours_end_what_is_unclaimed_goes_on(
    acme: Cast, at: datetime, given: Given, claimed: Given, doing: Any
) -> None:
    kept = claimed()
    by_hand = given(acme.rosa, reasons=[{"kind": "given", "by": "Carla", "to": "Rosa", "note": ""}])
    row = given(acme.rosa)
    TimeBlock.objects.create(member=acme.rosa, weekday=(at.weekday() + 3) % 7, begins=time(9), ends=time(10))
    with acting_for(None):
        sweep_left_overs()
    found = {key: Assignment.objects.get(pk=key.pk).member for key in (kept, by_hand, row)}
    assert found == {kept: acme.rosa, by_hand: acme.rosa, row: acme.rui}
    row.refresh_from_db()
    assert "their hours ended" in " ".join(in_words(row.reasons))


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        # The night from Saturday to Sunday on which the clocks go forward in Berlin, and the one on which they go back.
        ("2026-03-28T21:59+01:00", False),
        ("2026-03-28T22:00+01:00", True),
        ("2026-03-29T01:59+01:00", True),
        ("2026-03-29T03:00+02:00", True),
        ("2026-03-29T05:59+02:00", True),
        ("2026-03-29T06:00+02:00", False),
        ("2026-10-25T02:30+02:00", True),
        ("2026-10-25T02:30+01:00", True),
        ("2026-10-25T06:00+01:00", False),
    ],
)
def test_a_block_over_midnight_holds_through_both_changes_of_the_clock(acme: Cast, moment: str, inside: bool) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(time_zone="Europe/Berlin")
    with acting_for(Organization.objects.get(pk=acme.organization.pk)):
        TimeBlock.objects.create(member=acme.rosa, weekday=5, begins=time(22), ends=time(6))
        when = datetime.fromisoformat(moment)
        assert acme.rosa.is_here(when) is inside
        assert Member.objects.here(when).filter(pk=acme.rosa.pk).exists() is inside
        assert Member.objects.outside_their_hours(when).filter(pk=acme.rosa.pk).exists() is not inside


BLOCKS = st.lists(
    st.tuples(st.integers(0, 6), st.times(), st.times()), max_size=4, unique_by=lambda block: (block[0], block[1])
)


@hypothetically(blocks=BLOCKS, when=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_a_block_covers_what_the_wall_clock_shows(blocks: list[tuple[int, time, time]], when: datetime) -> None:
    """In a zone that is three quarters of an hour off."""
    wall = when.replace(tzinfo=UTC) + timedelta(hours=5, minutes=45)
    now = (wall.weekday(), wall.time())
    with acting_for(Organization(name="X", time_zone="Asia/Kathmandu")):
        for day, begins, ends in blocks:
            block = TimeBlock(organization_id=0, weekday=day, begins=begins, ends=ends)
            minutes = [(day, begins)] if ends > begins else [(day, begins), ((day + 1) % 7, time(0))]
            until = [(day, ends)] if ends > begins else [(day, time.max), ((day + 1) % 7, ends)]
            inside = any(start <= now < end for start, end in zip(minutes, until, strict=True))
            assert block.covers(when.replace(tzinfo=UTC)) is (inside or (now == (day, time.max) and ends <= begins))


# Language, skill, the author's person, last resort.


def test_language_and_skill_go_first_and_say_so(acme: Cast, at: datetime, doing: Any, given: Given) -> None:
    add_rule(acme.care, name="All", **doing)
    billing = factories.topic("Billing")
    Position.objects.filter(member=acme.rosa).update(languages=["nl"], skills=["billing"])
    Position.objects.filter(member=acme.rui).update(languages=["en"])
    for _ in range(4):
        given(acme.rosa)
    dutch = got(factories.mention(language="nl"), at=at)
    assert dutch.member == acme.rosa and "You answer in Dutch." in " ".join(in_words(dutch.reasons))
    bill = got(factories.mention(topic=billing), at=at)
    assert bill.member == acme.rosa and "You know about “billing”." in " ".join(in_words(bill.reasons))
    assert got(factories.mention(language="fr"), at=at).member == acme.rui
    set_policy(acme.organization, languages="must", **doing)
    assert got(factories.mention(language="fr"), at=at).member is None
    set_policy(acme.organization, languages="ignore", skills="ignore", **doing)
    assert got(factories.mention(language="nl", topic=billing), at=at).member == acme.rui


def test_an_author_stays_with_whom_they_spoke_with_while_here_and_with_room(
    acme: Cast, at: datetime, doing: Any, given: Given
) -> None:
    add_rule(acme.care, name="All", **doing)
    known = {"author": factories.post().author}
    Contact.objects.create(author=known["author"], member=acme.rosa, first_at=at, last_at=at - timedelta(days=6))
    for _ in range(5):
        given(acme.rosa)
    row = got(factories.mention(post=factories.post(**known)), at=at)
    assert row.member == acme.rosa and "spoke with this author lately" in in_words(row.reasons)[-1]
    assert got(factories.mention(post=factories.post(**known)), at=at + timedelta(days=2)).member == acme.rui
    go_away(acme.rosa, by=acme.rosa, at=at)
    assert got(factories.mention(post=factories.post(**known)), at=at).member == acme.rui


def test_a_coach_on_call_is_the_last_resort(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", **doing)
    Member.objects.filter(pk=acme.carla.pk).update(is_on_call=True)
    set_policy(acme.organization, on_call_takes=True, **doing)
    assert got(factories.mention(), at=at).member in {acme.rosa, acme.rui}
    Position.objects.filter(member__in=[acme.rosa, acme.rui]).update(capacity=0)
    row = got(factories.mention(), at=at)
    assert row.member == acme.carla and "you are on call" in in_words(row.reasons)[-1]


def test_whoever_stands_in_for_a_coach_on_call_is_the_last_resort(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", **doing)
    set_policy(acme.organization, on_call_takes=True, **doing)
    Position.objects.filter(member__in=[acme.rosa, acme.rui]).update(capacity=0)
    people.set_on_call(acme.carla, is_on_call=True, by=acme.olga, at=at)
    pia = join("Pia", Role.COACH, acme.press)
    go_away(acme.carla, stand_in=pia, by=acme.carla, at=at)
    assert got(factories.mention(), at=at).member is None, "Pia coaches the press only"
    Position.objects.create(member=pia, role=Role.COACH, department=acme.care)
    row = got(factories.mention(), at=at)
    assert row.member == pia and "stand in for a coach who is" in in_words(row.reasons)[-1]
    go_away(pia, by=pia, at=at)
    assert got(factories.mention(), at=at).member is None, "who stands in is away too"
    people.come_back(acme.carla, by=acme.carla, at=at)
    assert got(factories.mention(), at=at).member == acme.carla


def test_who_was_seen_goes_first_but_nobody_seen_keeps_nothing_back(
    acme: Cast, at: datetime, doing: Any, given: Given
) -> None:
    add_rule(acme.care, name="All", **doing)
    set_policy(acme.organization, prefers_seen=True, **doing)
    assert got(factories.mention(), at=at + timedelta(days=1)).member is not None
    for _ in range(4):
        given(acme.rosa)
    mark_seen(acme.rosa, at=at)
    assert got(factories.mention(), at=at).member == acme.rosa
    set_policy(acme.organization, prefers_seen=False, **doing)
    assert got(factories.mention(), at=at).member == acme.rui


def test_reopened_work_stays_only_with_an_owner_who_is_here(acme: Cast, at: datetime, given: Given) -> None:
    """An owner who is away, or outside their hours, does not keep what is opened again."""
    ended: dict[str, Any] = {"state": "resolved", "resolved_at": at, "outcome": "answered"}
    here, outside_hours = given(acme.rosa, **ended), given(acme.rui, **ended)
    TimeBlock.objects.create(member=acme.rui, weekday=(at.weekday() + 3) % 7, begins=time(9), ends=time(10))
    assert reopen(here, by=None, at=at).member == acme.rosa
    assert reopen(outside_hours, by=None, at=at).member == acme.rosa
    go_away(acme.rosa, by=acme.rosa, at=at)
    again = given(acme.rosa, **ended)
    assert reopen(again, by=None, at=at).member is None


def test_choosing_costs_the_same_for_many_people_and_many_mentions(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", **doing)
    set_policy(acme.organization, on_call_takes=True, prefers_seen=True, **doing)

    def statements(count: int) -> int:
        found = [factories.mention(topic=factories.topic()) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            route(found, at=at)
        return len(queries)

    few = statements(1)
    for number in range(12):
        join(f"More{number}", "responder", acme.care)  # type: ignore[arg-type]
    assert statements(30) == few


# Fairness.

STAFF = st.lists(
    st.tuples(
        st.integers(0, 4),  # open
        st.integers(1, 6),  # capacity
        st.integers(0, 9),  # given in the window
        st.frozensets(st.sampled_from(["en", "nl"])),
        st.frozensets(st.sampled_from(["billing", "press"])),
        st.booleans(),  # last resort
    ),
    min_size=1,
    max_size=6,
)
ASKED = st.lists(
    st.builds(
        Wanted,
        language=st.sampled_from(["", "en", "nl", "fr"]),
        skills=st.frozensets(st.sampled_from(["billing", "travel"])),
        known_to=st.sampled_from([None, 0, 1]),
        named=st.sampled_from([None, 2]),
        without=st.frozensets(st.integers(0, 2), max_size=1),
    ),
    max_size=25,
)
POLICY = st.builds(
    AssignmentPolicy,
    organization_id=st.just(1),
    languages=st.sampled_from(["must", "prefer", "ignore"]),
    skills=st.sampled_from(["must", "prefer", "ignore"]),
)


@hypothetically(people=STAFF, batch=ASKED, policy=POLICY)
def test_whatever_the_staff_and_the_batch_the_policy_holds(
    people: list[Any], batch: list[Wanted], policy: AssignmentPolicy
) -> None:
    candidates = [
        Candidate(
            number, min(load, capacity), (LONG_AGO, 0), {1: capacity}, {1: languages}, {1: skills}, share=share,
            is_last_resort=last,
        )
        for number, (load, capacity, share, languages, skills, last) in enumerate(people)
    ]  # fmt: skip
    staff = Staff(candidates, datetime(2026, 1, 5, tzinfo=UTC), policy, {skill for who in people for skill in who[4]})
    for wanted in batch:
        before = {who.member_id: (who.load, who.share) for who in candidates}
        room = [who for who in candidates if who.load < who.capacity_in(1) and who.member_id not in wanted.without]
        choice = staff.take_for(1, wanted)
        if choice is None:
            # Nobody has room, or the policy says that somebody must fit and nobody does.
            assert not room or "must" in {policy.languages, policy.skills}
            continue
        key, why = choice
        chosen = next(who for who in candidates if who.member_id == key)
        assert chosen in room and chosen.load <= chosen.capacity_in(1)
        assert {who.member_id for who in candidates if (who.load, who.share) != before[who.member_id]} == {key}
        if why["kind"] != "least_load":
            assert key in {wanted.named, wanted.known_to}
            continue
        assert chosen.is_last_resort is False or all(who.is_last_resort for who in room)
        if policy.languages == "must":
            assert chosen.speaks(1, wanted.language)
        # Nobody equal in all that stands before it had less for what they can carry.
        alike = [
            who
            for who in room
            if who.is_last_resort == chosen.is_last_resort
            and who.speaks(1, wanted.language) == chosen.speaks(1, wanted.language)
            and who.can(1, wanted.skills) == chosen.can(1, wanted.skills)
        ]
        rank = {who.member_id: tuple(number / who.capacity_in(1) for number in before[who.member_id]) for who in alike}
        assert rank[key] == min(rank.values())


@hypothetically(count=st.integers(1, 6), turns=st.lists(st.integers(0, 5), max_size=60))
def test_people_who_are_equal_all_the_time_differ_by_one_at_most(count: int, turns: list[int]) -> None:
    """Each turn somebody gets one; the number says after how many turns it is done, so that loads are equal again."""
    candidates = [Candidate(number, 0, (LONG_AGO, 0), {None: 100}) for number in range(count)]
    given: Counter[int] = Counter()
    for _turn in turns:
        choice = Staff(candidates, datetime(2026, 1, 5, tzinfo=UTC)).take_for(1)
        assert choice is not None
        given[choice[0]] += 1
        for who in candidates:
            who.load = 0
        assert max(given[key] for key in range(count)) - min(given[key] for key in range(count)) <= 1


def test_when_loads_are_equal_the_share_of_the_window_decides(
    acme: Cast, at: datetime, doing: Any, given: Given
) -> None:
    add_rule(acme.care, name="All", **doing)
    for hours in (1, 2, 3, 9, 10, 11, 12):
        who = acme.rosa if hours < 8 else acme.rui
        given(who, state="resolved", resolved_at=at, assigned_at=at - timedelta(hours=hours))
    given(acme.rui, state="resolved", resolved_at=at, assigned_at=at - timedelta(minutes=5))
    row = got(factories.mention(), at=at)
    assert row.member == acme.rui
    assert "the least in the last 8 hours: 1" in in_words(row.reasons)[-1]


# Escalation.


def test_what_nobody_takes_is_escalated_once_and_told(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", **doing)
    Member.objects.filter(pk=acme.carla.pk).update(is_on_call=True)
    taken, left = got(factories.mention(), at=at), got(factories.mention(), at=at)
    Assignment.objects.filter(pk=taken.pk).update(state="claimed", claimed_at=at)
    later = at + timedelta(minutes=61)
    assert escalate_due(at=at + timedelta(minutes=59)) == 0
    assert [escalate_due(at=later), escalate_due(at=later)] == [1, 0]
    left.refresh_from_db()
    assert (left.priority, left.escalates_at) == (2, None)
    assert "Nobody took it within 1 hour 1 minute" in in_words(left.reasons)[-1]
    (event,) = Escalation.objects.all()
    assert (event.assignment, event.priority_before, event.told, event.escalated_at) == (left, 3, 1, later)
    (mail,) = Mail.objects.all()
    assert mail.member == acme.carla and "Nobody has taken 1 assignment" in mail.subject
    assert outside.outbox == []
    with acting_for(None):
        escalate()
    assert Escalation.objects.count() == 1
    set_policy(acme.organization, escalation_minutes=None, **doing)
    assert got(factories.mention(), at=at).escalates_at is None


# Handing over, and the pages.


def test_whoever_stands_in_is_told_that_nobody_takes_it(acme: Cast, at: datetime, doing: Any) -> None:
    add_rule(acme.care, name="All", **doing)
    people.set_on_call(acme.carla, is_on_call=True, by=acme.olga, at=at)
    go_away(acme.carla, stand_in=acme.gita, by=acme.carla, at=at)
    row = got(factories.mention(), at=at)
    assert escalate_due(at=at + timedelta(minutes=61)) == 1
    assert Escalation.objects.get(assignment=row).told == 1
    assert Mail.objects.get(kind="escalation").member == acme.gita


def test_what_somebody_has_is_handed_over_all_at_once_or_in_part(
    acme: Cast, at: datetime, given: Given, claimed: Given
) -> None:
    rows = [given(acme.rosa), claimed(), given(acme.rosa), given(acme.rosa, state="snoozed", snoozed_until=at)]
    assert hand_over(acme.rosa, to=acme.carla, assignments=[rows[0].pk], note="Mind it", by=acme.carla, at=at) == (1, 0)
    assert hand_over(acme.rosa, to=None, by=acme.rosa, at=at) == (3, 0)
    found = [Assignment.objects.get(pk=row.pk) for row in rows]
    assert [(row.member, row.state) for row in found] == [
        (acme.carla, "open"), (acme.rui, "open"), (acme.rui, "open"), (None, "snoozed"),
    ]  # fmt: skip
    for by, to in ((acme.rui, None), (acme.gita, None)):
        with pytest.raises(PermissionDenied):
            hand_over(acme.rosa, to=to, by=by, at=at)
    assert hand_over(acme.carla, to=acme.bodo, by=acme.carla, at=at) == (0, 1)
