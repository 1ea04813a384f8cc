"""Absences said by several at once, and begun by several workers: one person is away once, and never twice over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from roles import clock
from roles.actions.absences import change_absence, drop_absence, keep_absences, plan_absence
from roles.actions.people import come_back, go_away
from roles.models import Absence, AuditEntry, Member
from roles.tenancy import acting_for
from tests.cast import Cast, assemble
from tests.faults.test_route import at_once

DAY = timedelta(days=1)


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


@pytest.fixture
def at() -> datetime:
    return clock.now()


def tried(work: Callable[[], Any]) -> Callable[[], bool]:
    """Whether it could be done."""

    def one() -> bool:
        try:
            work()
        except (ValidationError, Absence.DoesNotExist):
            return False
        return True

    return one


def member(key: int) -> Member:
    return Member.objects.get(pk=key)


def plan(acme: Cast, at: datetime, first: int, last: int) -> Callable[[], Absence]:
    key, by = acme.rosa.pk, acme.carla
    return lambda: plan_absence(member(key), begins_at=at + first * DAY, ends_at=at + last * DAY, by=by, at=at)


def test_of_those_who_plan_the_same_days_at_once_one_is_first(acme: Cast, at: datetime) -> None:
    done = at_once(acme, [tried(plan(acme, at, first, first + 3)) for first in (2, 3, 4, 2)])
    assert done.count(True) == Absence.objects.count() == AuditEntry.objects.count() == 1


def test_a_change_and_a_plan_at_once_never_overlap(acme: Cast, at: datetime) -> None:
    row = plan(acme, at, 10, 12)()
    days = {"begins_at": at + 3 * DAY, "ends_at": at + 5 * DAY}
    change = tried(lambda: change_absence(Absence.objects.get(pk=row.pk), **days, by=acme.carla, at=at))
    done = at_once(acme, [change, tried(plan(acme, at, 4, 6))])
    assert done.count(True) == 1
    spans = list(Absence.objects.order_by("begins_at").values_list("begins_at", "ends_at"))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_going_away_twice_at_once_is_one_absence(acme: Cast, at: datetime) -> None:
    at_once(acme, [lambda: go_away(member(acme.rosa.pk), by=acme.carla, at=at)] * 3)
    assert Absence.objects.count() == AuditEntry.objects.filter(verb="go_away").count() == 1
    at_once(acme, [lambda: come_back(member(acme.rosa.pk), by=acme.carla, at=at + DAY)] * 3)
    assert AuditEntry.objects.filter(verb="come_back").count() == 1
    assert Absence.objects.get().ends_at == at + DAY


def test_workers_that_look_at_once_begin_and_end_each_once(acme: Cast, at: datetime) -> None:
    for who in (acme.rosa, acme.rui, acme.gita, acme.bodo):
        plan_absence(who, begins_at=at + DAY, ends_at=at + 3 * DAY, by=who, at=at)
    go_away(acme.carla, until=at + DAY, by=acme.carla, at=at)
    later = at + DAY + timedelta(minutes=1)
    # What one worker leaves to another at this moment, the next beat does.
    assert sum(at_once(acme, [lambda: keep_absences(at=later)] * 4)) + keep_absences(at=later) == 5
    away = set(Member.objects.filter(is_away=True).values_list("pk", flat=True))
    assert away == {acme.rosa.pk, acme.rui.pk, acme.gita.pk, acme.bodo.pk}
    assert AuditEntry.objects.filter(verb="go_away", by=None).count() == 4
    assert AuditEntry.objects.filter(verb="come_back", by=None).count() == 1


def test_an_absence_is_dropped_or_begun_and_never_both(acme: Cast, at: datetime) -> None:
    row, later = plan(acme, at, 1, 3)(), at + DAY
    drop = tried(lambda: drop_absence(Absence.objects.get(pk=row.pk), by=acme.carla, at=later))
    dropped, _begun = at_once(acme, [drop, lambda: keep_absences(at=later)])
    keep_absences(at=later)
    assert member(acme.rosa.pk).is_away is not dropped
    assert Absence.objects.filter(is_begun=True).exists() is not dropped
