"""What surge plans in force keep from happening elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from content.holding import holds_back
from content.meanwhile import Meanwhile, goes_on_meanwhile
from maturity.models import SurgePlan
from roles.models import Department
from roles.statements import Statement


@goes_on_meanwhile
def surges_hold_content(begins_at: datetime, ends_at: datetime) -> list[Meanwhile]:
    """Which plans let what is published wait between two moments: those in force, and those whose time is set."""
    said = _("The surge plan “%(plan)s” lets it wait.")
    return [
        Meanwhile(
            on_at or starts_at or begins_at,
            until,
            said % {"plan": title},
            None if department is None else frozenset({department, *below}),
        )
        for title, on_at, starts_at, until, department, below in _PLANS.rows(begins=begins_at, ends=ends_at)
    ]


def _plans(*, begins: datetime, ends: datetime) -> QuerySet[SurgePlan, Any]:
    rows = SurgePlan.objects.holding_content_between(begins, ends)
    about = ("title", "on_at", "starts_at", "ends_at", "department", "department__below")
    found: QuerySet[SurgePlan, Any] = rows.values_list(*about)
    return found


_PLANS = Statement(_plans)


@holds_back
def a_surge_is_on(department: Department | None, at: datetime) -> str:
    """Say which plan in force has what is published wait."""
    plan = SurgePlan.objects.holding_content(department).order_by("pk").first()
    return _("The surge plan “%(plan)s” is in force.") % {"plan": plan} if plan else ""
