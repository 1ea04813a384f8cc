"""Series: the list, one with its numbers and what comes next, and what one does with it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import series as actions
from content.models import Piece, Publication, Series
from content.serial import missing_numbers, next_number
from content.series_forms import SeriesForm
from engagement.refusals import Refusal
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused_by

PER_PAGE = 30


@require_safe
@needs("content.read")
def series(request: MemberRequest) -> HttpResponse:
    """What goes on under one name, those that run, or those that have ended."""
    ended = request.GET.get("show") == "ended"
    rows: Any = Series.objects.filter(state=Series.State.ENDED if ended else Series.State.OPEN)
    open_pieces = Q(pieces__state=Piece.State.OPEN)
    rows = rows.select_related("department").annotate(
        number=Count("pieces", filter=open_pieces), last=Max("pieces__series_number", filter=open_pieces)
    )
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows.order_by("-pk")[: PER_PAGE + 1])
    context = {
        "series": shown[:PER_PAGE],
        "before": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "ended": ended,
        "may_manage": decide(request.member, "content.manage_campaigns"),
    }
    return page(request, "content/series_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_campaigns")
def begin_series(request: MemberRequest) -> HttpResponse:
    """Begin one."""
    form = SeriesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        where = said.pop("department") or request.organization
        with refusals_in(form):
            row = actions.begin_series(where, **said, **acting(request))
            return done(request, _("It can go on now."), to=reverse("content:one_series", args=[row.pk]))
    return page(request, "content/series_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@needs("content.read")
def one_series(request: MemberRequest, pk: int) -> HttpResponse:
    """One series: its pieces by number, what is missing, and what comes next."""
    row, at = get_object_or_404(Series.objects.select_related("department"), pk=pk), clock.now()
    rows = Piece.objects.open().filter(series=row).with_variants().order_by("-series_number", "-pk")
    if below := key_in(request.GET.get("below", "")):
        rows = rows.filter(series_number__lt=below)
    shown = list(rows[: PER_PAGE + 1])
    planned = Publication.objects.under_way().filter(variant__piece__series=row, due_at__gte=at)
    numbers = Piece.objects.filter(series=row, series_number__isnull=False)
    context = {
        "series": row,
        "pieces": shown[:PER_PAGE],
        "below": shown[PER_PAGE - 1].series_number if len(shown) > PER_PAGE else None,
        "coming": planned.with_everything().order_by("due_at", "pk").first(),
        "next_number": next_number(row),
        "missing": missing_numbers(numbers.values_list("series_number", flat=True)),
        "may_manage": decide(request.member, "content.manage_campaigns", row),
        "may_write": decide(request.member, "content.write", row),
    }
    return page(request, "content/series.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_campaigns")
def change_series(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what it is called and what its readers may expect."""
    row = get_object_or_404(Series.objects.select_related("department"), pk=pk)
    form = SeriesForm(request.POST or None, initial={"name": row.name, "promise": row.promise}, begun=True)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_series(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("content:one_series", args=[pk]))
    context = {"form": form, "series": row}
    return page(request, "content/series_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("content.manage_campaigns")
def end_series(request: MemberRequest, pk: int) -> HttpResponse:
    """End it."""
    actions.end_series(get_object_or_404(Series.objects.select_related("department"), pk=pk), **acting(request))
    undo = Undo(reverse("content:take_up_series", args=[pk]))
    return done(request, _("It has ended."), to=reverse("content:one_series", args=[pk]), undo=undo)


@require_POST
@needs("content.manage_campaigns")
def take_up_series(request: MemberRequest, pk: int) -> HttpResponse:
    """Go on with it."""
    actions.take_up_series(get_object_or_404(Series.objects.select_related("department"), pk=pk), **acting(request))
    return done(request, _("It goes on."), to=reverse("content:one_series", args=[pk]))


@require_POST
@needs("content.write")
def continue_series(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin its next piece, and go there."""
    row = get_object_or_404(Series.objects.select_related("department"), pk=pk)
    title, number = request.POST.get("title", ""), key_in(request.POST.get("number", ""))
    to = reverse("content:one_series", args=[pk])
    try:
        piece = actions.continue_series(row, title=title, number=number, **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("The next piece has begun."), to=reverse("content:piece", args=[piece.pk]))
