"""Reads of experts that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Expert  # noqa: F401


class ExpertQuerySet(OwnedQuerySet["Expert"]):
    """Those in the active organization who know something first-hand."""

    def standing(self) -> Self:
        """Those who are here and on the list."""
        return self.filter(dropped_at=None, member__is_active=True)

    def on(self, topic_id: int) -> Self:
        """Those who know a topic."""
        return self.filter(topics__topic=topic_id)

    def with_everything(self) -> Self:
        """With the people and their topics, in the order of names."""
        rows = self.select_related("member__user").prefetch_related("topics__topic", "member__positions__department")
        return rows.order_by("member__user__name", "pk")
