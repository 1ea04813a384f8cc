"""Reads of absences that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from roles.models import Absence  # noqa: F401


class AbsenceQuerySet(OwnedQuerySet["Absence"]):
    """Absences of the active organization."""

    def not_over(self, at: datetime) -> Self:
        """Those that have not ended, begun or planned."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at))

    def going_on(self, at: datetime) -> Self:
        """Those that have begun and have not ended."""
        return self.not_over(at).filter(is_begun=True)

    def planned(self) -> Self:
        """Those that have not begun, the next first."""
        return self.filter(is_begun=False).order_by("begins_at", "pk")

    def between(self, begins_at: datetime, ends_at: datetime) -> Self:
        """Those that share a moment with a span, begun or planned."""
        return self.not_over(begins_at).filter(begins_at__lt=ends_at)

    def with_people(self) -> Self:
        """With member and whoever stands in read along."""
        return self.select_related("member__user", "stand_in__user")
