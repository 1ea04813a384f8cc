"""What we listen for: the list, and writing a query with its reading in words."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import queries as actions
from listening.forms import TrackingQueryForm
from listening.matching import QueryError, parse
from listening.matching.reading import read
from listening.models import LookBack, TrackingQuery
from listening.refusals import StillUsed
from listening.searching.bars import bars
from listening.searching.excerpts import excerpt
from listening.searching.figures import Figures, figures
from listening.searching.history import history
from listening.searching.preview import preview
from listening.searching.search import TooWide
from listening.searching.width import percent
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused_by


@require_safe
@needs("listening.read_sources")
def queries(request: MemberRequest) -> HttpResponse:
    """All tracking queries, each with its reading in words."""
    rows = list(TrackingQuery.objects.select_related("department").with_last_match().order_by("name"))
    found = figures([row.pk for row in rows], at=clock.now())
    names = {row.pk: row.name for row in rows}
    context = {
        "queries": [
            {"row": row, "reading": reading(row.expression), **_in_figures(found[row.pk], names, small=True)}
            for row in rows
        ],
        "may_manage": decide(request.member, "listening.manage_queries"),
    }
    return page(request, "listening/queries.html", context)


def _in_figures(found: Figures, names: dict[int, str], *, small: bool) -> dict[str, Any]:
    """What a page says of a query's last 30 days."""
    size = {"width": 144, "height": 28} if small else {}
    return {
        "figures": found,
        "picture": bars(found.days, **size),
        "relevant": None if found.relevant is None else percent(found.relevant),
        "overlap": names.get(found.overlap_id or 0, ""),
        "overlap_share": percent(found.overlap / found.found) if found.found else "",
    }


@require_safe
@needs("listening.read_sources")
def query(request: MemberRequest, pk: int) -> HttpResponse:
    """One query: what it brought, what it said before, and whether it looks back."""
    row = get_object_or_404(TrackingQuery.objects.select_related("department").with_last_match(), pk=pk)
    found = figures([pk], at=clock.now())[pk]
    other = TrackingQuery.objects.filter(pk=found.overlap_id or 0).values_list("pk", "name")
    context = {
        "query": row,
        "reading": reading(row.expression),
        "history": history(row),
        "look_back": LookBack.objects.filter(query=row).order_by("-pk").first(),
        "may_manage": decide(request.member, "listening.manage_queries", row),
        **_in_figures(found, dict(other), small=False),
    }
    return page(request, "listening/query.html", context)


@require_POST
@needs("listening.manage_queries")
def look_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a query look into the last 30 days too."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    actions.look_back(row, **acting(request))
    message = _("Looking into the last 30 days. What is found waits in the stream; you can leave this page.")
    return done(request, message, to=reverse("listening:query", args=[pk]))


def reading(expression: str) -> str:
    """Say a query in words, or what is wrong with it."""
    try:
        return parse(expression).reading()
    except QueryError as problem:
        return str(problem)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_queries")
def add_query(request: MemberRequest) -> HttpResponse:
    """Write a new tracking query."""
    initial: dict[str, Any] = {"expression": request.GET.get("expression", "")}
    if copied := TrackingQuery.objects.filter(pk=key_in(request.GET.get("copy", "")) or 0).first():
        initial = TrackingQueryForm.values_of(copied) | {"name": _("%(name)s (copy)") % {"name": copied.name}}
    form = TrackingQueryForm(request.POST or None, initial=initial)
    return _write(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_queries")
def change_query(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a tracking query; it applies to what is captured from now on."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    return _write(request, TrackingQueryForm(request.POST or None, initial=TrackingQueryForm.values_of(row)), row)


def _write(request: MemberRequest, form: TrackingQueryForm, row: TrackingQuery | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            try:
                told = {**form.cleaned_data, **acting(request)}
                saved = actions.change_query(row, **told) if row else actions.add_query(**told)
            except actions.WideQuery:
                form.ask_whether_meant()
                raise
            to = reverse("listening:query", args=[saved.pk])
            return done(request, _("Saved; it applies to what comes from now on."), to=to)
    context = _context_of(form, row)
    if row or form.is_bound or form.initial.get("expression"):
        context |= _previewed(form["expression"].value() or "", row)
    return page(request, "listening/query_form.html", context, status=422 if form.errors else 200)


def _context_of(form: TrackingQueryForm, row: TrackingQuery | None) -> dict[str, Any]:
    return {
        "form": form,
        "query": row,
        "trouble": form.trouble,
        "reading": form.reading,
        "hints": form.hints,
        "save_url": reverse("listening:change_query", args=[row.pk]) if row else reverse("listening:add_query"),
    }


def _previewed(expression: str, row: TrackingQuery | None) -> dict[str, Any]:
    """What the query would have found, or why that cannot be said."""
    try:
        found = preview(parse(expression), at=clock.now(), besides=row)
    except QueryError:
        return {}
    except TooWide as problem:
        return {"preview_trouble": str(problem)}
    return {
        "preview": found,
        "picture": bars(found.days),
        "share": percent(found.share),
        "relevant": None if found.relevant is None else percent(found.relevant),
        "widest": read(found.widest.node) if found.width.is_wide and found.widest else "",
        "samples": [
            {"post": post, "parts": excerpt(post.title, post.text, spans), "mention": getattr(post, "mention", None)}
            for post, spans in found.samples
        ],
    }


@require_POST
@needs("listening.manage_queries")
def read_query(request: MemberRequest) -> HttpResponse:
    """Say what an expression means while it is being written."""
    form = TrackingQueryForm(request.POST)
    form.is_valid()
    return page(request, "listening/query_form.html", _context_of(form, None), part="reading")


@require_POST
@needs("listening.manage_queries")
def preview_query(request: MemberRequest) -> HttpResponse:
    """Say what a query would have found in the last 30 days; nothing is saved."""
    key = key_in(request.POST.get("query", ""))
    row = TrackingQuery.objects.filter(pk=key).first() if key else None
    written = {name: request.POST.get(name, "") for name in ("name", "expression", "department")}
    form = TrackingQueryForm(initial=written)
    context = _context_of(form, row) | _previewed(written["expression"], row)
    return page(request, "listening/query_form.html", context, part="preview")


@require_POST
@needs("listening.manage_queries")
def pause_query(request: MemberRequest, pk: int) -> HttpResponse:
    """Stop listening for this."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    actions.pause_query(row, **acting(request))
    undo = Undo(reverse("listening:resume_query", args=[pk]))
    return done(request, _("The tracking query is paused."), to=reverse("listening:queries"), undo=undo)


@require_POST
@needs("listening.manage_queries")
def resume_query(request: MemberRequest, pk: int) -> HttpResponse:
    """Listen for this again."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    actions.resume_query(row, **acting(request))
    return done(request, _("Listening for it again."), to=reverse("listening:queries"))


@require_POST
@needs("listening.manage_queries")
def remove_query(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove the query; mentions that it found stay."""
    row = get_object_or_404(TrackingQuery, pk=pk)
    try:
        actions.remove_query(row, **acting(request))
    except StillUsed as problem:
        return refused_by(request, problem, to=reverse("listening:change_query", args=[pk]))
    return done(request, _("The query is removed; what it found stays."), to=reverse("listening:queries"))
