"""Workers killed while they write warnings and misses, or tell of them: nothing is lost and nothing comes twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engagement.models import Promise, TargetEvent
from engagement.watching import tell, watch
from roles import clock
from roles.models import Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.faults import workers

MANY = 30


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    at = clock.now() - timedelta(hours=2)
    with acting_for(cast.organization):
        for _one in range(MANY):
            row = factories.assignment(department=cast.care, member=cast.rosa, at=at)
            Promise.objects.create(
                assignment=row, kind="first_response", minutes=60, in_business_hours=False, warn_at_percent=75,
                started_at=at, due_at=at + timedelta(hours=1), warn_at=at, counted_at=at, next_look_at=at,
            )  # fmt: skip
        yield cast


@pytest.mark.parametrize("step", ["events written", "watched", "a mail written", "told"])
def test_a_worker_killed_at_any_step_leaves_all_or_nothing(acme: Cast, step: str) -> None:
    assert workers.run("tests.faults.watch_and_die", step) == -signal.SIGKILL
    written = 0 if step == "events written" else MANY
    told = MANY if step == "told" else 0
    assert TargetEvent.objects.count() == written
    assert TargetEvent.objects.filter(told_at__isnull=False).count() == told
    at = clock.now()
    watch(at=at)
    tell(at=at)
    watch(at=at)
    tell(at=at + timedelta(hours=1))
    assert TargetEvent.objects.filter(kind="miss", told_at__isnull=False).count() == TargetEvent.objects.count() == MANY
    assert sorted(str(mail.member) for mail in Mail.objects.filter(kind="missed")) == ["Carla", "Rosa"]
    assert not Promise.objects.filter(next_look_at__isnull=False).exists()
