"""Reads of goals that have a name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.db.models import F, Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Goal  # noqa: F401

# Of a canvas or a goal: its day of review has come, and nobody was reminded of that day.


def to_review(day: date) -> Q:
    """The condition that a day of review has come of which nobody was reminded yet."""
    return Q(review_on__lte=day) & (Q(reminded_of=None) | ~Q(reminded_of=F("review_on")))


class GoalQuerySet(OwnedQuerySet["Goal"]):
    """Goals of the active organization."""

    def open(self) -> Self:
        """Those that are pursued."""
        return self.filter(ended_at=None)

    def in_order(self) -> Self:
        """Those that are due first before the others."""
        return self.order_by("reach_by", "pk")

    def with_everything(self) -> Self:
        """With department, owner, the goal that each serves, and its figures so far."""
        return self.select_related("department__organization", "owner__user", "under").prefetch_related("figures")

    def to_be_counted(self, day: date) -> Self:
        """Those pursued whose figure was not kept for a week."""
        return self.open().exclude(figures__day__gt=day - timedelta(days=7))
