"""Workers killed at every step of publishing, several at once, a clock that stood still: none lost, twice or late."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from content.actions.publications import settle_publication
from content.models import Publication, ReviewPolicy
from content.publishing import publications_out
from content.tasks import publish_due
from roles import clock
from roles.models import Level
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.faults import workers
from tests.faults.town import TownServer, running_town

PUBLISH = "tests.faults.publish_and_die"
# How many posts there are after the worker died at this step, before anybody did anything about it.
STEPS = {"claimed": 0, "begun": 0, "sent": 1, "before commit": 1, "committed": 1}
Plan = Callable[..., list[Publication]]


@pytest.fixture
def town() -> Iterator[TownServer]:
    with running_town() as server:
        yield server


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    cast.organization.level = Level.CREATING
    cast.organization.save()
    with acting_for(cast.organization):
        ReviewPolicy.objects.create(name="Posts", kind="post", waives=True, created_at=clock.now())
        yield cast


@pytest.fixture
def plan(acme: Cast) -> Plan:
    """Plan pieces of Rosa's for some minutes ago."""

    def some(count: int, *, minutes_ago: int = 1) -> list[Publication]:
        channel = factories.channel(network="far-town")
        due_at = clock.now() - timedelta(minutes=minutes_ago)
        return [
            factories.publication(
                factories.variant(factories.piece(author=acme.rosa, department=acme.care), channel=channel),
                due_at=due_at,
            )
            for _ in range(count)
        ]

    return some


def reconcile(times: int = 3) -> None:
    """What the beat does, again and again, while time passes for what has begun."""
    span = timedelta(seconds=4000)
    for _ in range(times):
        for row in Publication.objects.exclude(state="ready"):
            Publication.objects.filter(pk=row.pk).update(
                next_attempt_at=row.next_attempt_at - span, lease_until=row.lease_until and row.lease_until - span
            )
        with acting_for(None):
            publications_out.expire_leases(at=clock.now())
            publish_due()
            while publications_out.look_next(now=clock.now):
                pass


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_publishes_nothing_twice_and_loses_nothing(
    town: TownServer, acme: Cast, plan: Plan, step: str
) -> None:
    (made,) = plan(1)
    assert workers.run(PUBLISH, step) == -signal.SIGKILL
    assert len(town.keys) == STEPS[step]
    with acting_for(None):
        publish_due()
    assert len(town.keys) == STEPS[step]
    reconcile()
    made.refresh_from_db()
    if not STEPS[step]:
        assert made.state == "unknown" and made.put_before_person_at is not None
        settle_publication(made, decision="send_again", by=acme.rosa, at=clock.now())
        reconcile()
        made.refresh_from_db()
    assert (made.state, town.keys) == ("accepted", [made.key])


def test_several_workers_at_once_publish_each_piece_once(town: TownServer, plan: Plan) -> None:
    made = plan(20)
    processes = [workers.start(PUBLISH, "live") for _ in range(2)]
    assert [workers.ended(process) for process in processes] == [0, 0]
    assert Counter(town.keys) == {row.key: 1 for row in made}
    assert set(Publication.objects.values_list("state", flat=True)) == {"accepted"}


def test_after_the_clock_stood_still_the_late_go_out_and_the_too_late_are_told(town: TownServer, plan: Plan) -> None:
    late, too_late = plan(3, minutes_ago=50), plan(3, minutes_ago=61)
    with acting_for(None):
        publish_due()
    assert Counter(town.keys) == {row.key: 1 for row in late}
    missed = Publication.objects.filter(pk__in=[row.pk for row in too_late])
    assert set(missed.values_list("state", flat=True)) == {"missed"}
    assert missed.before_a_person().count() == 3
