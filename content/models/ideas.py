"""What we may say one day: ideas."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Idea(Owned):
    """A thought for something to publish, perhaps straight from a mention."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        USED = "used", _("Made a piece of")
        DROPPED = "dropped", _("Dropped")

    text = models.TextField(_("idea"), max_length=2000)
    mention = models.ForeignKey("listening.Mention", models.SET_NULL, null=True, blank=True, related_name="ideas")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    noted_at = models.DateTimeField(_("noted at"))
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "state", "-id"], name="idea_newest")]

    def __str__(self) -> str:
        return self.text[:80]
