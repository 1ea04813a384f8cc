"""Reads of budgeted time that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import BudgetedTime  # noqa: F401
    from roles.models import Department


class BudgetedTimeQuerySet(OwnedQuerySet["BudgetedTime"]):
    """Hours a week of the active organization."""

    def of(self, department: Department | None) -> Self:
        """Those of a department and of all below it; without one, of everything."""
        rows = self if department is None else self.filter(department__in=department.with_below)
        return rows.select_related("department", "member__user").order_by(
            "department__name", "line", "member__user__name", "pk"
        )
