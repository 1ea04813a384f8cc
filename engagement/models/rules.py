"""Who is meant to answer what."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from listening.languages import language_name
from listening.models import Mention
from roles.tenancy import Owned


class Priority(models.IntegerChoices):
    """How urgent an assignment is; the queue shows the urgent ones first."""

    URGENT = 1, _("Urgent")
    HIGH = 2, _("High")
    NORMAL = 3, _("Normal")
    LOW = 4, _("Low")


class RoutingRule(Owned):
    """Condition and actions; the first active rule in order whose every stated condition holds decides."""

    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    # Conditions; what is empty does not matter.
    query = models.ForeignKey(
        "listening.TrackingQuery", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("query")
    )
    source = models.ForeignKey(
        "listening.Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    network = models.CharField(_("network"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    sentiment = models.SmallIntegerField(_("sentiment"), null=True, blank=True, choices=Mention.Sentiment)
    topic = models.ForeignKey(
        "listening.Topic", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    words = models.CharField(
        _("words"), max_length=1000, blank=True, help_text=_("In the language of tracking queries.")
    )

    # Actions.
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, related_name="routing_rules", verbose_name=_("department")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    # In short: first response within so many minutes, and all else as in the target that applies.
    response_minutes = models.PositiveIntegerField(
        _("first response within (minutes)"),
        null=True,
        blank=True,
        help_text=_("Empty: as the response target says."),
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta(Owned.Meta):
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def has_conditions(self) -> bool:
        """Whether it states any condition; one that states none takes everything."""
        stated = (self.query_id, self.source_id, self.network, self.language, self.topic_id, self.words)
        return any(stated) or self.sentiment is not None

    @property
    def language_name(self) -> str:
        """The language that it asks for, in words."""
        return language_name(self.language)
