"""What we promised ourselves and others: how often a channel says something."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class CadenceCommitment(Owned):
    """So many publications a week on a channel, from a day on until it is ended: who promised it, and since when."""

    channel = models.ForeignKey(
        "listening.Channel", models.CASCADE, related_name="commitments", verbose_name=_("channel")
    )
    per_week = models.PositiveSmallIntegerField(
        _("times a week"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    since = models.DateField(_("from"))
    # The last day on which it held.
    until = models.DateField(_("until"), null=True, blank=True)
    promised_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    promised_at = models.DateTimeField()

    class Meta(Owned.Meta):
        verbose_name = _("cadence commitment")
        constraints = [
            models.UniqueConstraint(fields=["channel"], name="commitment_one_in_force", condition=models.Q(until=None)),
        ]

    def __str__(self) -> str:
        return f"{self.channel.name}: {self.per_week}"
