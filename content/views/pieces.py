"""Pieces: the list, one opened, and what is done with it as a whole."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import pieces as actions
from content.actions.variants import order_variants
from content.models import Campaign, Piece, PieceDraft, Series
from content.offering import form_of_draft
from content.piece_filters import PieceFilter
from content.piece_forms import BeginForm, BodyForm
from content.standing import Standing
from content.views.opened_piece import opened, save, version_in, work
from engagement.models.joinings import Step
from engagement.refusals import Refusal
from listening.models import Channel
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Department
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused_by

PER_PAGE = 25
CHOICES = 300


@require_safe
@needs("content.read")
def pieces(request: MemberRequest) -> HttpResponse:
    """Pieces, the newest first; every filter has its address."""
    wanted = PieceFilter.of(request.GET.dict())
    rows = wanted.narrow(Piece.objects.with_variants().select_related("series", "saved_by__user"), request.member)
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found, here = list(rows.order_by("-pk")[: PER_PAGE + 1]), reverse("content:pieces")
    shown, query = found[:PER_PAGE], wanted.as_query()
    context = {
        "pieces": shown,
        "wanted": wanted,
        "fields": _fields(wanted),
        "clear_url": here,
        "next_url": f"{here}?{urlencode({**query, 'before': shown[-1].pk})}" if len(found) > PER_PAGE else "",
        "may_write": decide(request.member, "content.write"),
    }
    return page(request, "content/pieces.html", context)


def _fields(wanted: PieceFilter) -> list[dict[str, Any]]:
    """What one can choose of each filter, with its words."""
    anything: list[tuple[Any, Any]] = [("", _("Any"))]
    fields: tuple[tuple[str, Any, list[tuple[Any, Any]]], ...] = (
        ("standing", _("How far"), [("", _("All but dropped")), *Standing.choices]),
        ("whose", _("Whose"), [("", _("Anybody's")), ("me", _("Mine"))]),
        ("channel", _("Channel"), [*anything, *_named(Channel.objects.order_by("network", "name"))]),
        ("kind", _("Kind"), [*anything, *Piece.Kind.choices]),
        ("step", _("What it does for readers"), [*anything, *Step.choices]),
        ("campaign", _("Campaign"), [*anything, *_named(Campaign.objects.order_by("name"))]),
        ("series", _("Series"), [*anything, *_named(Series.objects.order_by("name"))]),
        ("department", _("Department"), [*anything, *_named(Department.objects.order_by("name"))]),
    )
    return [
        {"name": name, "label": label, "choices": choices, "value": getattr(wanted, name)}
        for name, label, choices in fields
        if len(choices) > 1
    ]


def _named(rows: Any) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows[:CHOICES]]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.write")
def begin_piece(request: MemberRequest) -> HttpResponse:
    """Begin a piece."""
    form = BeginForm(request.POST or None, initial={"title": request.GET.get("title", "")[:200]})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, PermissionDenied):
            row = actions.begin_piece(**form.cleaned_data, **acting(request))
            return done(request, _("The piece is begun."), to=reverse("content:piece", args=[row.pk]))
    return page(request, "content/begin_piece.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@needs("content.read")
def piece(request: MemberRequest, pk: int) -> HttpResponse:
    """One piece: its body, or one of its variants, beside what becomes of it."""
    row, variant = opened(pk, request.GET.get("variant", ""))
    if asked := request.GET.get("draft", ""):
        drafts = PieceDraft.objects.filter(member=request.member, piece=row, variant=variant)
        draft = get_object_or_404(drafts, pk=key_in(asked))
        return work(request, row, variant, form=form_of_draft(row, variant, draft), taken=draft)
    return work(request, row, variant)


@require_POST
@needs("content.write")
def edit_piece(request: MemberRequest, pk: int) -> HttpResponse:
    """Save the body of a piece and what it belongs to."""
    row, _variant = opened(pk)
    form = BodyForm(request.POST, initial=BodyForm.values_of(row))
    return save(request, row, None, form, lambda said: actions.edit_piece(
        row, version=version_in(request), **said, **acting(request)
    ))  # fmt: skip


@require_POST
@needs("content.write")
def drop_piece(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a piece aside."""
    here = reverse("content:piece", args=[pk])
    try:
        actions.drop_piece(get_object_or_404(Piece.objects.select_related("department"), pk=pk), **acting(request))
    except (PermissionDenied, Refusal) as problem:
        return refused_by(request, problem, to=here)
    undo = Undo(reverse("content:pick_up_piece", args=[pk]))
    return done(request, _("The piece is dropped."), to=back_to(request, reverse("content:pieces")), undo=undo)


@require_POST
@needs("content.write")
def pick_up_piece(request: MemberRequest, pk: int) -> HttpResponse:
    """Go on with a piece that was dropped."""
    here = reverse("content:piece", args=[pk])
    try:
        actions.pick_up_piece(get_object_or_404(Piece.objects.select_related("department"), pk=pk), **acting(request))
    except PermissionDenied as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("The piece is picked up again."), to=here)


@require_POST
@needs("content.write")
def order_piece_variants(request: MemberRequest, pk: int) -> HttpResponse:
    """Move one of the variants of a piece a place further to the front or to the end."""
    row, _variant = opened(pk)
    keys = [variant.pk for variant in row.variants_in_use]  # type: ignore[attr-defined]
    moved, step = key_in(request.POST.get("variant", "")), 1 if request.POST.get("to") == "end" else -1
    if moved in keys:
        place = keys.index(moved)
        keys.insert(max(0, place + step), keys.pop(place))
        try:
            order_variants(row, keys=keys, **acting(request))
        except (PermissionDenied, Refusal) as problem:
            return refused_by(request, problem, to=reverse("content:piece", args=[pk]))
    return done(request, _("The order is changed."), to=f"{reverse('content:piece', args=[pk])}?variant={moved or ''}")


@require_safe
@needs("content.read")
def piece_news(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that somebody saved the piece since an open page was drawn; nothing where nobody did."""
    row = get_object_or_404(Piece.objects.select_related("saved_by__user"), pk=pk)
    if row.version <= (key_in(request.GET.get("version", "")) or 0):
        return HttpResponse(status=204)
    return page(request, "content/piece_news.html", {"piece": row, "variant": key_in(request.GET.get("variant", ""))})
