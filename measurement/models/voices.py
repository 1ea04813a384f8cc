"""Whom we compare ourselves with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Voice(Owned):
    """A tracking query that is compared in the share of voice: it stands for us, or for a competitor."""

    query = models.ForeignKey("listening.TrackingQuery", models.CASCADE, related_name="+")
    is_ours = models.BooleanField(_("stands for us"), default=False)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["query"], name="voice_once")]

    def __str__(self) -> str:
        return str(self.query)
