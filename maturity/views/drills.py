"""Drills: write, start and stop them, see what became of each line, and what it comes to."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maturity.actions import drills as actions
from maturity.drill_forms import DrillForm, PaceForm, begun
from maturity.drilling import PASSED_FROM, by_person, comes_to_nobody, fates, score_of
from maturity.models import Drill, DrillLine
from roles.forms import refusals_in
from roles.keys import key_in
from roles.respond import MemberRequest, acting, done, needs, page, refused, refused_by

PER_PAGE = 30
# What the buttons beside an answer say.
JUDGED = {"kept": True, "broken": False, "open": None}


@require_safe
@needs("maturity.run_drills")
def drills(request: MemberRequest) -> HttpResponse:
    """All drills, the newest first, with what each came to."""
    rows = Drill.objects.with_people().newest_first()
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PER_PAGE + 1])
    found = fates(shown[:PER_PAGE])
    context = {
        "drills": [(row, score_of(found[row.pk])) for row in shown[:PER_PAGE]],
        "older": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
    }
    return page(request, "maturity/drills.html", context)


@require_safe
@needs("maturity.run_drills")
def drill(request: MemberRequest, pk: int) -> HttpResponse:
    """One drill: its lines and what became of them, and who answered how."""
    return _page(request, get_object_or_404(Drill.objects.with_people(), pk=pk))


def _page(request: MemberRequest, row: Drill, pace_form: PaceForm | None = None) -> HttpResponse:
    lines = fates([row])[row.pk]
    score = score_of(lines)
    context = {
        "drill": row,
        "fates": lines,
        "waiting": list(row.lines.filter(said_at=None)),
        "score": score,
        "stages": [
            (_("Heard"), score.found),
            (_("Came to somebody"), score.routed),
            (_("Answered"), score.answered),
            (_("In time"), score.in_time),
            (_("As the guidelines say"), score.kept),
        ],
        "people": by_person(lines),
        "nobody": None if score.routed else comes_to_nobody(),
        "passed_from": PASSED_FROM,
        # What is counted changes as long as it is played, and afterwards while what was answered is judged.
        "live": "drills queue practice" if row.is_playing else "drills",
        "pace_form": pace_form or PaceForm(initial={"seconds_between": row.seconds_between}),
    }
    return page(request, "maturity/drill.html", context, part="came", status=422 if pace_form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.run_drills")
def write_drill(request: MemberRequest) -> HttpResponse:
    """Write a drill."""
    initial = begun(recorded=request.GET.get("from") == "field")
    form = DrillForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = actions.write_drill(request.organization, **form.said(), **acting(request))
            return done(request, _("Ready to be started."), to=reverse("maturity:drill", args=[row.pk]))
    return page(request, "maturity/drill_form.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs("maturity.run_drills")
def repeat_drill(request: MemberRequest, pk: int) -> HttpResponse:
    """Have the same lines ready again."""
    row, form = get_object_or_404(Drill.objects.with_people(), pk=pk), PaceForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            again = actions.repeat_drill(row, **form.cleaned_data, **acting(request))
            return done(request, _("Ready to be started."), to=reverse("maturity:drill", args=[again.pk]))
    return _page(request, row, form)


@require_POST
@needs("maturity.run_drills")
def start_drill(request: MemberRequest, pk: int) -> HttpResponse:
    """Let the first line be said."""
    row, here = get_object_or_404(Drill, pk=pk), reverse("maturity:drill", args=[pk])
    try:
        actions.start_drill(row, **acting(request))
    except (PermissionDenied, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("The first line is said."), to=here)


@require_POST
@needs("maturity.run_drills")
def stop_drill(request: MemberRequest, pk: int) -> HttpResponse:
    """End it now."""
    actions.stop_drill(get_object_or_404(Drill, pk=pk), **acting(request))
    return done(request, _("It is over."), to=reverse("maturity:drill", args=[pk]))


@require_POST
@needs("maturity.run_drills")
def drop_drill(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a drill that was never started."""
    row = get_object_or_404(Drill, pk=pk)
    try:
        actions.drop_drill(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("maturity:drill", args=[pk]))
    return done(request, _("“%(drill)s” is removed.") % {"drill": row}, to=reverse("maturity:drills"))


@require_POST
@needs("maturity.run_drills")
def judge_answer(request: MemberRequest, pk: int, line: int) -> HttpResponse:
    """Say whether an answer is as the guidelines say."""
    row, wanted = get_object_or_404(Drill, pk=pk), get_object_or_404(DrillLine, pk=line)
    here = reverse("maturity:drill", args=[pk])
    said = request.POST.get("judged", "")
    if said not in JUDGED:
        return refused(request, _("Say whether it is."), to=here, status=422)
    try:
        actions.judge_answer(row, line=wanted, is_kept=JUDGED[said], **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("Saved."), to=f"{here}#line_{line}")
