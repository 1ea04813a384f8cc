"""The media library: what is there, one of it, its file."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import media as actions
from content.media_forms import DescriptionForm, MediaFilter, UploadForm
from content.models import Media
from content.renditions import PREVIEW, made
from content.serving import given
from content.views.places import piece_url
from engagement.refusals import Refusal
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.uploading import MEGABYTE, largest_file

PER_PAGE = 24


@require_safe
@needs("content.read")
def media_library(request: MemberRequest) -> HttpResponse:
    """What was uploaded, the newest first."""
    form = MediaFilter(request.GET or None)
    rows = form.rows() if form.is_bound else Media.objects.with_use().order_by("-pk")
    context = {
        "form": form,
        "upload": UploadForm(),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "largest": largest_file() // MEGABYTE,
        "may_upload": decide(request.member, "content.manage_media"),
        **shown(request, rows),
    }
    return page(request, "content/media.html", context)


@require_safe
@needs("content.read")
def one_media(request: MemberRequest, pk: int) -> HttpResponse:
    """One of the media: how it looks, what is said of it, and where it is used."""
    return _one(request, get_object_or_404(Media.objects.select_related("made_by__user"), pk=pk))


@require_POST
@needs("content.manage_media")
def describe_media(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what is to be seen or heard."""
    row = get_object_or_404(Media, pk=pk)
    form = DescriptionForm(request.POST, instance=get_object_or_404(Media, pk=pk))
    if form.is_valid():
        with refusals_in(form, Refusal):
            actions.describe_media(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("content:one_media", args=[pk]))
    return _one(request, row, form, status=422)


@require_POST
@needs("content.manage_media")
def remove_media(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove what nothing uses."""
    try:
        actions.remove_media(get_object_or_404(Media, pk=pk), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("content:one_media", args=[pk]))
    return done(request, _("The file is removed."), to=reverse("content:media"))


@require_http_methods(["GET", "HEAD"])
@needs("content.read")
def media_file(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The file itself."""
    row = get_object_or_404(Media, pk=pk)
    return given(request, row.path, content_type=row.content_type, name=row.name, size=row.size)


@require_http_methods(["GET", "HEAD"])
@needs("content.read")
def media_preview(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The picture as small as a thumb; as it is, while no worker has made it smaller yet."""
    row = get_object_or_404(Media, pk=pk)
    small = made(row, PREVIEW)
    if small is not None:
        return given(request, small.file, content_type=small.content_type, name=row.name, size=small.size)
    lasts = PREVIEW.hold(row)
    return given(request, row.path, content_type=row.content_type, name=row.name, size=row.size, lasts=lasts)


def shown(request: MemberRequest, rows: object) -> dict[str, object]:
    """A page of media, and the key from which to go on."""
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)  # type: ignore[attr-defined]
    found = list(rows[: PER_PAGE + 1])  # type: ignore[index]
    return {"rows": found[:PER_PAGE], "before": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None}


def _one(request: MemberRequest, row: Media, form: DescriptionForm | None = None, *, status: int = 200) -> HttpResponse:
    uses = row.uses.select_related("variant__piece", "variant__channel").order_by("-pk")
    context = {
        "media": row,
        "form": form or DescriptionForm(instance=row),
        "uses": [(use, piece_url(use.variant.piece, "media")) for use in uses[:50]],
        "may_manage": decide(request.member, "content.manage_media"),
    }
    return page(request, "content/one_media.html", context, status=status)
