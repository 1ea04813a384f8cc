"""Reads of the inventory that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Presence  # noqa: F401


class PresenceQuerySet(OwnedQuerySet["Presence"]):
    """Places in the inventory of the active organization."""

    def standing(self) -> Self:
        """Those that nobody has taken off."""
        return self.filter(dropped_at=None)

    def with_everything(self) -> Self:
        """With department, who looks after each, and the source it lies in."""
        return self.select_related("department", "member__user", "source")

    def by_name(self) -> Self:
        """In the order of names."""
        return self.order_by("name", "pk")
