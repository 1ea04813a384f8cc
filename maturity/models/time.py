"""Hours that were spent: what the application measured, and what people say of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.time_querysets import MeasuredTimeQuerySet, TimeEntryQuerySet
from roles.activities import Activity
from roles.tenancy import Owned, OwnedInBulk, OwnedManager
from roles.wording import listed


class LastSign(Owned):
    """When a member last gave a sign of work, and at what: from here on the next one is counted."""

    member = models.OneToOneField("roles.Member", models.CASCADE, related_name="+")
    at = models.DateTimeField()
    # Empty where the page was none of the five activities.
    activity = models.CharField(max_length=10, blank=True)

    class Meta(Owned.Meta):
        verbose_name = _("last sign")

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}"


class MeasuredTime(OwnedInBulk):
    """Seconds that a member worked at one activity on one day of the organization, as measured."""

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    activity = models.CharField(max_length=10, choices=Activity)
    seconds = models.FloatField()

    objects = OwnedManager.from_queryset(MeasuredTimeQuerySet)()  # type: ignore[assignment,misc]

    class Meta(OwnedInBulk.Meta):
        verbose_name = _("measured time")
        verbose_name_plural = _("measured time")
        constraints = [
            models.UniqueConstraint(fields=["member", "day", "activity"], name="measured_time_once"),
            models.CheckConstraint(condition=models.Q(seconds__gte=0), name="measured_time_is_time"),
        ]
        indexes = [models.Index(fields=["organization", "day"], name="measured_time_of_days")]

    def __str__(self) -> str:
        return listed([self.get_activity_display(), f"{self.day:%Y-%m-%d}"])


class TimeEntry(Owned):
    """What a member says of their time: minutes that no page could measure, or how far what was measured is off."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        CORRECTED = "corrected", _("corrected")

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    activity = models.CharField(_("activity"), max_length=10, choices=Activity)
    kind = models.CharField(max_length=9, choices=Kind)
    # Of a correction the difference, so that what is measured after it still counts.
    seconds = models.FloatField()
    entered_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(TimeEntryQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name = _("time entry")
        verbose_name_plural = _("time entries")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "day", "activity"],
                name="time_corrected_once",
                condition=models.Q(kind="corrected"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="corrected") | models.Q(seconds__gt=0), name="time_added_is_some"
            ),
        ]
        indexes = [models.Index(fields=["organization", "day"], name="time_entry_of_days")]

    def __str__(self) -> str:
        return listed([self.get_activity_display(), f"{self.day:%Y-%m-%d}"])
