"""Reads of surge plans that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import SurgePlan  # noqa: F401
    from roles.models import Department


class SurgePlanQuerySet(OwnedQuerySet["SurgePlan"]):
    """What the active organization prepared for more than usual."""

    def with_people(self) -> Self:
        """With department, warning and people read along."""
        return self.select_related(
            "department__organization", "warning", "planned_by__user", "on_by__user", "off_by__user", "target", "query"
        )

    def on(self) -> Self:
        """Those in force."""
        return self.filter(state="on")

    def holding_content(self, department: Department | None) -> Self:
        """Those in force for which what a department publishes waits; of the whole those for everything."""
        here = Q(department=None)
        if department is not None:
            here |= Q(department=department.pk) | Q(department__below__contains=[department.pk])
        return self.on().filter(here, holds_content=True)

    def holding_content_between(self, begins_at: datetime, ends_at: datetime) -> Self:
        """Those for which what is published waits between two moments: in force by then, or planned for then."""
        planned = Q(state="planned", trigger="by_time", starts_at__lt=ends_at)
        still = Q(ends_at=None) | Q(ends_at__gt=begins_at)
        return self.filter(planned | Q(state="on", on_at__lt=ends_at), still, holds_content=True)

    def due_to_begin(self, at: datetime) -> Self:
        """Those whose time has come."""
        return self.filter(state="planned", trigger="by_time", starts_at__lte=at)

    def due_to_end(self, at: datetime) -> Self:
        """Those in force whose time is over, by whatever they came."""
        return self.on().filter(Q(ends_at__lte=at))

    def waiting_for_a_warning(self) -> Self:
        """Those that a warning switches on."""
        return self.filter(state="planned", trigger="by_warning")

    def owing_a_promise(self) -> Self:
        """Those in force whose promise a level kept back when they began."""
        return self.on().filter(
            first_response_minutes__isnull=False, target=None, made_target=False, minutes_before=None
        )

    def on_by_a_warning(self) -> Self:
        """Those that a warning switched on."""
        return self.on().filter(trigger="by_warning", warning__isnull=False)
