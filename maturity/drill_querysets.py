"""Reads of drills that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Drill  # noqa: F401


class DrillQuerySet(OwnedQuerySet["Drill"]):
    """Drills of the active organization."""

    def with_people(self) -> Self:
        """With who wrote and who started it."""
        return self.select_related("written_by__user", "started_by__user")

    def over(self) -> Self:
        """Those that have ended, the newest first."""
        return self.filter(state="over").order_by("-ended_at", "-pk")

    def due(self, at: datetime) -> Self:
        """Those under way of which the next line, or the end, has come."""
        return self.filter(state="playing", next_at__lte=at)
