"""Reads of the huddle that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import HuddleEntry  # noqa: F401


class HuddleEntryQuerySet(OwnedQuerySet["HuddleEntry"]):
    """What the coaches of the active organization told each other."""

    def standing(self) -> Self:
        """Those that nobody has withdrawn."""
        return self.filter(withdrawn_at=None)

    def between(self, since: datetime, until: datetime) -> Self:
        """Those noted in a span, the oldest first."""
        return self.filter(noted_at__gte=since, noted_at__lt=until).order_by("pk")

    def with_everything(self) -> Self:
        """With who noted them, department and mention."""
        return self.select_related("noted_by__user", "department", "mention__post__author")
