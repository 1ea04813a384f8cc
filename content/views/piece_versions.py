"""What a piece said before: its versions, what changed in each, and bringing one back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import piece_versions as actions
from content.models import Piece, PieceVersion
from content.piece_changes import changes_between
from engagement.refusals import Refusal
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

PER_PAGE = 30


@require_safe
@needs("content.read")
def piece_versions(request: MemberRequest, pk: int) -> HttpResponse:
    """The versions of a piece, the newest first, and what changed in the one that is opened."""
    row = get_object_or_404(Piece.objects.select_related("department"), pk=pk)
    versions = row.versions.select_related("by__user").order_by("-number")
    if before := key_in(request.GET.get("before", "")):
        shown = list(versions.filter(number__lt=before).defer("document")[: PER_PAGE + 1])
    else:
        shown = list(versions.defer("document")[: PER_PAGE + 1])
    number = key_in(request.GET.get("version", "")) or (shown[0].number if shown else 0)
    opened = versions.filter(number=number).first()
    earlier = versions.filter(number__lt=number).first()
    here = reverse("content:piece_versions", args=[pk])
    context = {
        "piece": row,
        "versions": shown[:PER_PAGE],
        "next_url": f"{here}?before={shown[PER_PAGE - 1].number}" if len(shown) > PER_PAGE else "",
        "opened": opened,
        "earlier": earlier,
        "sections": changes_between(earlier.document if earlier else None, opened.document) if opened else [],
        "is_newest": opened is not None and not versions.filter(number__gt=number).exists(),
        "may_write": decide(request.member, "content.write", row),
    }
    return page(request, "content/piece_versions.html", context)


@require_POST
@needs("content.write")
def restore_version(request: MemberRequest, pk: int) -> HttpResponse:
    """Bring back what a piece said in a version."""
    version = get_object_or_404(PieceVersion.objects.select_related("piece__department"), pk=pk)
    here = reverse("content:piece_versions", args=[version.piece_id])
    try:
        actions.restore_version(version.piece, number=version.number, **acting(request))
    except (PermissionDenied, Refusal) as problem:
        return refused_by(request, problem, to=here)
    said = _("Version %(number)s is back, as a new version.") % {"number": version.number}
    return done(request, said, to=reverse("content:piece", args=[version.piece_id]))
