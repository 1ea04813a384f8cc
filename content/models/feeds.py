"""The calendar outside these pages: an address for calendar programs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class CalendarFeed(Owned):
    """An address under which calendar programs read what a member has planned, or, without one, all of the calendar."""

    member = models.ForeignKey("roles.Member", models.CASCADE, null=True, related_name="+")
    # Only this is kept of the address: who reads the table cannot read the calendar.
    feed_digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name = _("calendar feed")
        constraints = [
            models.UniqueConstraint(fields=["organization", "member"], name="calendar_feed_once", nulls_distinct=False),
            models.UniqueConstraint(
                fields=["feed_digest"], name="calendar_feed_address", condition=~models.Q(feed_digest="")
            ),
        ]

    def __str__(self) -> str:
        return str(self.member or _("everybody"))
