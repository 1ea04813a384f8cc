"""Figures of what is answered, kept ready by hour and by day."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roles.tenancy import Owned


class ResponseCount(Owned):
    """What became of the assignments that were made in a span, by network of the mention.

    An assignment counts where it was made, whenever it was answered; `metrics` says what each count means.
    `first_response` is a histogram of the wall time from capture to first answer, in buckets that grow by 5 % from one
    second on; the place in the list is the bucket's number. `business_response` is the same in the business hours of
    the department, as they were when it was answered. `resolution` and `business_resolution` are those of the end.
    Those of days are packed, as `measurement.histogram` says.
    """

    network = models.CharField(max_length=40)
    assigned = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    resolved = models.PositiveIntegerField()
    unanswered = models.PositiveIntegerField(default=0)
    reopened = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = True


class HourlyResponses(ResponseCount):
    """What became of the assignments made in an hour, by department too."""

    hour = models.DateTimeField()
    department = models.ForeignKey("roles.Department", models.CASCADE, related_name="+")
    first_response = ArrayField(models.PositiveIntegerField(), default=list)
    business_response = ArrayField(models.PositiveIntegerField(), default=list)
    resolution = ArrayField(models.PositiveIntegerField(), default=list)
    business_resolution = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta(ResponseCount.Meta):
        abstract = False
        verbose_name_plural = "hourly responses"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "hour", "department", "network"],
                name="hourly_responses_once",
                include=["assigned"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.department}: {self.assigned}"


class DailyResponses(ResponseCount):
    """What became of the assignments made on a day of the organization's calendar: the sum of its hours.

    `department_id` 0 is all departments together.
    """

    day = models.DateField()
    department_id = models.BigIntegerField(default=0)
    first_response = models.BinaryField(default=bytes)
    business_response = models.BinaryField(default=bytes)
    resolution = models.BinaryField(default=bytes)
    business_resolution = models.BinaryField(default=bytes)

    class Meta(ResponseCount.Meta):
        abstract = False
        verbose_name_plural = "daily responses"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "department_id", "day", "network"], name="daily_responses_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network}: {self.assigned}"


class PromiseCount(Owned):
    """Promises that were kept, of the assignments made in a span, by network and kind; first responses stand elsewhere.

    A promise counts where its assignment was made, whenever it was kept. The histograms are as those of responses.
    """

    network = models.CharField(max_length=40)
    kind = models.CharField(max_length=14)
    kept = models.PositiveIntegerField()
    kept_in_time = models.PositiveIntegerField()

    class Meta(Owned.Meta):
        abstract = True


class HourlyPromises(PromiseCount):
    """Promises kept, of the assignments made in an hour, by department too."""

    hour = models.DateTimeField()
    department = models.ForeignKey("roles.Department", models.CASCADE, related_name="+")
    wait = ArrayField(models.PositiveIntegerField(), default=list)
    business_wait = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta(PromiseCount.Meta):
        abstract = False
        verbose_name_plural = "hourly promises"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "hour", "department", "network", "kind"], name="hourly_promises_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.kind}: {self.kept}"


class DailyPromises(PromiseCount):
    """Promises kept, of the assignments made on a day of the organization's calendar: the sum of its hours.

    `department_id` 0 is all departments together.
    """

    day = models.DateField()
    department_id = models.BigIntegerField(default=0)
    wait = models.BinaryField(default=bytes)
    business_wait = models.BinaryField(default=bytes)

    class Meta(PromiseCount.Meta):
        abstract = False
        verbose_name_plural = "daily promises"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "department_id", "day", "network", "kind"], name="daily_promises_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.kept}"
