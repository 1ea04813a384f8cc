"""Who knows what first-hand and writes well, whatever their title."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from maturity.expert_querysets import ExpertQuerySet
from roles.tenancy import Owned, OwnedManager


class Expert(Owned):
    """A member who knows something first-hand: what, how well they write, and how much time they may give."""

    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    knows = models.CharField(_("what they know first-hand"), max_length=300)
    writes_well = models.BooleanField(_("writes well"), default=False)
    is_ambassador = models.BooleanField(_("ambassador"), default=False)
    hours = models.DecimalField(
        _("hours a month they may give"),
        max_digits=4,
        decimal_places=1,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(200)],
    )
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ExpertQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "member"], name="expert_once")]

    def __str__(self) -> str:
        return str(self.member)


class ExpertTopic(Owned):
    """A topic that an expert knows first-hand."""

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="topics")
    topic = models.ForeignKey("listening.Topic", models.CASCADE, related_name="+")

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["expert", "topic"], name="expert_topic_once")]

    def __str__(self) -> str:
        return str(self.topic)
