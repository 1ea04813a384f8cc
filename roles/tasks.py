"""What the team's rooms do in the background."""

from __future__ import annotations

from celery import shared_task

from roles import clock
from roles.live import beat_once


@shared_task
def heartbeat(*, queue: str = "celery", **later: object) -> None:
    """Leave a sign that beat sends and that a worker takes from this queue."""
    beat_once(queue, at=clock.now())
