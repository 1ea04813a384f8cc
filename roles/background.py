"""Tell workers to look once a change is committed, and let each organization have its turn where they do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded

from roles.after_commit import once_after_commit
from roles.models import Organization
from roles.tenancy import acting_for, active_organization_id

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hint:
    """A message that tells a worker to look; the row itself is the work, so a lost one costs seconds."""

    task: str
    organization_id: int

    def __call__(self) -> None:
        """Send it."""
        try:
            told = {"organization_id": self.organization_id}
            current_app.send_task(self.task, kwargs=told, expires=60, retry=False)
        except Exception as problem:  # noqa: BLE001 - the broker may be down in many ways: beat finds the row
            log.warning("No hint could be sent for %s: %s", self.task, problem)


def hint(task: str) -> None:
    """Tell a worker to look, after commit and once for each transaction."""
    once_after_commit(Hint(task, active_organization_id()))


def in_each_organization(work: Callable[[], int | None]) -> int:
    """Do it for one organization after the other; returns how much was done, where the work says so."""
    done = 0
    for organization in Organization.objects.order_by("pk"):
        with turn_of(organization):
            done += work() or 0
    return done


@contextmanager
def turn_of(organization: Organization) -> Iterator[None]:
    """Act for an organization; what goes wrong there is logged, and the next has its turn."""
    try:
        with acting_for(organization):
            yield
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("The work for %s was not done to its end; the next look finds the rest.", organization)
