"""Conversations that we joined of our own accord, those we mean to start, and how much of it may be about ourselves."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.joining_querysets import JoiningQuerySet, StarterQuerySet
from roles.tenancy import Owned, OwnedManager


class Step(models.TextChoices):
    """The seven steps, from listening to promotion; each is earned by those before it."""

    LISTEN = "listen", _("Listen")
    LEARN = "learn", _("Learn")
    PROVIDE_VALUE = "provide_value", _("Provide value")
    ENGAGE = "engage", _("Engage")
    PROMOTE_OTHERS = "promote_others", _("Promote others")
    SHARE_ABOUT_YOU = "share_about_you", _("Share about us")
    PROMOTE = "promote", _("Promote")


# What one gives, and what one asks for; listening and learning are neither.
GIVEN = (Step.PROVIDE_VALUE, Step.ENGAGE, Step.PROMOTE_OTHERS)
ASKED_FOR = (Step.SHARE_ABOUT_YOU, Step.PROMOTE)


class PromotionPolicy(Owned):
    """How much of what we say of our own accord may be about ourselves, over how long a time."""

    most_percent = models.PositiveSmallIntegerField(
        _("at most this much may be about ourselves (%)"),
        default=20,
        validators=[MaxValueValidator(100)],
    )
    window_days = models.PositiveSmallIntegerField(
        _("counted over this many days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )

    class Meta(Owned.Meta):
        verbose_name_plural = "promotion policies"
        constraints = [models.UniqueConstraint(fields=["organization"], name="promotion_policy_one")]

    def __str__(self) -> str:
        return str(_("Promotion policy"))


class Joining(Owned):
    """A conversation of others that somebody joined, and along which step."""

    assignment = models.OneToOneField("engagement.Assignment", models.CASCADE, related_name="joining")
    step = models.CharField(_("step"), max_length=15, choices=Step)
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(JoiningQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "-joined_at"], name="joining_newest")]

    def __str__(self) -> str:
        return str(self.assignment)


class Starter(Owned):
    """A conversation that we mean to start: with what, where, by whom, and what came of it."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        STARTED = "started", _("Started")
        DROPPED = "dropped", _("Dropped")

    text = models.TextField(_("what starts it"), max_length=2000)
    community = models.ForeignKey("listening.Source", models.SET_NULL, null=True, blank=True, related_name="+")
    owner = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    step = models.CharField(_("step"), max_length=15, choices=Step, default=Step.ENGAGE)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.PLANNED)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    url = models.URLField(_("where it stands"), max_length=1000, blank=True)
    outcome = models.TextField(_("what came of it"), max_length=2000, blank=True)

    objects = OwnedManager.from_queryset(StarterQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "state", "-id"], name="starter_newest")]

    def __str__(self) -> str:
        return self.text[:80]
