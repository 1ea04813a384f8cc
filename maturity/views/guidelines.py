"""The guidelines as a document, and the pages on which coaches write them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maturity.actions import guidelines as actions
from maturity.guideline_forms import GuidelineForm
from maturity.models import GuidelineSection, GuidelineVersion
from roles import clock
from roles.forms import take_over
from roles.permissions import decide
from roles.respond import Undo, done, needs, page, refused

VERSIONS_SHOWN = 20


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.member, "at": clock.now()}  # type: ignore[attr-defined]


@require_safe
@needs("maturity.read")
def guidelines(request: HttpRequest) -> HttpResponse:
    """All that holds, in its order, with a list of contents; coaches see what was retired too."""
    may = decide(request.member, "maturity.manage_guidelines")  # type: ignore[attr-defined]
    context = {
        "sections": list(GuidelineVersion.objects.current().prefetch_related("section__topics__topic")),
        "retired": list(GuidelineSection.objects.exclude(retired_at=None).order_by("-retired_at")) if may else [],
        "may_manage": may,
    }
    return page(request, "maturity/guidelines.html", context)


@require_safe
@needs("maturity.read")
def guideline(request: HttpRequest, pk: int) -> HttpResponse:
    """One section, as it is now and as it was."""
    row = get_object_or_404(GuidelineSection.objects.prefetch_related("topics__topic"), pk=pk)
    versions = list(row.versions.select_related("by__user")[:VERSIONS_SHOWN])
    may = decide(request.member, "maturity.manage_guidelines")  # type: ignore[attr-defined]
    context = {"section": row, "current": versions[0], "earlier": versions[1:], "may_manage": may}
    return page(request, "maturity/guideline.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_guidelines")
def add_guideline(request: HttpRequest) -> HttpResponse:
    """Write a section."""
    form = GuidelineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("title", "text", "topics")}
        try:
            row = actions.add_guideline(request.organization, **said, **_acting(request))  # type: ignore[attr-defined]
        except ValidationError as problem:
            take_over(form, problem)
        else:
            return done(request, _("It holds from now on."), to=reverse("maturity:guideline", args=[row.pk]))
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_guidelines")
def change_guideline(request: HttpRequest, pk: int) -> HttpResponse:
    """Write another version of a section."""
    row = get_object_or_404(GuidelineSection, pk=pk)
    said = row.versions.get(number=row.version)
    initial = {
        "title": said.title,
        "text": said.text,
        "topics": list(row.topics.values_list("topic", flat=True)),
        "version": row.version,
    }
    form = GuidelineForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_guideline(row, **form.cleaned_data, **_acting(request))
        except ValidationError as problem:
            take_over(form, problem)
        else:
            return done(request, _("It holds from now on."), to=reverse("maturity:guideline", args=[pk]))
    return _form(request, form, row)


def _form(request: HttpRequest, form: GuidelineForm, row: GuidelineSection | None) -> HttpResponse:
    context = {"form": form, "section": row}
    return page(request, "maturity/guideline_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("maturity.manage_guidelines")
def move_guideline(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a section one place up or down."""
    row, up = get_object_or_404(GuidelineSection.objects.in_force(), pk=pk), request.POST.get("direction") == "up"
    actions.move_guideline(row, up=up, **_acting(request))
    undo = Undo(reverse("maturity:move_guideline", args=[pk]), fields={"direction": "down" if up else "up"})
    return done(request, _("Moved."), to=reverse("maturity:guidelines"), undo=undo)


@require_POST
@needs("maturity.manage_guidelines")
def retire_guideline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a section holds no longer."""
    actions.retire_guideline(get_object_or_404(GuidelineSection, pk=pk), **_acting(request))
    undo = Undo(reverse("maturity:take_up_guideline", args=[pk]))
    return done(request, _("It holds no longer."), to=reverse("maturity:guidelines"), undo=undo)


@require_POST
@needs("maturity.manage_guidelines")
def take_up_guideline(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a retired section hold again."""
    to = reverse("maturity:guidelines")
    try:
        actions.take_up_guideline(get_object_or_404(GuidelineSection, pk=pk), **_acting(request))
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), to=to, status=422)
    return done(request, _("It holds again."), to=to)
