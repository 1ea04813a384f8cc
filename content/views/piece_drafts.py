"""What is typed into a form of a piece: kept while one types, offered back, discarded; and who else is there."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import piece_drafts as actions
from content.models import Piece, PieceDraft
from content.offering import offered_to
from content.views.opened_piece import address_of, opened
from engagement.present import in_words
from roles import clock, presence
from roles.keys import key_in
from roles.respond import MemberRequest, acting, back_to, done, needs, page

NOT_TYPED = {"csrfmiddlewaretoken", "window", "took", "version"}


@require_POST
@needs("content.write")
def keep_piece_draft(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep what is typed in a window; sent by script, again and again."""
    row, variant = opened(pk, request.GET.get("variant", ""))
    fields = {name: str(value) for name, value in request.POST.items() if name not in NOT_TYPED}
    version = key_in(request.POST.get("version", "")) or row.version
    try:
        kept = actions.keep_piece_draft(
            row, variant=variant, window=request.POST.get("window", ""), fields=fields, version=version,
            **acting(request),
        )  # fmt: skip
    except PermissionDenied as problem:
        return JsonResponse({"detail": str(problem)}, status=403)
    except ValidationError as problem:
        return JsonResponse({"detail": " ".join(problem.messages)}, status=422)
    return JsonResponse({"saved_at": kept.saved_at.isoformat()})


@require_safe
@needs("content.write")
def offered_drafts(request: MemberRequest, pk: int) -> HttpResponse:
    """What other windows of the member left unsaved, with how it differs from what is saved."""
    row, variant = opened(pk, request.GET.get("variant", ""))
    context = {"piece": row, "variant": variant, "offered": offered_to(request.member, row, variant)}
    return page(request, "content/offered_drafts.html", context)


@require_POST
@needs("content.write")
def discard_piece_draft(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget what one typed and did not save."""
    drafts = PieceDraft.objects.filter(member=request.member).select_related("piece__department", "variant")
    draft = get_object_or_404(drafts, pk=pk)
    actions.discard_piece_draft(draft, **acting(request))
    return done(request, _("The draft is discarded."), to=back_to(request, address_of(draft.piece, draft.variant)))


@require_POST
@needs("content.read")
def be_at_piece(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what one does in a window, and read who else is there; kept for seconds, never in the database."""
    member, at, said = request.member, clock.now(), request.POST
    subject = f"piece:{get_object_or_404(Piece.objects.only('pk'), pk=pk).pk}"
    try:
        presence.say(subject, by=member, window=said.get("window", ""), doing=said.get("doing", ""), at=at)
    except ValueError as problem:
        return HttpResponse(str(problem), status=422, content_type="text/plain")
    people = presence.others([subject], but=member, at=at).get(subject, [])
    return page(request, "engagement/_present.html", {"others": in_words(people)})
