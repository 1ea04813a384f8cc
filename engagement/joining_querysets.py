"""Reads of joined and started conversations that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Count, Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Joining, Starter  # noqa: F401


class JoiningQuerySet(OwnedQuerySet["Joining"]):
    """Joined conversations of the active organization."""

    def since(self, at: datetime) -> Self:
        """Joined since then."""
        return self.filter(joined_at__gte=at)

    def that_count(self) -> Self:
        """Those in which something was said, or still may be."""
        return self.exclude(assignment__state="resolved", assignment__first_answered_at=None)

    def by_step(self) -> dict[str, int]:
        """How many along each step."""
        rows = self.order_by().values_list("step").annotate(number=Count("pk"))
        return dict(rows)

    def by_community(self) -> list[tuple[str, int | None, str, int]]:
        """(network, source, step, how many) for each."""
        rows = self.order_by().values_list("assignment__mention__network", "assignment__mention__source", "step")
        return list(rows.annotate(number=Count("pk")))


class StarterQuerySet(OwnedQuerySet["Starter"]):
    """Conversations of the active organization that are to be started."""

    def started_since(self, at: datetime) -> Self:
        """Those that were started since then."""
        return self.filter(state="started", ended_at__gte=at)

    def by_step(self) -> dict[str, int]:
        """How many along each step."""
        return dict(self.order_by().values_list("step").annotate(number=Count("pk")))

    def by_community(self) -> list[tuple[int | None, str, int]]:
        """(source, step, how many) for each."""
        return list(self.order_by().values_list("community", "step").annotate(number=Count("pk")))

    def shown(self, *, ended: bool) -> Self:
        """Those that are planned, or those at their end, the newest first."""
        narrowed = self.filter(~Q(state="planned") if ended else Q(state="planned"))
        return narrowed.select_related("owner__user", "community").order_by("-pk")
