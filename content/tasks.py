"""What workers do when told to look; the work is in the rows, so each may run at any time and any number of times."""

from __future__ import annotations

from celery import shared_task

from content import renditions, storing
from content.actions import uploads
from roles import clock

AT_ONCE = 50


@shared_task
def make_renditions(**_later: object) -> None:
    """Make pictures smaller, where that is due."""
    for _turn in range(AT_ONCE):
        if not renditions.make_due(now=clock.now):
            break


@shared_task
def sweep_media(**_later: object) -> None:
    """Give up uploads that never came to their end, and remove files that belong to nothing."""
    at = clock.now()
    uploads.end_old_uploads(at=at)
    storing.sweep(at=at)
