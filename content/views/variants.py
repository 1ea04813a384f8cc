"""Variants: one more channel, what goes out there, what becomes of it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from content.actions import repurposing
from content.actions import variants as actions
from content.filling import filled_from_body
from content.models import Piece, Variant
from content.piece_forms import AddVariantForm, MoveVariantForm, VariantForm
from content.views.opened_piece import address_of, opened_variant, save, version_in, work
from content.views.seen import as_typed, look_of
from engagement.refusals import Refusal
from listening.models import Channel
from roles.respond import MemberRequest, acting, done, needs, page, refused, refused_by, wants_part


@require_POST
@needs("content.write")
def add_variant(request: MemberRequest, pk: int) -> HttpResponse:
    """Say a piece on one more channel, with its text to begin from."""
    row = get_object_or_404(Piece.objects.select_related("department"), pk=pk)
    here = reverse("content:piece", args=[pk])
    channels = Channel.objects.filter(is_active=True).select_related("connection")
    form = AddVariantForm(request.POST, channels=channels)
    if not form.is_valid():
        return refused(request, _("Choose a channel."), to=here, status=422)
    channel = form.cleaned_data["channel"]
    said = filled_from_body(Variant(piece=row, channel=channel)) if form.cleaned_data["fill"] else {}
    try:
        variant = actions.add_variant(row, channel=channel, **said, **acting(request))
    except (PermissionDenied, Refusal) as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("The variant is added."), to=address_of(row, variant))


@require_POST
@needs("content.write")
def edit_variant(request: MemberRequest, pk: int) -> HttpResponse:
    """Save what goes out on one channel."""
    row, variant = opened_variant(pk)
    form = VariantForm(request.POST, variant=variant)
    return save(request, row, variant, form, lambda said: actions.edit_variant(
        variant, version=version_in(request), **said, **acting(request)
    ))  # fmt: skip


@require_POST
@needs("content.write")
def fill_variant(request: MemberRequest, pk: int) -> HttpResponse:
    """Put the text of the piece into the form of a variant, cut to fit; nothing is saved yet."""
    row, variant = opened_variant(pk)
    typed = VariantForm(request.POST, variant=variant)
    filled = filled_from_body(as_typed(variant, typed))
    data = request.POST.copy()
    for name, value in filled.items():
        data[name] = value
    form = VariantForm(data, variant=variant)
    return work(request, row, variant, form=form, told=_("Filled from the text of the piece. It is not saved yet."))


@require_POST
@needs("content.write")
def look_at_variant(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what would become of a variant as it is typed; nothing is saved."""
    row, variant = opened_variant(pk)
    form = VariantForm(request.POST, variant=variant)
    if not wants_part(request):
        return work(request, row, variant, form=form)
    context = {"variant": variant, "look": look_of(row, variant, form), "live": True}
    return page(request, "content/look.html", context)


@require_POST
@needs("content.write")
def move_variant(request: MemberRequest, pk: int) -> HttpResponse:
    """Say the piece on another channel instead."""
    row, variant = opened_variant(pk)
    here = address_of(row, variant)
    form = MoveVariantForm(request.POST, channels=Channel.objects.filter(is_active=True).select_related("connection"))
    if not form.is_valid():
        return refused(request, _("Choose a channel."), to=here, status=422)
    try:
        made = repurposing.move_variant(variant, channel=form.cleaned_data["channel"], **acting(request))
    except (PermissionDenied, Refusal) as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("It is said there now."), to=address_of(row, made))


@require_POST
@needs("content.write")
def drop_variant(request: MemberRequest, pk: int) -> HttpResponse:
    """Say the piece there no more."""
    row, variant = opened_variant(pk)
    try:
        actions.drop_variant(variant, **acting(request))
    except (PermissionDenied, Refusal) as problem:
        return refused_by(request, problem, to=address_of(row, variant))
    return done(request, _("The piece is not said there any more."), to=reverse("content:piece", args=[row.pk]))
