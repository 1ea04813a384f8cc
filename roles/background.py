"""Carry the organization across to the worker, and wait for the change to be committed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery import current_app
from django.db import transaction

from roles.models import Organization
from roles.tenancy import acting_for, active_organization_id

log = logging.getLogger(__name__)


def hint(task: str, **ids: int) -> None:
    """Tell a worker to look, after commit; the row itself is the work, so a lost hint costs seconds."""
    kwargs = {**ids, "organization_id": active_organization_id()}

    def send() -> None:
        try:
            current_app.send_task(task, kwargs=kwargs, expires=60, retry=False, queue=queue_of(task))
        except Exception as problem:  # noqa: BLE001 - the broker may be down in many ways: beat finds the row
            log.warning("No hint could be sent for %s: %s", task, problem)

    transaction.on_commit(send, robust=True)


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
