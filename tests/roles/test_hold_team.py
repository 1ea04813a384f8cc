"""Whoever changes the team holds it in one order: two at once wait for each other, and none for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from engagement import belongings, receivers
from engagement.models import Assignment, Starter
from roles import clock
from roles.actions.absences import keep_absences
from roles.actions.handover import hand_over_everything
from roles.actions.people import (
    come_back,
    deactivate_member,
    give_position,
    go_away,
    reactivate_member,
    set_on_call,
    take_position,
)
from roles.holding import hold_team
from roles.models import Absence, AuditEntry, Member, Position, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble, join

DAY = timedelta(days=1)


@pytest.fixture
def really(transactional_db: None) -> Iterator[Cast]:
    """A cast whose rows other connections see."""
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def elsewhere(cast: Cast, act: Callable[[], object], problems: list[BaseException]) -> Thread:
    """A thread with a connection of its own that does something and tells what went wrong."""

    def work() -> None:
        try:
            with acting_for(cast.organization):
                act()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    return Thread(target=work)


def waits_for_us(thread: Thread) -> bool:
    """Whether a thread has come to where it waits for what we hold, instead of to its end."""
    asks = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute(asks)
            if cursor.fetchone()[0]:
                return True
        thread.join(0.02)
    return False


@pytest.mark.parametrize("does", ["goes away", "comes back", "is told by the beat"])
def test_to_hand_over_and_to_be_away_wait_for_each_other(really: Cast, monkeypatch: Any, does: str) -> None:
    at, cora = clock.now(), join("Cora", Role.COACH)
    Member.objects.filter(pk=really.carla.pk).update(is_on_call=True)
    row = factories.assignment(department=really.care, member=really.carla, at=at)
    # What is begun stays with whoever goes away, and is there to be handed over.
    Assignment.objects.filter(pk=row.pk).update(state=Assignment.State.CLAIMED, claimed_at=at)
    if does == "comes back":
        go_away(really.carla, by=really.carla, at=at)
    if does == "is told by the beat":
        Absence.objects.create(member=really.carla, begins_at=at - DAY, ends_at=at + DAY)
    carla = Member.objects.get(pk=really.carla.pk)
    gave, went = Event(), Event()
    really_pass, really_give = belongings.pass_on, receivers.give_anew

    def pass_on(*args: Any, **said: Any) -> Any:
        """Work is held now, and people are next; whoever holds people and wants work is let come as far."""
        found = really_pass(*args, **said)
        gave.set()
        went.wait(0.3)
        return found

    def give_anew(member: Member, *, at: datetime) -> None:
        went.set()
        gave.wait(0.3)
        really_give(member, at=at)

    monkeypatch.setattr(belongings, "pass_on", pass_on)
    monkeypatch.setattr(receivers, "give_anew", give_anew)
    acts: dict[str, Callable[[], object]] = {
        "goes away": lambda: go_away(carla, by=None, at=at),
        "comes back": lambda: come_back(carla, by=None, at=at),
        "is told by the beat": lambda: keep_absences(at=at),
    }
    problems: list[BaseException] = []
    given = {"assignments": cora, "on_call": cora}
    mine = Member.objects.get(pk=really.carla.pk)
    hands = elsewhere(really, lambda: hand_over_everything(mine, to=given, by=None, at=at), problems)
    other = elsewhere(really, acts[does], problems)
    for thread in (hands, other):
        thread.start()
    for thread in (hands, other):
        thread.join()
    assert problems == []
    assert Assignment.objects.get(pk=row.pk).member == cora and Member.objects.get(pk=cora.pk).is_on_call


def test_who_goes_away_waits_while_somebody_holds_the_team(really: Cast) -> None:
    at = clock.now()
    problems: list[BaseException] = []
    rosa = Member.objects.get(pk=really.rosa.pk)
    with transaction.atomic():
        hold_team()
        goes = elsewhere(really, lambda: go_away(rosa, by=None, at=at), problems)
        goes.start()
        assert waits_for_us(goes) and not Member.objects.get(pk=rosa.pk).is_away
    goes.join(20)
    assert problems == [] and not goes.is_alive() and Member.objects.get(pk=rosa.pk).is_away


def test_what_is_handed_over_goes_to_nobody_who_left_while_one_waited(really: Cast) -> None:
    at, cora = clock.now(), join("Cora", Role.COACH)
    row = factories.assignment(department=really.care, member=really.carla, at=at)
    carla, to = Member.objects.get(pk=really.carla.pk), Member.objects.get(pk=cora.pk)
    problems: list[BaseException] = []
    with transaction.atomic():
        deactivate_member(cora, by=None, at=at)
        hands = elsewhere(
            really, lambda: hand_over_everything(carla, to={"assignments": to}, leaves=True, by=None, at=at), problems
        )
        hands.start()
        assert waits_for_us(hands)
    hands.join(20)
    assert [type(problem) for problem in problems] == [ValidationError]
    assert Assignment.objects.get(pk=row.pk).member == really.carla
    assert Member.objects.get(pk=really.carla.pk).is_active


def test_whoever_read_somebody_before_the_turn_was_theirs_reads_them_anew(acme: Cast) -> None:
    at, cora = clock.now(), join("Cora", Role.COACH)
    position = Position.objects.get(member=cora)
    before = [Member.objects.get(pk=cora.pk) for _time in range(6)]
    assert all(one.is_active and one.roles for one in before), "read, as a page does"
    deactivate_member(cora, by=None, at=at)
    acts: list[tuple[str, Callable[[Member], object]]] = [
        ("has left already", lambda one: deactivate_member(one, by=None, at=at)),
        ("has left", lambda one: give_position(one, role=Role.BOOTH, department=None, by=None, at=at)),
        ("has left", lambda one: go_away(one, by=None, at=at)),
        ("has left", lambda one: come_back(one, by=None, at=at)),
        ("Only a coach", lambda one: set_on_call(one, is_on_call=True, by=None, at=at)),
        ("somebody else who is here", lambda one: go_away(acme.rosa, stand_in=one, by=None, at=at)),
    ]
    for one, (why, act) in zip(before, acts, strict=True):
        with pytest.raises(ValidationError, match=why):
            act(one)
    back = Member.objects.get(pk=cora.pk)
    reactivate_member(cora, by=None, at=at)
    with pytest.raises(ValidationError, match="has not left"):
        reactivate_member(back, by=None, at=at)
    twice = Position.objects.get(pk=position.pk)
    take_position(position, by=None, at=at)
    with pytest.raises(ValidationError, match="taken this position away"):
        take_position(twice, by=None, at=at)
    verbs = AuditEntry.objects.filter(verb__in=["deactivate_member", "reactivate_member", "take_position"])
    assert sorted(verbs.values_list("verb", flat=True)) == ["deactivate_member", "reactivate_member", "take_position"]


def test_who_may_have_something_is_asked_of_what_they_hold_now(acme: Cast) -> None:
    at, cora = clock.now(), join("Cora", Role.COACH)
    starter = Starter.objects.create(text="What do you ride?", owner=acme.rosa, created_at=at)
    assert cora.roles == {Role.COACH}, "read, as a page does"
    Position.objects.filter(member=cora).update(role=Role.EXECUTIVE)
    with pytest.raises(ValidationError, match="may not have these"):
        hand_over_everything(acme.rosa, to={"starters": cora}, by=None, at=at)
    starter.refresh_from_db()
    assert starter.owner == acme.rosa


def test_the_beat_leaves_a_team_that_is_being_changed_to_the_next_look(really: Cast) -> None:
    at, found = clock.now(), []
    Absence.objects.create(member=really.rosa, begins_at=at - DAY, ends_at=at + DAY)
    problems: list[BaseException] = []
    with transaction.atomic():
        hold_team()
        beat = elsewhere(really, lambda: found.append(keep_absences(at=at)), problems)
        beat.start()
        beat.join(5)
    assert (found, problems) == ([0], [])
    assert keep_absences(at=at) == 1
