"""What surge plans in force keep from happening elsewhere."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from content.holding import holds_back
from content.meanwhile import Meanwhile, goes_on_meanwhile, reach_of
from maturity.models import SurgePlan
from roles.models import Department


@goes_on_meanwhile
def surges_hold_content(begins_at: datetime, ends_at: datetime) -> list[Meanwhile]:
    """Which plans let what is published wait between two moments: those in force, and those whose time is set."""
    plans = SurgePlan.objects.holding_content_between(begins_at, ends_at).select_related("department__organization")
    said = _("The surge plan “%(plan)s” lets it wait.")
    return [
        Meanwhile(
            plan.on_at or plan.starts_at or begins_at, plan.ends_at, said % {"plan": plan}, reach_of(plan.department)
        )
        for plan in plans
    ]


@holds_back
def a_surge_is_on(department: Department | None, at: datetime) -> str:
    """Say which plan in force has what is published wait."""
    plan = SurgePlan.objects.holding_content(department).order_by("pk").first()
    return _("The surge plan “%(plan)s” is in force.") % {"plan": plan} if plan else ""
