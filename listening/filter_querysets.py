"""Reads of saved filters that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import F, Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from listening.models import SavedFilter  # noqa: F401
    from roles.models import Member


class SavedFilterQuerySet(OwnedQuerySet["SavedFilter"]):
    """Saved filters of the active organization."""

    def visible_to(self, member: Member) -> Self:
        """The member's own, everyone's, and those of the departments in which the member holds a position."""
        departments = member.reach
        theirs = Q() if None in departments else Q(department=None) | Q(department__in=departments)
        return self.filter(Q(owner=member) | Q(owner=None)).filter(theirs)

    def in_order(self) -> Self:
        """Shared ones first, then one's own, each as they were put."""
        return self.order_by(F("owner").asc(nulls_first=True), "position", "pk")
