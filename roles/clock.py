"""The one clock: what time it is, and how long things took."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone


def now() -> datetime:
    """Return the present moment in UTC; views, tasks and commands call it and pass it on as `at`."""
    return timezone.now()


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour, in UTC."""
    return at.astimezone(tz=timezone.get_fixed_timezone(0)).replace(minute=0, second=0, microsecond=0)


def seconds_between(start: datetime, end: datetime) -> float:
    """Return the wall time from start to end in seconds, never below zero."""
    return max(0.0, (end - start).total_seconds())


def due(start: datetime, minutes: int) -> datetime:
    """Return when something that begins at `start` and may take `minutes` of wall time is due."""
    return start + timedelta(minutes=minutes)
