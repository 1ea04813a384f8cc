"""What is left of networks' limits, shared by all workers."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from listening.connection_querysets import RateLimitQuerySet


class RateLimit(models.Model):
    """What is left of one limit of a network: for a connection, or for whoever asks a server from here."""

    network = models.CharField(max_length=40)
    connection = models.ForeignKey("listening.Connection", models.CASCADE, null=True, related_name="rates")
    # The server, where nobody is signed in.
    host = models.CharField(max_length=255, blank=True)
    # Which of the network's limits, and which of several for the same calls.
    bucket = models.CharField(max_length=80, blank=True)
    policy = models.CharField(max_length=80, blank=True)
    most = models.FloatField(null=True)
    # Unknown until the network says it.
    remaining = models.FloatField(null=True)
    resets_at = models.DateTimeField(null=True)
    window_seconds = models.FloatField(null=True)
    # It is said in percent: a call takes what the network says afterwards.
    is_share = models.BooleanField(default=False)
    # The network asked to wait until then.
    closed_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField()

    objects = RateLimitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "connection", "host", "bucket", "policy"],
                name="rate_limit_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.bucket} {self.policy}".strip()

    def is_closed(self, at: datetime) -> bool:
        """Whether the network asked to wait longer than that."""
        return self.closed_until is not None and self.closed_until > at

    def is_full_again(self, at: datetime) -> bool:
        """Whether its window has ended, so that all of it is there again."""
        return self.resets_at is not None and self.resets_at <= at

    def left(self, at: datetime) -> float | None:
        """How much is left at a moment; None where nobody knows."""
        return self.most if self.is_full_again(at) else self.remaining

    def opens_at(self, at: datetime, *, cost: float = 1) -> datetime | None:
        """From when so much may be asked; None for now."""
        if self.is_closed(at):
            return self.closed_until
        left = self.left(at)
        if left is None or left >= cost or self.is_full_again(at):
            return None
        return self.resets_at
