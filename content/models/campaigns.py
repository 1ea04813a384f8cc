"""What holds pieces together for some weeks: campaigns, and events that they lead to."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.campaign_querysets import CampaignQuerySet
from roles.tenancy import Owned, OwnedManager


class Campaign(Owned):
    """Pieces with one goal between two days, or an event in view of which one speaks; a band on the calendar."""

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", _("Campaign")
        EVENT = "event", _("Event")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.CAMPAIGN)
    goal = models.TextField(_("goal"), max_length=2000, blank=True)
    begins_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    # One of the eight colours that pictures tell apart in both themes.
    colour = models.PositiveSmallIntegerField(
        _("colour"), default=1, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    department = models.ForeignKey(
        "roles.Department", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(CampaignQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("begins_on")),
                name="campaign_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
        ]
        indexes = [models.Index(fields=["organization", "begins_on", "ends_on"], name="campaign_days")]

    def __str__(self) -> str:
        return self.name
