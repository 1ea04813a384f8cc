"""The hours that are planned for a place, beside those that were spent there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from maturity.budgeting import Plan, add_up
from maturity.models import Activity, BudgetedTime
from maturity.spent import Actual, actual
from maturity.teams import may_see_total
from roles.levels import level_of
from roles.models import Department, Member


@dataclass(frozen=True)
class Beside:
    """Hours a week by activity: as planned, and as spent on average of the last whole weeks, where that may be told."""

    plan: Plan
    spent: Actual | None
    is_hidden: bool

    @property
    def planned(self) -> dict[str, float]:
        """The hours that are planned, by activity."""
        return {activity.value: self.plan.of_activity(activity) for activity in Activity}

    @property
    def why_not(self) -> str:
        """Why nothing spent is told; empty where something is."""
        if self.is_hidden:
            return _(
                "So few people work here that a total would be somebody's own time. It is theirs and their coaches' to"
                " see."
            )
        if self.spent is None:
            return _(
                "No time is measured yet. It is measured while people work on the pages, and stands here from the end"
                " of their first week on."
            )
        return ""


def beside(department: Department | None, rows: Sequence[BudgetedTime], viewer: Member, *, today: date) -> Beside:
    """Lay what is planned for a department with all below it, or for the whole, beside what was spent."""
    may_see = may_see_total(viewer, department)
    return Beside(plan_of(department, rows), actual(today, department) if may_see else None, is_hidden=not may_see)


def plan_of(department: Department | None, rows: Sequence[BudgetedTime]) -> Plan:
    """What the rows of a place come to."""
    people = {row.member_id for row in rows if row.member_id}
    hours = add_up((row.line, row.activity, float(row.hours)) for row in rows)
    nameless = any(row.member_id is None for row in rows)
    return Plan(hours, len(people), level_of(department), has_nameless=nameless)
