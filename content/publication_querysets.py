"""Reads of publications that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from roles.tenancy import OwnedQuerySet


class PublicationQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Publications of the active organization."""

    def under_way(self) -> Self:
        """Those that may still go out, or may have gone out without our knowing."""
        from content.models.publications import UNDER_WAY

        return self.filter(state__in=UNDER_WAY)

    def between(self, begins: datetime, ends: datetime) -> Self:
        """Those due from one moment until before another."""
        return self.filter(due_at__gte=begins, due_at__lt=ends)

    def on_calendar(self) -> Self:
        """Leave out what was taken off the plan."""
        return self.exclude(state="cancelled")

    def with_everything(self) -> Self:
        """Bring along what a page shows of each."""
        return self.select_related(
            "channel", "planned_by__user", "owner__user", "variant__piece__author__user", "variant__piece__department",
            "variant__piece__campaign", "variant__piece__topic", "variant__channel",
        )  # fmt: skip
