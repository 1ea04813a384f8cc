"""Reads of calendars that have a name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from roles.models import Calendar, Holiday  # noqa: F401


class CalendarQuerySet(OwnedQuerySet["Calendar"]):
    """Calendars of the active organization."""

    def by_name(self) -> Self:
        """The default one first, then in the order of names."""
        return self.order_by("-is_default", "name", "pk")

    def with_hours(self) -> Self:
        """With opening hours and holidays read along."""
        return self.prefetch_related("open_hours", "holidays")


class HolidayQuerySet(OwnedQuerySet["Holiday"]):
    """Holidays of the active organization."""

    def to_come(self, day: date) -> Self:
        """Those that are on a day or after it, the yearly ones whenever they began; in the order of their days."""
        return self.filter(Q(day__gte=day) | Q(is_yearly=True)).order_by("day", "pk")
