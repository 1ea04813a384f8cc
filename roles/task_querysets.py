"""Reads of how tasks end: those that fail each time, and those that do not come to an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Max, Q

if TYPE_CHECKING:
    from roles.models import TaskRecord

HEARTBEAT = "roles.tasks.heartbeat"
# One failure is an accident; a look that comes seldom is named at the second.
IN_A_ROW, IN_A_ROW_OF_SELDOM_ONES = 3, 2
SELDOM_SECONDS = 600
# A server that was restarted makes a few looks fail, and the next ones do not.
NO_ACCIDENT_AFTER = timedelta(minutes=2)
# What failed in part and found nothing to do since is taken for settled after this long.
SETTLED_AFTER = timedelta(days=1)
STALLED_AFTER = timedelta(minutes=15)
STALLED_AFTER_LOOKS = 4
BEATS_WITHIN = timedelta(minutes=5)


class TaskRecordQuerySet(models.QuerySet["TaskRecord"]):
    """Records of tasks, of the whole installation."""

    def failing(self, at: datetime) -> Self:
        """Those whose last runs all failed."""
        often = Q(every_seconds=None) | Q(every_seconds__lt=SELDOM_SECONDS)
        enough = Q(failures_in_row__gte=IN_A_ROW) | Q(failures_in_row__gte=IN_A_ROW_OF_SELDOM_ONES) & ~often
        lasting = Q(failing_since_at__lte=at - NO_ACCIDENT_AFTER, failed_at__gt=at - SETTLED_AFTER)
        return self.filter(enough & lasting).order_by("failing_since_at", "name")

    def stalled(self, at: datetime) -> list[TaskRecord]:
        """Those that beat sends and that have not come to an end for four times their interval, though others have.

        Where no worker has left a sign, or none had one long enough, nothing is named: then it is not the task.
        """
        beats = self.filter(name__startswith=HEARTBEAT, ended_at__gt=at - BEATS_WITHIN)
        beating_since = beats.aggregate(since=Max("steady_since_at"))["since"]
        if beating_since is None:
            return []
        rows = self.exclude(every_seconds=None).exclude(pk__in=self.failing(at).values("pk")).order_by("name")
        found = []
        for row in rows:
            patience = max(STALLED_AFTER, STALLED_AFTER_LOOKS * timedelta(seconds=row.every_seconds or 0))
            if max(row.ended_at or row.known_at, row.known_at, beating_since) < at - patience:
                found.append(row)
        return found
