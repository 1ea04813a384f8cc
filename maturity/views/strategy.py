"""The strategy on one page: the canvas, and goals with where they stand."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maturity.actions import strategy as actions
from maturity.evidence.asked import Asked
from maturity.goal_metrics import GOAL_METRICS
from maturity.models import Canvas, Goal
from maturity.standing import Standing, standings
from maturity.strategy_forms import CanvasForm, EndForm, GoalForm
from measurement.metrics import METRICS
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Department
from roles.permissions import decide, require
from roles.respond import MemberRequest, Undo, acting, done, needs, page

MOST_GOALS, MOST_ENDED = 200, 50


def _department(request: MemberRequest) -> Department | None:
    key = key_in(request.GET.get("department", ""))
    return get_object_or_404(Department.objects.select_related("organization"), pk=key) if key else None


def _address(department_id: int | None) -> str:
    return reverse("maturity:strategy") + (f"?department={department_id}" if department_id else "")


@require_safe
@needs("maturity.read")
def strategy(request: MemberRequest) -> HttpResponse:
    """Show the canvas and goals of the whole organization, or of a department."""
    return _page(request)


@require_POST
@needs("maturity.set_strategy")
def set_canvas(request: MemberRequest) -> HttpResponse:
    """Write the canvas."""
    department = _department(request)
    form = CanvasForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.set_canvas(department or request.organization, **form.cleaned_data, **acting(request))
            return done(request, _("The canvas is written."), to=_address(department.pk if department else None))
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.set_strategy")
def add_goal(request: MemberRequest) -> HttpResponse:
    """Set a goal."""
    department = _department(request)
    whose = department or request.organization
    require(request.member, "maturity.set_strategy", whose)
    initial = {"owner": request.member.pk, "metric": request.GET.get("metric", "")}
    form = GoalForm(request.POST or None, department=department, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.add_goal(whose, **form.cleaned_data, **acting(request))
            return done(request, _("The goal is set."), to=_address(department.pk if department else None))
    return _form(request, form, department, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.set_strategy")
def change_goal(request: MemberRequest, pk: int) -> HttpResponse:
    """Say a goal otherwise, or end it."""
    row = _goal(request, pk)
    initial = {name: getattr(row, name) for name in ("title", "metric", "owner", "under", "reach_by", "review_on")}
    initial["target"] = GOAL_METRICS[row.metric].typed(row.target)
    form = GoalForm(request.POST or None, department=row.department, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_goal(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=_address(row.department_id))
    return _form(request, form, row.department, row)


@require_POST
@needs("maturity.set_strategy")
def end_goal(request: MemberRequest, pk: int) -> HttpResponse:
    """Pursue a goal no longer."""
    row, form = _goal(request, pk), EndForm(request.POST)
    if not form.is_valid():
        initial = {"title": row.title}
        return _form(request, GoalForm(department=row.department, initial=initial), row.department, row, end=form)
    actions.end_goal(row, **form.cleaned_data, **acting(request))
    undo = Undo(reverse("maturity:take_up_goal", args=[pk]))
    return done(request, _("It is ended, with what you learned."), to=_address(row.department_id), undo=undo)


@require_POST
@needs("maturity.set_strategy")
def take_up_goal(request: MemberRequest, pk: int) -> HttpResponse:
    """Pursue a goal again."""
    row = _goal(request, pk)
    actions.take_up_goal(row, **acting(request))
    return done(request, _("It is pursued again."), to=_address(row.department_id))


def _goal(request: MemberRequest, pk: int) -> Goal:
    row = get_object_or_404(Goal.objects.with_everything(), pk=pk)
    require(request.member, "maturity.set_strategy", row)
    return row


def _form(
    request: MemberRequest,
    form: GoalForm,
    department: Department | None,
    goal: Goal | None,
    *,
    end: EndForm | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "department": department,
        "goal": goal,
        "end_form": end or (EndForm() if goal and not goal.ended_at else None),
        "back_url": _address(department.pk if department else None),
        "explained": [(METRICS[key].label, METRICS[key].counts) for key in GOAL_METRICS],
    }
    status = 422 if form.errors or (end and end.errors) else 200
    return page(request, "maturity/goal_form.html", context, status=status)


def _page(request: MemberRequest, canvas_form: CanvasForm | None = None) -> HttpResponse:
    member, organization = request.member, request.organization
    department = _department(request)
    canvases = {row.department_id: row for row in Canvas.objects.select_related("changed_by__user")}
    canvas = canvases.get(department.pk if department else None)
    may_set = decide(member, "maturity.set_strategy", department or organization)
    rows = list(Goal.objects.open().with_everything().in_order()[:MOST_GOALS])
    ended = Goal.objects.exclude(ended_at=None).filter(department=department).order_by("-ended_at", "-pk")
    found = standings(rows, Asked(clock.now()))
    initial = {name: getattr(canvas, name) for name in (*actions.CELLS, "review_on")} if canvas else {}
    context = {
        "department": department,
        "departments": Department.objects.all(),
        "canvas": canvas,
        "above": canvases.get(None) if department else None,
        "cells": [(CanvasForm.base_fields[name], getattr(canvas, name) if canvas else "") for name in actions.CELLS],
        "goals": _in_families(found, department),
        "ended": list(ended.select_related("owner__user")[:MOST_ENDED]),
        "may_set": may_set,
        "may_see_rows": decide(member, "measurement.read"),
        "today": Asked(clock.now()).today,
        "canvas_form": canvas_form or (CanvasForm(initial=initial) if may_set else None),
    }
    return page(request, "maturity/strategy.html", context, status=422 if canvas_form else 200)


def _in_families(found: list[Standing], department: Department | None) -> list[dict[str, Any]]:
    """The goals of the whole, each with those of departments that serve it; or those of one department."""
    if department is not None:
        return [{"standing": one, "parts": []} for one in found if one.goal.department_id == department.pk]
    families = [
        {"standing": one, "parts": [part for part in found if part.goal.under_id == one.goal.pk]}
        for one in found
        if one.goal.department_id is None
    ]
    shown = {one.goal.pk for one in found}
    alone = [one for one in found if one.goal.department_id is not None and one.goal.under_id not in shown]
    return [*families, *({"standing": one, "parts": []} for one in alone)]
