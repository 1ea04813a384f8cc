"""What a member wants of their cadence: an address for their own calendar, and to be reminded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class CadenceSetting(Owned):
    """How the cadence of a member reaches them outside these pages."""

    member = models.OneToOneField("roles.Member", models.CASCADE, related_name="+")
    # Of the address of the feed only this is kept: who reads the table cannot read the calendar.
    feed_digest = models.CharField(max_length=64, blank=True)
    feed_made_at = models.DateTimeField(null=True)
    remind_minutes = models.PositiveSmallIntegerField(_("remind me"), null=True, blank=True)

    class Meta(Owned.Meta):
        verbose_name = _("cadence setting")
        constraints = [
            models.UniqueConstraint(
                fields=["feed_digest"], name="cadence_feed_once", condition=~models.Q(feed_digest="")
            )
        ]

    def __str__(self) -> str:
        return str(self.member)
