"""What of a surge plan a level has not opened: it would come into force without it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from maturity.models import SurgePlan
from roles.levels import ASSIGNMENTS, closed_among, is_open
from roles.permissions import Decision, closed

PROMISES = "engagement.manage_targets"


def held_back(plans: Sequence[SurgePlan]) -> dict[int, list[tuple[str, Decision]]]:
    """What each plan that is planned or in force does not bring at its level, in words and why, by the plan's key.

    As many statements for one plan as for many.
    """
    rows = [plan for plan in plans if plan.is_planned or plan.is_on]
    departments = {plan.department.pk: plan.department for plan in rows if plan.department}
    closed_in: dict[str, set[int | None]] = {}
    for capability in (ASSIGNMENTS, PROMISES):
        closed_in[capability] = {*closed_among(capability, departments.values())}
        if any(plan.department_id is None for plan in rows) and not is_open(capability, None):
            closed_in[capability].add(None)
    return {plan.pk: _of(plan, closed_in) for plan in rows}


def _of(plan: SurgePlan, closed_in: dict[str, set[int | None]]) -> list[tuple[str, Decision]]:
    found = []
    if plan.department_id in closed_in[ASSIGNMENTS]:
        said = _("Nobody is given anything: what comes waits in the stream, and whoever helps has nothing to answer.")
        found.append((said, closed(ASSIGNMENTS, plan.department)))
    if plan.first_response_minutes is not None and plan.department_id in closed_in[PROMISES]:
        said = _("The first response within %(n)s minutes is not promised.") % {"n": plan.first_response_minutes}
        found.append((said, closed(PROMISES, plan.department)))
    return found
