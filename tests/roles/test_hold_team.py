"""Whoever changes the team holds it in one order: two at once wait for each other, and none for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from engagement import belongings, receivers
from engagement.models import Assignment
from roles import clock
from roles.actions.absences import keep_absences
from roles.actions.handover import hand_over_everything
from roles.actions.people import come_back, go_away
from roles.holding import hold_team
from roles.models import Absence, Member, Role
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
