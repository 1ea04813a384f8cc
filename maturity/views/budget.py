"""The time budget: hours a week, what is wrong with them, what if, and what they replace."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from maturity.actions import budget as actions
from maturity.budget_forms import BudgetForm, EffortForm, WhatIfForm
from maturity.budget_pictures import against, bar
from maturity.budgeting import SHAPES, Plan, mix, split, warnings
from maturity.models import Activity, BudgetedTime, Effort, Line
from maturity.planned import beside
from maturity.spent import day_of
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Department, Level
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page


@require_safe
@needs("maturity.read_budget")
def budget(request: MemberRequest) -> HttpResponse:
    """Show the hours a week of everything, or of one department."""
    return _page(request)


@require_POST
@needs("maturity.set_budget")
def set_budget(request: MemberRequest) -> HttpResponse:
    """Say how many hours there are for a line."""
    form = BudgetForm(request.POST, member=request.member)
    if form.is_valid():
        said = form.cleaned_data
        with refusals_in(form, PermissionDenied):
            actions.set_budget(
                said["department"] or request.organization,
                line=said["line"], member=said["member"], hours=form.hours(), **acting(request),
            )  # fmt: skip
            return done(request, _("The hours are set."), to=_address(said["department"]))
    return _page(request, budget_form=form)


@require_POST
@needs("maturity.set_budget")
def note_effort(request: MemberRequest) -> HttpResponse:
    """Note something that is done today."""
    form = EffortForm(request.POST, member=request.member)
    if form.is_valid():
        said = dict(form.cleaned_data)
        department = said.pop("department")
        where = department or request.organization
        with refusals_in(form, PermissionDenied):
            actions.note_effort(where, **said, **acting(request))
            return done(request, _("Saved."), to=_address(department))
    return _page(request, effort_form=form)


@require_POST
@needs("maturity.set_budget")
def drop_effort(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an effort off the list."""
    row = get_object_or_404(Effort.objects.select_related("department"), pk=pk)
    actions.drop_effort(row, **acting(request))
    return done(request, _("Taken off the list."), to=_address(row.department))


def _address(department: Department | None) -> str:
    return reverse("maturity:budget") + (f"?department={department.pk}" if department else "")


def _page(
    request: MemberRequest, *, budget_form: BudgetForm | None = None, effort_form: EffortForm | None = None
) -> HttpResponse:
    member, organization = request.member, request.organization
    key = key_in(request.GET.get("department", ""))
    department = get_object_or_404(Department.objects.select_related("organization"), pk=key) if key else None
    level = department.effective_level if department else Level(organization.level)
    rows = list(BudgetedTime.objects.of(department))
    found = beside(department, rows, member, today=day_of(clock.now()))
    plan = found.plan
    may_set = decide(member, "maturity.set_budget", department or organization)
    what_if = WhatIfForm(request.GET) if "hours" in request.GET else WhatIfForm.at_level(
        level, shape=request.GET.get("shape", "")
    )  # fmt: skip
    efforts = list(
        Effort.objects.filter(**({"department__in": department.with_below} if department else {})).select_related(
            "department"
        )
    )
    freed = sum(float(row.hours) for row in efforts if row.fate != Effort.Fate.KEPT)
    initial = {"department": department.pk if department else None}
    context = {
        "department": department,
        "departments": Department.objects.all(),
        "level": level,
        "plan": plan,
        "lines": _lines(rows),
        "activities": Activity.choices,
        "totals": [plan.of_activity(activity) for activity in Activity],
        "bars": _bars(plan, level),
        "why_not": found.why_not,
        "actual": found.spent,
        "pairs": against(found.planned, found.spent.hours if found.spent else {}) if not found.is_hidden else [],
        "warnings": warnings(plan),
        "shapes": SHAPES,
        "what_if": what_if,
        "if_so": _if_so(what_if, department),
        "efforts": [(row, decide(member, "maturity.set_budget", row)) for row in efforts],
        "freed": freed,
        "more": max(0.0, plan.total - freed),
        "may_set": may_set,
        "budget_form": budget_form or (BudgetForm(member=member, initial=initial) if may_set else None),
        "effort_form": effort_form or (EffortForm(member=member, initial=initial) if may_set else None),
    }
    bad = any(form is not None and form.is_bound for form in (budget_form, effort_form))
    return page(request, "maturity/budget.html", context, status=422 if bad else 200)


def _lines(rows: list[BudgetedTime]) -> list[dict[str, Any]]:
    """The rows as a table: one line for each department, line and person, with its five activities."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row.department_id, row.line, row.member_id)
        mine = found.setdefault(
            key, {"department": row.department, "line": row.get_line_display(), "member": row.member, "hours": {}}
        )
        mine["hours"][row.activity] = float(row.hours)
    for mine in found.values():
        mine["cells"] = [mine["hours"].get(activity.value, 0) for activity in Activity]
        mine["total"] = sum(mine["cells"])
    return list(found.values())


def _bars(plan: Plan, level: Level) -> list[Any]:
    bars = []
    for line in Line:
        planned, usual = plan.of_line(line), mix(line, level)
        if planned:
            bars.append(bar(_("%(line)s, planned") % {"line": line.label}, planned, unit="h"))
        if usual and (planned or line == Line.ENGAGEMENT):
            shares = {activity.value: float(share) for activity, share in usual.items()}
            bars.append(bar(_("%(line)s, usual at this level") % {"line": line.label}, shares, unit="%"))
    return bars


def _if_so(form: WhatIfForm, department: Department | None) -> dict[str, Any] | None:
    """The hours that the sliders give, and what would be wrong with them."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    hours = split(float(said["hours"]), form.shares())
    plan = Plan(
        {(said["line"], activity): count for activity, count in hours.items()}, said["people"], Level(said["level"])
    )
    return {
        "rows": [(Activity(activity).label, activity, count) for activity, count in hours.items()],
        "line": said["line"],
        "each": round(float(said["hours"]) / said["people"], 1),
        "warnings": warnings(plan),
        "department": department,
    }
