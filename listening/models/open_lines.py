"""Connections to networks that stay open, so that a source is read as soon as something happens there."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from roles.tenancy import Owned


class OpenLine(Owned):
    """What became of keeping a line open for one source: a hint, for polls find everything all the same."""

    source = models.OneToOneField("listening.Source", models.CASCADE, related_name="open_line")
    # Since when the network's server listens to us; empty while there is no line.
    opened_at = models.DateTimeField(null=True)
    last_hint_at = models.DateTimeField(null=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    problem = models.CharField(max_length=300, blank=True)
    # Which process holds it; several may run, and one that dies holds nothing for long.
    lease_until = models.DateTimeField(null=True)
    lease_key = models.CharField(max_length=36, blank=True)

    def __str__(self) -> str:
        return str(self.source)

    def is_open(self, at: datetime) -> bool:
        """Whether a living process holds it and the server accepted it."""
        return self.opened_at is not None and self.lease_until is not None and self.lease_until > at
