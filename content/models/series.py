"""Pieces that follow each other under one name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Series(Owned):
    """Pieces that follow each other under one name, each with its number; `promise` is what readers may expect."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ENDED = "ended", _("Ended")

    name = models.CharField(_("name"), max_length=120)
    promise = models.TextField(_("what readers may expect"), max_length=2000, blank=True)
    department = models.ForeignKey(
        "roles.Department", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    state = models.CharField(_("state"), max_length=5, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["organization", "state", "name"], name="series_by_name")]

    def __str__(self) -> str:
        return self.name
