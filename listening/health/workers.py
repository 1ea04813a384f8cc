"""Whether anybody polls, and whether it succeeds: the heartbeats of the workers, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import redis
from django.core.cache import cache
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from listening.models import Source
from roles.live import broker_age, last_beat
from roles.task_records import since_when_work_fails
from roles.tenancy import active_organization_id
from roles.wording import ago

# Beat sends every 20 seconds; three that are missing are no accident.
NOBODY_AFTER = timedelta(seconds=75)
KEPT_SECONDS = 30


def nobody_polls(at: datetime) -> str:
    """Say that no worker takes polls, or that each look fails, and since when; empty where all is well."""
    try:
        seen = last_beat("poll")
        if seen is None and broker_age() < NOBODY_AFTER:
            return ""  # nobody had the time to be seen
    except redis.RedisError:
        return _("The broker cannot be reached: nobody knows whether a worker is running, and none is told to look.")
    if seen is None:
        return _("No worker is running: nothing is polled by itself, and none was seen for an hour.")
    if seen >= at - NOBODY_AFTER:
        return _each_look_fails(at)
    minutes = max(1, round((at - seen).total_seconds() / 60))
    return ngettext(
        "No worker is running: nothing is polled by itself. The last sign of one is %(minutes)s minute old.",
        "No worker is running: nothing is polled by itself. The last sign of one is %(minutes)s minutes old.",
        minutes,
    ) % {"minutes": minutes}


def nothing_is_heard(at: datetime) -> str:
    """Say why nothing is heard and since when: nobody polls, or every source is in trouble or silent; else empty.

    For a page that is asked for often: what was found is said for half a minute, and asks no database meanwhile.
    """
    key = f"heard:{active_organization_id()}:{get_language()}"
    said: str | None = cache.get(key)
    if said is None:
        said = _why_nothing_is_heard(at)
        cache.set(key, said, KEPT_SECONDS)
    return said


def _why_nothing_is_heard(at: datetime) -> str:
    if nobody := nobody_polls(at):
        return nobody
    heard = Source.objects.heard(at)
    if not heard["polled"] or heard["well"]:
        return ""
    if heard["newest"] is None:
        return _("Nothing is heard: every source is in trouble or silent, and none ever brought anything.")
    return _("Nothing is heard: every source is in trouble or silent. The newest post came %(ago)s.") % {
        "ago": ago(heard["newest"], now=at)
    }


def _each_look_fails(at: datetime) -> str:
    since = since_when_work_fails(at, name="listening.tasks.poll_due")
    if since is None:
        return ""
    return _(
        "Sources are looked after, but each look fails; it began %(since)s. Whoever runs this installation sees why "
        "with “manage.py doctor”."
    ) % {"since": ago(since, now=at)}
