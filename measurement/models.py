"""Figures kept ready: roll-ups by hour and by day that can be computed again for any window.

An hour begins when the organization's clock strikes, so that whole hours make up its days in every time zone.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roles.tenancy import Owned


class MentionCount(Owned):
    """How many mentions were captured in a span, by network and by query.

    `query_id` 0 counts each mention once, by network; other rows count it once for each query that matched.
    """

    network = models.CharField(max_length=40)
    query_id = models.BigIntegerField(default=0)
    captured = models.PositiveIntegerField()

    class Meta(Owned.Meta):
        abstract = True


class HourlyMentions(MentionCount):
    """Mentions captured in an hour."""

    hour = models.DateTimeField()

    class Meta(MentionCount.Meta):
        abstract = False
        verbose_name_plural = "hourly mentions"
        constraints = [
            models.UniqueConstraint(fields=["organization", "hour", "query_id", "network"], name="hourly_mentions_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.network}: {self.captured}"


class DailyMentions(MentionCount):
    """Mentions captured on a day of the organization's calendar: the sum of its hours."""

    day = models.DateField()

    class Meta(MentionCount.Meta):
        abstract = False
        verbose_name_plural = "daily mentions"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "query_id", "network"], name="daily_mentions_once", include=["captured"]
            )
        ]
        indexes = [
            models.Index(
                fields=["organization", "query_id", "day"], name="daily_mentions_query", include=["network", "captured"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network}: {self.captured}"


class ResponseCount(Owned):
    """What became of the assignments that were made in a span, by network of the mention.

    An assignment counts where it was made, whenever it was answered; `metrics` says what each count means.
    `first_response` is a histogram of the wall time from capture to first answer, in buckets that grow by 5 % from one
    second on; the place in the list is the bucket's number. `business_response` is the same in the business hours of
    the department, as they were when it was answered.
    """

    network = models.CharField(max_length=40)
    assigned = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    resolved = models.PositiveIntegerField()
    first_response = ArrayField(models.PositiveIntegerField(), default=list)
    business_response = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta(Owned.Meta):
        abstract = True


class HourlyResponses(ResponseCount):
    """What became of the assignments made in an hour, by department too."""

    hour = models.DateTimeField()
    department = models.ForeignKey("roles.Department", models.CASCADE, related_name="+")

    class Meta(ResponseCount.Meta):
        abstract = False
        verbose_name_plural = "hourly responses"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "hour", "department", "network"], name="hourly_responses_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.department}: {self.assigned}"


class DailyResponses(ResponseCount):
    """What became of the assignments made on a day of the organization's calendar: the sum of its hours."""

    day = models.DateField()

    class Meta(ResponseCount.Meta):
        abstract = False
        verbose_name_plural = "daily responses"
        constraints = [models.UniqueConstraint(fields=["organization", "day", "network"], name="daily_responses_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.network}: {self.assigned}"


class StaleHour(Owned):
    """A mark: the roll-ups of this hour no longer agree with the rows; a worker computes them again.

    One row for each mark and no key over the hour: whoever changes something never waits for another who does, and a
    mark that is made while its hour is computed is a row of its own, which stays.
    """

    hour = models.DateTimeField()
    marked_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "hour"], name="stale_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h"


class RollUp(Owned):
    """How far the roll-ups are: in which time zone the days were cut, and when they were computed last."""

    time_zone = models.CharField(max_length=60)
    computed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        verbose_name = "roll-up"
        constraints = [models.UniqueConstraint(fields=["organization"], name="roll_up_once")]

    def __str__(self) -> str:
        return f"{self.time_zone}, {self.computed_at:%Y-%m-%d %H:%M}"
