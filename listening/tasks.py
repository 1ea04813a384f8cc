"""What workers do for listening. A message says “look now” and nothing more; rows say what there is to do."""

from __future__ import annotations

from celery import shared_task

from listening import polling
from roles import clock


@shared_task
def poll_due(**_later: object) -> int:
    """Poll the sources of all organizations that are due; a hint about one of them finds it among the due."""
    return polling.poll_due(clock.now())
