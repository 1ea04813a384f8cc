"""What the team's rooms do in the background."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from roles import clock, housekeeping, postbox
from roles.live import beat_once


@shared_task
def heartbeat(*, queue: str = "celery", **later: object) -> None:
    """Leave a sign that beat sends and that a worker takes from this queue."""
    beat_once(queue, at=clock.now())


@shared_task
def send_mails(**_later: object) -> int:
    """Send the e-mails that are due; returns how many were sent."""
    return postbox.send_due(now=clock.now)


@shared_task
def forget_old_mails(**_later: object) -> int:
    """Remove e-mails that were sent three months ago; returns how many."""
    return housekeeping.forget_old_mails(clock.now() - timedelta(days=90))


@shared_task
def forget_old_keys(**_later: object) -> int:
    """Remove answers of the API that were kept for a repetition for three days; returns how many."""
    return housekeeping.forget_old_idempotency_keys(clock.now() - timedelta(days=3))
