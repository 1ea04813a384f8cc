"""Who gets it: least load for the capacity, never above it, never someone away; fair when all else is equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given as hypothetically
from hypothesis import strategies as st

from engagement.actions.assignments import snooze
from engagement.choosing import LONG_AGO, Candidate, Staff, Wanted
from engagement.models import Assignment
from engagement.tasks import sweep_left_overs
from roles.actions.people import change_position, come_back, deactivate_member, give_position, go_away, take_position
from roles.models import AuditEntry, Member, Position
from roles.tenancy import acting_for
from tests.cast import Cast

Given = Callable[..., Assignment]
PRESENT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def sweep() -> None:
    with acting_for(None):
        sweep_left_overs()


def holders() -> list[str]:
    return [str(row.member or "") for row in Assignment.objects.select_related("member__user").order_by("pk")]


def test_left_overs_go_to_whoever_has_least(acme: Cast, given: Given) -> None:
    for _ in range(2):
        given(acme.rosa)
    for _ in range(4):
        given()
    sweep()
    assert Counter(holders()) == {"Rosa": 3, "Rui": 3}
    assert AuditEntry.objects.filter(verb="assign", by=None).count() == 4


def test_load_is_counted_against_capacity(acme: Cast, given: Given) -> None:
    Position.objects.filter(member=acme.rui).update(capacity=40)
    for _ in range(30):
        given()
    sweep()
    assert Counter(holders()) == {"Rosa": 10, "Rui": 20}


def test_nobody_is_filled_above_capacity(acme: Cast, given: Given) -> None:
    Position.objects.filter(member__in=[acme.rosa, acme.rui]).update(capacity=2)
    for _ in range(7):
        given()
    sweep()
    assert Counter(holders()) == {"Rosa": 2, "Rui": 2, "": 3}


def test_the_most_urgent_goes_first_where_there_is_room_for_one(acme: Cast, given: Given, at: datetime) -> None:
    Position.objects.filter(member=acme.rosa).update(capacity=1)
    Position.objects.filter(member=acme.rui).delete()
    rows = [given(priority=3), given(priority=1, due_at=at + timedelta(hours=2)), given(priority=1)]
    sweep()
    assert Assignment.objects.get(member=acme.rosa) == rows[2]


def test_a_member_for_the_whole_organization_serves_every_department(acme: Cast, given: Given) -> None:
    Position.objects.filter(member=acme.rosa).update(department=None, capacity=3)
    Position.objects.filter(member=acme.rui).delete()
    rows = [given() for _ in range(4)]
    Assignment.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(department=acme.press)
    sweep()
    assert Counter(holders()) == {"Rosa": 3, "": 1}


def test_nothing_is_given_to_someone_who_is_away(acme: Cast, given: Given, at: datetime) -> None:
    go_away(acme.rosa, by=acme.rosa, at=at)
    given()
    given()
    sweep()
    assert holders() == ["Rui", "Rui"]


def test_an_absence_that_has_ended_is_none(acme: Cast, given: Given, at: datetime) -> None:
    Member.objects.filter(pk=acme.rosa.pk).update(is_away=True, away_until=at - timedelta(minutes=1))
    Position.objects.filter(member=acme.rui).delete()
    given()
    sweep()
    assert holders() == ["Rosa"]


def test_who_goes_away_leaves_what_they_have_not_claimed(
    acme: Cast, given: Given, claimed: Given, at: datetime
) -> None:
    given(acme.rosa)
    claimed()
    go_away(acme.rosa, by=acme.rosa, at=at)
    assert holders() == ["Rui", "Rosa"]
    kinds = [part["kind"] for part in Assignment.objects.order_by("pk")[0].reasons]
    assert kinds == ["returned", "least_load"]
    assert AuditEntry.objects.filter(verb="return_to_pool").count() == 1


def test_who_comes_back_gets_what_waited(acme: Cast, given: Given, at: datetime) -> None:
    for member in (acme.rosa, acme.rui):
        go_away(member, by=member, at=at)
    given()
    sweep()
    assert holders() == [""]
    come_back(acme.rosa, by=acme.rosa, at=at)
    assert holders() == ["Rosa"]


def test_nothing_stays_with_who_has_left(acme: Cast, given: Given, claimed: Given, at: datetime) -> None:
    given(acme.rosa)
    claimed()
    asleep = snooze(claimed(), until=at + timedelta(hours=1), by=acme.rosa, at=at)
    deactivate_member(acme.rosa, by=acme.olga, at=at)
    assert holders() == ["Rui", "Rui", ""]
    asleep.refresh_from_db()
    assert (asleep.state, asleep.member) == ("snoozed", None)


def test_who_does_not_answer_there_any_more_leaves_it(acme: Cast, given: Given, at: datetime) -> None:
    given(acme.rosa)
    take_position(acme.rosa.positions.get(), by=acme.olga, at=at)
    assert holders() == ["Rui"]


def test_new_room_is_used_at_once(acme: Cast, given: Given, at: datetime) -> None:
    Position.objects.filter(member__in=[acme.rosa, acme.rui]).update(capacity=0)
    given()
    sweep()
    assert holders() == [""]
    position = acme.rosa.positions.get()
    change_position(position, capacity=1, languages=[], skills=[], by=acme.olga, at=at)
    assert holders() == ["Rosa"]
    given()
    give_position(acme.carla, role="responder", department=acme.care, by=acme.olga, at=at)
    assert holders() == ["Rosa", "Carla"]


def test_who_has_waited_longest_is_next(acme: Cast, given: Given, at: datetime) -> None:
    given(acme.rosa, state="resolved", resolved_at=at, assigned_at=at - timedelta(hours=1))
    given(acme.rui, state="resolved", resolved_at=at, assigned_at=at - timedelta(hours=2))
    given()
    sweep()
    assert holders()[-1] == "Rui"


def test_the_sweep_of_one_organization_leaves_others_alone(cast: Cast, acme: Cast, given: Given) -> None:
    given()
    with acting_for(cast.elsewhere), transaction.atomic():
        from engagement.assigning import sweep_left_overs as sweep_here

        assert sweep_here(at=PRESENT) == 0
    assert holders() == [""]


PEOPLE = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=6)


@hypothetically(people=PEOPLE, wanted=st.integers(0, 40))
def test_giving_out_is_fair(people: list[tuple[int, int]], wanted: int) -> None:
    candidates = [
        Candidate(number, min(load, capacity), (LONG_AGO, 0), {1: capacity})
        for number, (load, capacity) in enumerate(people)
    ]
    before = {who.member_id: who.load for who in candidates}
    room = sum(who.capacities[1] - who.load for who in candidates)
    staff = Staff(candidates, PRESENT)
    assert staff.room_in(1) == room
    got: list[int] = []
    for _ in range(wanted):
        ratios = {who.member_id: who.load / who.capacities[1] for who in candidates if who.load < who.capacities[1]}
        choice: Any = staff.take_for(1)
        if choice is None:
            break
        assert ratios[choice[0]] == min(ratios.values())
        got.append(choice[0])
    assert len(got) == min(wanted, room)
    assert all(who.load <= who.capacities[1] and who.load == before[who.member_id] + got.count(who.member_id)
               for who in candidates)  # fmt: skip


@hypothetically(count=st.integers(1, 5), turns=st.integers(1, 30))
def test_equals_take_turns(count: int, turns: int) -> None:
    staff = Staff([Candidate(number, 0, (LONG_AGO, 0), {None: 100}) for number in range(count)], PRESENT)
    got = Counter(choice[0] for _ in range(turns) if (choice := staff.take_for(1)))
    assert max(got.values()) - min(got[number] for number in range(count)) <= 1


@pytest.mark.parametrize("without", [{1}, {1, 2}])
def test_who_gave_it_back_is_passed_over(without: set[int]) -> None:
    staff = Staff([Candidate(number, 0, (LONG_AGO, 0), {None: 9}) for number in (1, 2)], PRESENT)
    choice = staff.take_for(1, Wanted(without=frozenset(without)))
    assert (choice[0] if choice else None) == (2 if without == {1} else None)
