"""The cadence: hours of the week that people commit to an activity, by the organization's clock."""

from __future__ import annotations

from datetime import datetime, time

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.activities import Activity
from roles.models.calendars import Weekday
from roles.models.people import Member
from roles.querysets import TimeBlockQuerySet
from roles.tenancy import Owned, OwnedManager, active_organization
from roles.wording import listed


class TimeBlock(Owned):
    """Hours of a weekday that a member commits to an activity; by those for responding work comes to them by itself."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="time_blocks")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    activity = models.CharField(
        _("activity"), max_length=10, choices=Activity, default=Activity.RESPONDING, db_default=Activity.RESPONDING
    )
    begins = models.TimeField(_("from"))
    # At or before the beginning: on the next day.
    ends = models.TimeField(_("until"))
    # From this day on; empty where nobody remembers.
    since = models.DateField(null=True, blank=True)

    objects = OwnedManager.from_queryset(TimeBlockQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["weekday", "begins"]
        constraints = [
            models.UniqueConstraint(fields=["member", "weekday", "begins"], name="time_block_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="time_block_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.begins:%H:%M}–{self.ends:%H:%M}"

    @property
    def is_for_answering(self) -> bool:
        """Whether work comes to the member by itself in it."""
        return self.activity == Activity.RESPONDING

    @property
    def said(self) -> str:
        """Its hours, and what they are for where that is not answering."""
        return str(self) if self.is_for_answering else listed([self, self.get_activity_display()])

    def covers(self, at: datetime) -> bool:
        """Whether a moment lies in the block, by the clock on the organization's wall."""
        day, now = wall(at)
        if self.ends > self.begins:
            return self.weekday == day and self.begins <= now < self.ends
        return (self.weekday == day and now >= self.begins) or (self.weekday == day_before(day) and now < self.ends)


def wall(at: datetime) -> tuple[int, time]:
    """The weekday and time that the organization's clock shows."""
    local = at.astimezone(active_organization().zone)
    return local.weekday(), local.time()


def day_before(day: int) -> int:
    """The weekday before."""
    return (day - 1) % 7
