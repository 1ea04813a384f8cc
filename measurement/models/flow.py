"""What came and what ended, kept ready by hour and by day, so that what lay there at any moment can be added up."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class FlowCount(Owned):
    """How many assignments were made in a span and how many were resolved in it, by network.

    `came_made` and `ended_made` are the moments at which these were made, in seconds since 1970, added up: the mean
    age of what lies there at a moment follows from them.
    """

    network = models.CharField(max_length=40)
    came = models.PositiveIntegerField()
    came_made = models.BigIntegerField()
    ended = models.PositiveIntegerField()
    ended_made = models.BigIntegerField()

    class Meta(Owned.Meta):
        abstract = True


class HourlyFlow(FlowCount):
    """What came and what ended in an hour, by department too."""

    hour = models.DateTimeField()
    department = models.ForeignKey("roles.Department", models.CASCADE, related_name="+")

    class Meta(FlowCount.Meta):
        abstract = False
        verbose_name_plural = "hourly flow"
        constraints = [
            models.UniqueConstraint(fields=["organization", "hour", "department", "network"], name="hourly_flow_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h: {self.came}, {self.ended}"


class DailyFlow(FlowCount):
    """What came and what ended on a day of the organization's calendar: the sum of its hours.

    `department_id` 0 is all departments together.
    """

    day = models.DateField()
    department_id = models.BigIntegerField(default=0)

    class Meta(FlowCount.Meta):
        abstract = False
        verbose_name_plural = "daily flow"
        constraints = [
            models.UniqueConstraint(fields=["organization", "department_id", "day", "network"], name="daily_flow_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.came}, {self.ended}"
