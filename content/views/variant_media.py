"""Media of variants: choosing from the library, describing, putting in order, taking away."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import variant_media as actions
from content.media_forms import MediaFilter, UploadForm
from content.models import Media, Variant, VariantMedia
from content.views.media import shown
from content.views.places import piece_url
from engagement.refusals import Refusal
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.uploading import MEGABYTE, largest_file


@require_safe
@needs("content.write")
def choose_media(request: MemberRequest, pk: int) -> HttpResponse:
    """The library, to choose from for a variant."""
    variant = _variant(pk)
    form = MediaFilter(request.GET or None)
    rows = form.rows() if form.is_bound else Media.objects.with_use().order_by("-pk")
    context = {
        "variant": variant,
        "back_url": piece_url(variant.piece, "media"),
        "form": form,
        "upload": UploadForm(),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "largest": largest_file() // MEGABYTE,
        "may_upload": decide(request.member, "content.manage_media"),
        "attached": set(VariantMedia.objects.filter(variant=variant).values_list("media_id", flat=True)),
        **shown(request, rows),
    }
    return page(request, "content/choose_media.html", context)


@require_POST
@needs("content.write")
def attach_media(request: MemberRequest, pk: int, media: int) -> HttpResponse:
    """Let media go out with a variant."""
    variant = _variant(pk)
    row = get_object_or_404(Media, pk=media)
    try:
        actions.attach_media(variant, media=row, alt=request.POST.get("alt", ""), **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=piece_url(variant.piece, "media"))
    return done(request, _("The media are attached."), to=piece_url(variant.piece, "media"))


@require_POST
@needs("content.write")
def describe_there(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what is to be seen otherwise than elsewhere."""
    row = _row(pk)
    try:
        actions.describe_there(row, alt=request.POST.get("alt", ""), **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=piece_url(row.variant.piece, "media"))
    return done(request, _("Saved."), to=piece_url(row.variant.piece, "media"))


@require_POST
@needs("content.write")
def move_media(request: MemberRequest, pk: int) -> HttpResponse:
    """Let it change places with its neighbour."""
    row = _row(pk)
    to = "later" if request.POST.get("to") == "later" else "earlier"
    try:
        actions.move_media(row, to=to, **acting(request))  # type: ignore[arg-type]
    except Refusal as problem:
        return refused_by(request, problem, to=piece_url(row.variant.piece, "media"))
    return done(request, _("The order is changed."), to=piece_url(row.variant.piece, "media"))


@require_POST
@needs("content.write")
def detach_media(request: MemberRequest, pk: int) -> HttpResponse:
    """Let it go out with this variant no more."""
    row = _row(pk)
    try:
        actions.detach_media(row, **acting(request))
    except Refusal as problem:
        return refused_by(request, problem, to=piece_url(row.variant.piece, "media"))
    return done(request, _("Taken out; it stays in the library."), to=piece_url(row.variant.piece, "media"))


def _variant(pk: int) -> Variant:
    row: Variant = get_object_or_404(Variant.objects.in_use().select_related("piece__department", "channel"), pk=pk)
    return row


def _row(pk: int) -> VariantMedia:
    rows = VariantMedia.objects.select_related("media", "variant__piece__department", "variant__channel")
    return get_object_or_404(rows, pk=pk)
