"""How sources fared day by day, and what is told to us without our asking."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class SourceDay(Owned):
    """How often a source was polled on one day of the organization, and with what outcome."""

    source = models.ForeignKey("listening.Source", models.CASCADE, related_name="days")
    day = models.DateField()
    well = models.PositiveIntegerField(default=0)
    rate_limited = models.PositiveIntegerField(default=0)
    unreachable = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="source_day_once")]
        indexes = [models.Index(fields=["day"], name="source_day_old")]

    def __str__(self) -> str:
        return f"{self.source} {self.day}"


def _key() -> str:
    return secrets.token_urlsafe(32)


class Subscription(Owned):
    """A hub's promise to tell us when a source says something new; polls go on, in case it forgets."""

    class State(models.TextChoices):
        WANTED = "wanted", _("To be asked for")
        ASKED = "asked", _("Asked for, not confirmed yet")
        ACTIVE = "active", _("Active")
        DENIED = "denied", _("Denied by the hub")

    source = models.OneToOneField("listening.Source", models.CASCADE, related_name="subscription")
    hub = models.CharField(max_length=2000)
    topic = models.CharField(max_length=2000)
    # Part of the address that the hub calls: who does not know it cannot find it.
    key = models.CharField(max_length=64, unique=True, default=_key, editable=False)
    secret = models.CharField(max_length=64, default=_key, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.WANTED)
    problem = models.CharField(max_length=300, blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    last_push_at = models.DateTimeField(null=True)
    forged = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["next_attempt_at"], name="subscription_due")]

    def __str__(self) -> str:
        return f"{self.source} ({self.hub})"


class Push(Owned):
    """What a hub told us, word for word, kept before it was thanked for."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="pushes")
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    content_type = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta(Owned.Meta):
        verbose_name_plural = "pushes"
        constraints = [models.UniqueConstraint(fields=["subscription", "digest"], name="push_once")]
        indexes = [models.Index(fields=["received_at"], name="push_waiting", condition=models.Q(taken_at=None))]

    def __str__(self) -> str:
        return f"{self.subscription} {self.received_at:%Y-%m-%d %H:%M}"
