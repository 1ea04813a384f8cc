"""Workers that look out, make briefs and draw venue maps, killed on the way: the next one does it, and once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from listening.actions import warnings
from listening.actions.briefs import make_due_briefs
from listening.actions.venues import draw_wanted
from listening.models import Brief, EarlyWarning, Lookout, VenueMap, WatchedSeries
from roles import clock
from roles.models import Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.faults import workers
from tests.listening.heard import burst, hear
from tests.listening.test_insights import plan
from tests.listening.test_look_out import NOW, busy


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def what_it_knows() -> tuple[Any, list[Any]]:
    """How far the lookout has come, and what its detectors learned."""
    series = WatchedSeries.objects.order_by("pk").values_list("judged", "detector")
    return Lookout.objects.get().done_until, list(series)


@pytest.mark.parametrize("step", ["judged", "raised", "warned"])
def test_a_lookout_killed_on_the_way_warns_once(acme: Cast, step: str) -> None:
    query = factories.query("acme", name="Acme")
    busy(query)
    warnings.look_out(at=NOW - timedelta(minutes=10))
    before = what_it_knows()
    hear(burst(NOW, 60), query=query)
    assert workers.run("tests.faults.listen_and_die", step, NOW.isoformat()) == -signal.SIGKILL
    assert what_it_knows() == before
    assert not (EarlyWarning.objects.exists() or Mail.objects.exists())
    assert warnings.look_out(at=NOW) == 1
    assert warnings.look_out(at=NOW) == 0
    assert EarlyWarning.objects.count() == Mail.objects.count() == 1


def test_a_lookout_killed_when_it_had_only_begun_loses_nothing(acme: Cast) -> None:
    query = factories.query("acme", name="Acme")
    busy(query)
    hear(burst(NOW, 60), query=query)
    assert workers.run("tests.faults.listen_and_die", "begun", NOW.isoformat()) == -signal.SIGKILL
    until, knows = what_it_knows()
    assert until <= NOW - timedelta(days=3) and knows == []
    assert warnings.look_out(at=NOW) == 1
    assert warnings.look_out(at=NOW) == 0
    assert EarlyWarning.objects.count() == Mail.objects.count() == 1


@pytest.mark.parametrize("step", ["gathered", "mailed"])
def test_a_brief_that_was_begun_is_made_once(acme: Cast, step: str) -> None:
    row = plan(acme)
    factories.mention(at=row.next_at - timedelta(hours=1), department=acme.care, state="routed")
    assert workers.run("tests.faults.listen_and_die", step, row.next_at.isoformat()) == -signal.SIGKILL
    assert not (Brief.objects.exists() or Mail.objects.exists())
    assert make_due_briefs(at=row.next_at) == 1
    assert make_due_briefs(at=row.next_at) == 0
    assert Brief.objects.count() == Mail.objects.count() == 1


@pytest.mark.parametrize("step", ["asked", "drawn"])
def test_a_map_that_was_begun_is_drawn_once(acme: Cast, step: str) -> None:
    at = clock.now()
    assert workers.run("tests.faults.listen_and_die", step, at.isoformat()) == -signal.SIGKILL
    assert VenueMap.objects.get().drawn_at is None
    assert draw_wanted(at=at) == 1
    assert draw_wanted(at=at) == 0
    assert VenueMap.objects.get().drawn_at == at
