"""How long answers took by the hour at which their assignments were made, kept ready by day."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class DailyWaits(Owned):
    """First responses to the assignments that were made on a day, by the hour in which each was made.

    Only steps that hold something are kept, packed as `measurement.waits` says: of the 168 hours of the week a median
    is told of any days. `department_id` 0 is all departments together.
    """

    day = models.DateField()
    department_id = models.BigIntegerField(default=0)
    network = models.CharField(max_length=40)
    first_response = models.BinaryField(default=bytes)

    class Meta(Owned.Meta):
        verbose_name_plural = "daily waits"
        constraints = [
            models.UniqueConstraint(fields=["organization", "department_id", "day", "network"], name="daily_waits_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network}"
