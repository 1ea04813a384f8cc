"""The times of the week at which our channels usually say something."""

from __future__ import annotations

from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned
from roles.wording import labelled, listed


class Slot(Owned):
    """A day of the week and what a clock shows there, at which a channel usually says something."""

    channel = models.ForeignKey("listening.Channel", models.CASCADE, related_name="slots", verbose_name=_("channel"))
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=list(WEEKDAYS.items()))
    at_time = models.TimeField(_("time"))
    zone = models.CharField(_("time zone"), max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "weekday", "at_time", "zone"],
                name="slot_once",
                violation_error_message=_("The channel has this slot already."),
            ),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="slot_on_a_weekday"),
        ]

    def __str__(self) -> str:
        return labelled(self.channel.name, f"{listed([WEEKDAYS[self.weekday], f'{self.at_time:%H:%M}'])} ({self.zone})")
