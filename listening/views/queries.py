"""What we listen for: the list, and writing a query with its reading in words."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import queries as actions
from listening.forms import TrackingQueryForm
from listening.matching import QueryError, parse
from listening.models import TrackingQuery
from listening.refusals import StillUsed
from roles import clock
from roles.permissions import decide
from roles.respond import Undo, done, needs, page, refused


@require_safe
@needs("listening.read_sources")
def queries(request: HttpRequest) -> HttpResponse:
    """All tracking queries, each with its reading in words."""
    rows = TrackingQuery.objects.select_related("department").order_by("name")
    context = {
        "queries": [{"row": row, "reading": reading(row.expression)} for row in rows],
        "may_manage": decide(request.member, "listening.manage_queries"),  # type: ignore[attr-defined]
    }
    return page(request, "listening/queries.html", context, part="list")


def reading(expression: str) -> str:
    """Say a query in words, or what is wrong with it."""
    try:
        return parse(expression).reading()
    except QueryError as problem:
        return str(problem)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_queries")
def add_query(request: HttpRequest) -> HttpResponse:
    """Write a new tracking query."""
    form = TrackingQueryForm(request.POST or None, initial={"expression": request.GET.get("expression", "")})
    return _write(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_queries")
def change_query(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a tracking query; it applies to what is captured from now on."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    return _write(request, TrackingQueryForm(request.POST or None, initial=TrackingQueryForm.values_of(row)), row)


def _write(request: HttpRequest, form: TrackingQueryForm, row: TrackingQuery | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        acting: dict[str, Any] = {"by": request.member, "at": clock.now()}  # type: ignore[attr-defined]
        try:
            if row:
                actions.change_query(row, **form.cleaned_data, **acting)
            else:
                actions.add_query(**form.cleaned_data, **acting)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return done(request, _("Saved; it applies to what comes from now on."), to=reverse("listening:queries"))
    context = {"form": form, "query": row, "trouble": form.trouble, "reading": form.reading}
    return page(request, "listening/query_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("listening.manage_queries")
def read_query(request: HttpRequest) -> HttpResponse:
    """Say what an expression means while it is being written."""
    form = TrackingQueryForm(request.POST)
    form.is_valid()
    context = {"trouble": form.trouble, "reading": form.reading, "form": form}
    return page(request, "listening/query_form.html", context, part="reading")


@require_POST
@needs("listening.manage_queries")
def pause_query(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop listening for this."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    actions.pause_query(row, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    undo = Undo(reverse("listening:resume_query", args=[pk]))
    return done(request, _("Paused."), to=reverse("listening:queries"), undo=undo)


@require_POST
@needs("listening.manage_queries")
def resume_query(request: HttpRequest, pk: int) -> HttpResponse:
    """Listen for this again."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    actions.resume_query(row, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    return done(request, _("Listening for it again."), to=reverse("listening:queries"))


@require_POST
@needs("listening.manage_queries")
def remove_query(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the query; mentions that it found stay."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    try:
        actions.remove_query(row, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    except StillUsed as problem:
        return refused(request, str(problem), to=reverse("listening:change_query", args=[pk]))
    return done(request, _("The query is removed; what it found stays."), to=reverse("listening:queries"))
