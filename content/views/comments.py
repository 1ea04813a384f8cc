"""Comments on pieces: said, answered, settled."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from content.actions import comments as actions
from content.models import Comment, Piece, Variant
from content.views.opened_piece import address_of, comments_on, opened
from roles.keys import key_in
from roles.models import Member
from roles.respond import MemberRequest, acting, done, needs, refused


@require_POST
@needs("content.comment")
def comment(request: MemberRequest, pk: int) -> HttpResponse:
    """Say something about a passage, or the whole, or in answer to a comment."""
    row, variant = opened(pk, request.POST.get("variant", ""))
    here = f"{address_of(row, variant)}#comments"
    answers = None
    if asked := request.POST.get("answers", ""):
        answers = get_object_or_404(Comment.objects.select_related("answers"), pk=key_in(asked), piece=row)
    chosen = [key for text in request.POST.getlist("to") if (key := key_in(text)) is not None]
    try:
        actions.comment(
            row,
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            variant=variant,
            quote=request.POST.get("quote", "").replace("\r\n", "\n"),
            near=key_in(request.POST.get("near", "")) or 0,
            answers=answers,
            to=list(Member.objects.active().filter(pk__in=chosen)),
            **acting(request),
        )
    except PermissionDenied as problem:
        return refused(request, str(problem), to=here, status=403)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), to=here, status=422)
    return _said(request, _("Said."), row, variant)


@require_POST
@needs("content.comment")
def resolve_comment(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a comment is settled."""
    return _settle(request, pk, actions.resolve_comment, _("Settled."))


@require_POST
@needs("content.comment")
def reopen_comment(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a comment is not settled after all."""
    return _settle(request, pk, actions.reopen_comment, _("Open again."))


def _settle(request: MemberRequest, pk: int, act: Callable[..., Comment], said: str) -> HttpResponse:
    row = get_object_or_404(Comment.objects.select_related("piece__department", "variant"), pk=pk)
    here = f"{address_of(row.piece, row.variant)}#comments"
    try:
        act(row, **acting(request))
    except PermissionDenied as problem:
        return refused(request, str(problem), to=here, status=403)
    return _said(request, said, row.piece, row.variant)


def _said(request: MemberRequest, said: str, piece: Piece, variant: Variant | None) -> HttpResponse:
    """Draw the comments as they are by now; what is being written beside them stays."""
    here, context = f"{address_of(piece, variant)}#comments", comments_on(request, piece, variant)
    return done(request, said, to=here, template="content/commented.html", context=context)
