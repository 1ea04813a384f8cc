"""Carry the organization across to the worker, and wait for the change to be committed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from celery import current_app

from roles.after_commit import once_after_commit
from roles.models import Organization
from roles.tenancy import acting_for, active_organization_id

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hint:
    """A message that tells a worker to look; the row itself is the work, so a lost one costs seconds."""

    task: str
    ids: tuple[tuple[str, int], ...]

    def __call__(self) -> None:
        """Send it."""
        try:
            current_app.send_task(self.task, kwargs=dict(self.ids), expires=60, retry=False, queue=queue_of(self.task))
        except Exception as problem:  # noqa: BLE001 - the broker may be down in many ways: beat finds the row
            log.warning("No hint could be sent for %s: %s", self.task, problem)


def hint(task: str, **ids: int) -> None:
    """Tell a worker to look, after commit and once for each transaction."""
    once_after_commit(Hint(task, (*sorted(ids.items()), ("organization_id", active_organization_id()))))


def queue_of(task: str) -> str:
    """Return the queue that a task's app uses."""
    return {"listening": "poll", "engagement": "deliver", "measurement": "measure"}.get(
        task.partition(".")[0], "celery"
    )


def for_organization(work: Callable[..., Any]) -> Callable[..., Any]:
    """Run a task's body on behalf of the organization named in its arguments."""

    @wraps(work)
    def inside(*, organization_id: int, **kwargs: Any) -> Any:
        with acting_for(Organization.objects.get(pk=organization_id)):
            return work(**kwargs)

    return inside
