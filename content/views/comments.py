"""Comments on pieces: said, answered, settled."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import comments as actions
from content.models import Comment, Piece, Variant
from content.threads import with_answers
from content.views.opened_piece import address_of, comments_on, opened
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

PER_PAGE = 25


@require_safe
@needs("content.read")
def comments_for_me(request: MemberRequest) -> HttpResponse:
    """What was said to the member and waits for a word of theirs, the newest first."""
    rows = Comment.objects.waiting_for(request.member).select_related("piece", "variant__channel")
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    last = Comment.objects.select_related("by__user").in_bulk([row.last for row in shown])  # type: ignore[attr-defined]
    threads = [
        {"begun": row, "last": said, "url": f"{address_of(row.piece, row.variant)}#comments"}
        for row in shown
        if (said := last.get(row.last))  # type: ignore[attr-defined]
    ]
    here = reverse("content:comments_for_me")
    next_url = f"{here}?before={shown[-1].pk}" if len(found) > PER_PAGE else ""
    return page(request, "content/comments_for_me.html", {"threads": threads, "next_url": next_url})


@require_safe
@needs("content.read")
def comments_now(request: MemberRequest, pk: int) -> HttpResponse:
    """What was said of a piece or a variant by now, for a page that is open."""
    row, variant = opened(pk, request.GET.get("variant", ""))
    return page(request, "content/comments_now.html", comments_on(request, row, variant))


@require_safe
@needs("content.read")
def all_comments(request: MemberRequest, pk: int) -> HttpResponse:
    """All that was said of a piece or a variant, the newest first, or all answers to one comment of it."""
    row, variant = opened(pk, request.GET.get("variant", ""))
    begun = Comment.objects.begun(row, variant).select_related("by__user", "resolved_by__user")
    asked, thread = {"variant": variant.pk} if variant else {}, None
    if wanted := request.GET.get("of", ""):
        thread = get_object_or_404(begun, pk=key_in(wanted))
        asked["of"] = thread.pk
    rows = Comment.objects.filter(answers=thread).select_related("by__user") if thread else begun
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    here = reverse("content:all_comments", args=[pk])
    context = {
        "piece": row,
        "variant": variant,
        "thread": thread,
        "shown": shown if thread else with_answers(shown),
        "may_comment": decide(request.member, "content.comment", row),
        "next_url": f"{here}?{urlencode(asked | {'before': shown[-1].pk})}" if len(found) > PER_PAGE else "",
        "back_url": f"{address_of(row, variant)}#comments",
    }
    return page(request, "content/all_comments.html", context)


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
    except (PermissionDenied, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return _said(request, _("The comment is added."), row, variant)


@require_POST
@needs("content.comment")
def resolve_comment(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a comment is settled."""
    return _settle(request, pk, actions.resolve_comment, _("The comment is settled."))


@require_POST
@needs("content.comment")
def reopen_comment(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a comment is not settled after all."""
    return _settle(request, pk, actions.reopen_comment, _("The comment is open again."))


def _settle(request: MemberRequest, pk: int, act: Callable[..., Comment], said: str) -> HttpResponse:
    row = get_object_or_404(Comment.objects.select_related("piece__department", "variant"), pk=pk)
    here = f"{address_of(row.piece, row.variant)}#comments"
    try:
        act(row, **acting(request))
    except PermissionDenied as problem:
        return refused_by(request, problem, to=here)
    return _said(request, said, row.piece, row.variant)


def _said(request: MemberRequest, said: str, piece: Piece, variant: Variant | None) -> HttpResponse:
    """Draw the comments as they are by now; what is being written beside them stays."""
    here, context = f"{address_of(piece, variant)}#comments", comments_on(request, piece, variant)
    return done(request, said, to=here, template="content/commented.html", context=context)
