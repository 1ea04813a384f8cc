"""Figures kept ready: hourly roll-ups that can be computed again for any window."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roles.tenancy import Owned


class HourlyMentions(Owned):
    """How many mentions were captured in an hour (UTC), by network and by query.

    `query_id` 0 counts each mention once, by network; other rows count it once for each query that matched.
    """

    hour = models.DateTimeField()
    network = models.CharField(max_length=40)
    query_id = models.BigIntegerField(default=0)
    captured = models.PositiveIntegerField()

    class Meta(Owned.Meta):
        verbose_name_plural = "hourly mentions"
        constraints = [
            models.UniqueConstraint(fields=["organization", "hour", "query_id", "network"], name="hourly_mentions_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.network}: {self.captured}"


class HourlyResponses(Owned):
    """What became of the assignments made in an hour (UTC), by department.

    `first_response` is a histogram of wall time from capture to first answer, in buckets that grow by 5 % from one
    second on; the place in the list is the bucket's number.
    """

    hour = models.DateTimeField()
    department = models.ForeignKey("roles.Department", models.CASCADE, related_name="+")
    assigned = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    resolved = models.PositiveIntegerField()
    first_response = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta(Owned.Meta):
        verbose_name_plural = "hourly responses"
        constraints = [
            models.UniqueConstraint(fields=["organization", "hour", "department"], name="hourly_responses_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.department}: {self.assigned}"


class StaleHour(Owned):
    """An hour whose roll-ups no longer agree with the rows; a worker computes them again."""

    hour = models.DateTimeField()
    marked_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "hour"], name="stale_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h"
