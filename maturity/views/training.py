"""Training: one's own steps, everybody's state, and the paths."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maturity.actions import training as actions
from maturity.drilling import ended_before
from maturity.models import Drill, Training, TrainingPath, TrainingStep
from maturity.training_forms import TrainingPathForm, step_forms
from maturity.training_steps import DoneSteps, done_steps
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

MOST_SHOWN = 200


@require_safe
@needs("maturity.read")
def training(request: MemberRequest) -> HttpResponse:
    """One's own paths with their steps; for who confirms, everybody's; for coaches, the paths."""
    member = request.member
    mine = list(Training.objects.of(member).filter(ended_at=None).with_steps().order_by("finished_at", "due_on"))
    may_confirm = bool(decide(member, "maturity.confirm_step"))
    others = Training.objects.running().exclude(member=member).filter(member__is_active=True)
    theirs = list(others.with_steps().order_by("due_on", "pk")[: MOST_SHOWN + 1]) if may_confirm else []
    noted = done_steps([*mine, *theirs])
    context = {
        "mine": [_shown(row, noted) for row in mine],
        "theirs": [_shown(row, noted) for row in theirs[:MOST_SHOWN]],
        "more": len(theirs) > MOST_SHOWN,
        "may_confirm": may_confirm,
        "drills": ended_before(clock.now()) if may_confirm else [],
        "may_manage": decide(member, "maturity.manage_training"),
        "paths": TrainingPath.objects.filter(retired_at=None).select_related("custom_role", "department"),
    }
    return page(request, "maturity/training.html", context)


def _shown(row: Training, noted: DoneSteps) -> dict[str, Any]:
    steps = [(step, noted[row.pk].get(step.pk)) for step in row.path.steps.all()]
    day = clock.now().date()
    return {
        "row": row,
        "steps": steps,
        "done": sum(made is not None for _step, made in steps),
        "is_late": row.is_overdue(day),
        "holds": row.keeps_from_replying(day),
    }


@require_POST
@needs("maturity.take_step")
def take_step(request: MemberRequest, pk: int, step: int) -> HttpResponse:
    """Say that one has done a step."""
    row, wanted = get_object_or_404(Training, pk=pk), get_object_or_404(TrainingStep, pk=step)
    return _do(request, lambda acting: actions.take_step(row, step=wanted, **acting))


@require_POST
@needs("maturity.confirm_step")
def confirm_step(request: MemberRequest, pk: int, step: int) -> HttpResponse:
    """Confirm a step of somebody else."""
    row, wanted = get_object_or_404(Training, pk=pk), get_object_or_404(TrainingStep, pk=step)
    note, key = request.POST.get("note", ""), key_in(request.POST.get("drill", ""))
    drill = get_object_or_404(Drill, pk=key) if key else None
    return _do(request, lambda acting: actions.confirm_step(row, step=wanted, note=note, drill=drill, **acting))


def _do(request: MemberRequest, act: Any) -> HttpResponse:
    here = reverse("maturity:training")
    try:
        act({"by": request.member, "at": clock.now()})
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("Saved."), to=here)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_training")
def write_path(request: MemberRequest) -> HttpResponse:
    """Write a path."""
    return _path_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_training")
def change_path(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a path."""
    return _path_page(request, get_object_or_404(TrainingPath.objects.select_related("department"), pk=pk))


def _path_page(request: MemberRequest, path: TrainingPath | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TrainingPathForm(data, initial=TrainingPathForm.values_of(path) if path else {})
    lines = step_forms(data, path)
    # All of them are asked, so that each says what is wrong with it.
    if data is not None and all([form.is_valid(), *(line.is_valid() for line in lines)]):
        where: Any = path or request.organization
        steps = [step for line in lines if (step := line.asked()) is not None]
        with refusals_in(form, PermissionDenied):
            actions.write_path(where, steps=steps, **form.cleaned_data, **acting(request))
            return done(request, _("Saved; it is asked of whom it concerns."), to=reverse("maturity:training"))
    context = {"form": form, "steps": lines, "path": path}
    return page(request, "maturity/training_path.html", context, status=200 if data is None else 422)


@require_POST
@needs("maturity.manage_training")
def retire_path(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask a path of nobody any more."""
    path = get_object_or_404(TrainingPath, pk=pk)
    actions.retire_path(path, **acting(request))
    return done(request, _("“%(path)s” is asked of nobody any more.") % {"path": path}, to=reverse("maturity:training"))
