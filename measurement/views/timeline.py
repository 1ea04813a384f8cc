"""The time line: what happened, noted by hand or told by the application."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from measurement import timeline as what_happened
from measurement.actions import annotations as actions
from measurement.files import as_csv
from measurement.models import Annotation
from measurement.selection_forms import AnnotationForm, SelectionForm, days_in_words
from measurement.views.filling_in import filling_in
from measurement.windows import Window
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page


@require_safe
@needs("measurement.read")
def timeline(request: MemberRequest) -> HttpResponse:
    """Show what happened on some days, the newest first."""
    at = clock.now()
    asked = request.GET.dict()
    form = SelectionForm.of_address(asked if asked.keys() & {"days", "from", "to"} else {**asked, "days": "180"}, at=at)
    selection = form.selection(at)
    member = request.member
    marks = what_happened.marks(selection.window, selection.department)
    if request.GET.get("as") == "csv":
        return as_csv(_lines(marks), name=f"time-line-{selection.window.first}-{selection.window.last}")
    context = {
        "marks": [(mark, mark.url_for(member)) for mark in reversed(marks)],
        "days": days_in_words(selection.window),
        "form": form,
        "query_string": request.GET.urlencode(),
        "may_annotate": decide(member, "measurement.annotate"),
        "most": what_happened.MOST if len(marks) == what_happened.MOST else None,
        "tab": "annotations",
    }
    return page(request, "measurement/annotations.html", context)


def _lines(marks: Sequence[what_happened.Mark]) -> list[list[str]]:
    rows = [
        [mark.first.isoformat(), mark.last.isoformat() if mark.last else "", mark.label, mark.title] for mark in marks
    ]
    return [[_("From"), _("Until"), _("Kind"), _("What happened")], *rows]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.annotate")
def annotate(request: MemberRequest) -> HttpResponse:
    """Note what happened."""
    today = Window.up_to(clock.now(), days=1, zone=request.organization.zone).last
    form = AnnotationForm(request.POST or None, initial={"first_day": request.GET.get("day") or today})
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        where = fields.pop("department") or request.organization
        with refusals_in(form):
            row = actions.annotate(where, **fields, **acting(request))
            undo = Undo(reverse("measurement:remove_annotation", args=[row.pk]))
            return done(request, _("Noted on the time line."), to=reverse("measurement:annotations"), undo=undo)
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.read")
def annotation(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one note, and let who may say it otherwise."""
    row = get_object_or_404(Annotation.objects.select_related("department", "noted_by__user"), pk=pk)
    member = request.member
    if not decide(member, "measurement.annotate", row.department or request.organization):
        return page(request, "measurement/annotation.html", {"annotation": row})
    names = ("title", "first_day", "last_day", "department", "note")
    form = AnnotationForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    form.fields.pop("department")
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_annotation(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("measurement:annotations"))
    return _form(request, form, row)


@require_POST
@needs("measurement.annotate")
def remove_annotation(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a note off the time line."""
    row = get_object_or_404(Annotation, pk=pk)
    said = actions.remove_annotation(row, **acting(request))
    undo = Undo(reverse("measurement:annotate"), fields={name: str(value or "") for name, value in said.items()})
    return done(request, _("Taken off the time line."), to=reverse("measurement:annotations"), undo=undo)


def _form(request: MemberRequest, form: AnnotationForm, row: Annotation | None) -> HttpResponse:
    removed = (reverse("measurement:remove_annotation", args=[row.pk]), _("Take it off the time line")) if row else None
    back = (reverse("measurement:annotations"), _("Time line"))
    return filling_in(request, form, title=row.title if row else _("Note something"), back=back, removed=removed)
