"""What surge plans in force keep from happening elsewhere."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from content.holding import holds_back
from maturity.models import SurgePlan
from roles.models import Department


@holds_back
def a_surge_is_on(department: Department | None, at: datetime) -> str:
    """Say which plan in force has what is published wait."""
    plan = SurgePlan.objects.holding_content(department).order_by("pk").first()
    return _("The surge plan “%(plan)s” is in force.") % {"plan": plan} if plan else ""
