"""Review a piece from its mail: the signed link is the key to exactly one question; to open it changes nothing."""

from __future__ import annotations

from typing import Any, cast

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from content import housekeeping
from content.actions import reviews as actions
from content.models import Review, ReviewStep
from content.review_mailing import read_review_token
from content.review_pages import entry_of
from content.views.review_media import picture_of
from content.views.reviews import variants_chosen
from engagement.refusals import Refusal
from roles import clock
from roles.limits import limited
from roles.models import Member
from roles.permissions import decide
from roles.tenancy import answering_for

TEMPLATE = "content/review_by_link.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("review-link", most=60, seconds=600)
def review_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would go out, and take the yes or the no of the one person who was asked."""
    found = _found(token)
    if found is None:
        response = render(request, TEMPLATE, {}, status=404)
    else:
        step, member, seal = found
        with answering_for(member.organization):
            row = _row(step)
            may = decide(member, "content.review", row)
            response = _decided(request, row, member, seal, token) if may else render(request, TEMPLATE, {}, status=404)
    # Told to no other place, but to our own form: without any a browser says that the form comes from nowhere.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@limited("review-picture", most=300, seconds=600)
def review_picture_by_link(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A picture of what is asked about, for the one person who was asked."""
    found = _found(token)
    if found is None:
        raise Http404
    step, member, _seal = found
    with answering_for(member.organization):
        row = _row(step)
        if not decide(member, "content.review", row):
            raise Http404
        response = cast(HttpResponse, picture_of(row.review, pk))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _found(token: str) -> tuple[ReviewStep, Member, str] | None:
    try:
        organization_id, key, member_id, seal = read_review_token(token)
        found = housekeeping.review_step_of_link(organization_id, key, member_id)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (*found, seal) if found is not None else None


def _row(step: ReviewStep) -> ReviewStep:
    return ReviewStep.objects.select_related("review__piece").get(pk=step.pk)


def _decided(request: HttpRequest, step: ReviewStep, member: Member, seal: str, token: str) -> HttpResponse:
    problem, said = "", ""
    if request.method == "POST":
        try:
            said = _decide(request, step, member, seal)
        except (Refusal, PermissionDenied) as refusal:
            problem = str(refusal)
        except ValidationError as refusal:
            problem = " ".join(refusal.messages)
    entry = entry_of(Review.objects.with_everything().get(pk=step.review_id), member)
    is_this = entry.step is not None and entry.step.pk == step.pk
    context: dict[str, Any] = {
        "entry": entry,
        "review": entry.review,
        "token": token,
        "said": said,
        "problem": problem,
        "is_other": is_this and entry.seal != seal,
        "is_asked": is_this and entry.is_asked,
    }
    return render(request, TEMPLATE, context, status=409 if problem else 200)


def _decide(request: HttpRequest, step: ReviewStep, member: Member, seal: str) -> str:
    decision, at = request.POST.get("decision", ""), clock.now()
    if decision == "approve":
        actions.approve_review(step.review, seal=seal, by=member, at=at)
        return _("Approved. It goes out when everybody who is asked has said yes.")
    reason = request.POST.get("reason", "").replace("\x00", "")
    if decision == "remark":
        actions.remark_on_review(step.review, text=reason, by=member, at=at)
        return _("Told to the writer; you are still asked.")
    some = variants_chosen(request.POST)
    actions.send_review_back(step.review, reason=reason, variants=some, seal=seal, by=member, at=at)
    return _("Sent back to the writer, with what should be different.")
