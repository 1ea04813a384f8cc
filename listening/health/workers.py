"""Whether anybody polls: the heartbeats of the workers, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import redis
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.live import last_beat

# Beat sends every 20 seconds; three that are missing are no accident.
NOBODY_AFTER = timedelta(seconds=75)


def nobody_polls(at: datetime) -> str:
    """Say that no worker takes polls, and since when; empty where one does."""
    try:
        seen = last_beat("poll")
    except redis.RedisError:
        return _("The broker cannot be reached: nobody knows whether a worker is running, and none is told to look.")
    if seen is None:
        return _("No worker is running: nothing is polled by itself, and none was seen for an hour.")
    if seen >= at - NOBODY_AFTER:
        return ""
    minutes = max(1, round((at - seen).total_seconds() / 60))
    return ngettext(
        "No worker is running: nothing is polled by itself. The last sign of one is %(minutes)s minute old.",
        "No worker is running: nothing is polled by itself. The last sign of one is %(minutes)s minutes old.",
        minutes,
    ) % {"minutes": minutes}
