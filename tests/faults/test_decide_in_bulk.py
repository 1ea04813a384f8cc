"""Workers that take back what was decided of many, two at once, one of them killed: each comes back, and once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engagement.models import Assignment
from listening.actions import bulk, mentions
from listening.filtering import StreamFilter
from listening.models import BulkDecision, BulkStep, Mention
from listening.tasks import decide_in_bulk
from listening.triage import Triage
from roles import clock
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests.cast import Cast, assemble
from tests.faults import workers
from tests.listening.heard import hear

# More than is undone at once: four steps, the last one not full.
MANY = 3 * bulk.AT_ONCE + 17


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def states() -> Counter[str]:
    return Counter(Mention.objects.values_list("state", flat=True))


@pytest.mark.parametrize("verb", ["dismiss", "route_to"])
@pytest.mark.parametrize(("step", "put_back"), [("put back", 1), ("not committed", 1), ("committed", 2)])
def test_an_undo_of_many_by_two_workers_loses_and_doubles_nothing(
    acme: Cast, verb: str, step: str, put_back: int
) -> None:
    at = clock.now() - timedelta(minutes=5)
    hear([at] * MANY)
    triage = Triage(verb, to=acme.care if verb == "route_to" else None)
    made = bulk.decide_all(triage, wanted=StreamFilter(), by=acme.gita, at=at)
    decide_in_bulk()
    decided = states()
    assert decided == {triage.state: MANY}
    if verb == "dismiss":  # somebody decides one of them anew, which no undo may touch
        other = Mention.objects.order_by("pk")[MANY // 2]
        mentions.restore(other, by=acme.carla, at=at)
        mentions.keep(other, by=acme.carla, at=clock.now())
    stays = 1 if verb == "dismiss" else 0

    bulk.undo_bulk(made, by=acme.gita, at=clock.now())
    assert bulk.go_on(made.pk, at=clock.now())
    assert workers.run("tests.faults.decide_and_die", step) == -signal.SIGKILL
    assert BulkStep.objects.count() == 4 - put_back
    last = MANY - 3 * bulk.AT_ONCE + (put_back - 1) * bulk.AT_ONCE
    assert last - stays <= states()["untriaged"] <= last

    second = workers.start("tests.faults.decide_and_die", "lives")
    decide_in_bulk()
    assert workers.ended(second) == 0
    decide_in_bulk()  # the beat looks again: where one held the row, the other had nothing to do
    made.refresh_from_db()
    assert made.state == BulkDecision.State.UNDONE
    assert states() == Counter({"untriaged": MANY - stays, **({"kept": 1} if stays else {})})
    assert Assignment.objects.count() == BulkStep.objects.count() == 0
    entries = AuditEntry.objects.filter(verb="undo_bulk", subject_kind="mention").values_list("subject_id", flat=True)
    assert len(entries) == len(set(entries)) == MANY - stays
