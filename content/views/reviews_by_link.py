"""Review a piece from its mail: the link is the key to exactly one question; to open it changes nothing.

A member's is signed and stands for exactly what the mail showed; a guest's opens what is asked now, and its form says
what was seen.
"""

from __future__ import annotations

from typing import Any, cast

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from content import housekeeping
from content.actions import reviews as actions
from content.actions.review_guests import answer_as_guest
from content.models import Review, ReviewGuest, ReviewStep
from content.review_mailing import read_review_token
from content.review_pages import Entry, entry_of
from content.views.review_media import picture_of
from content.views.reviews import variants_chosen
from engagement.views.by_link import answered, reason_in, shown
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
        return shown(request, TEMPLATE)
    step, member, seal = found
    with answering_for(member.organization):
        row = _row(step)
        if not decide(member, "content.review", row):
            return shown(request, TEMPLATE)
        told = answered(request, lambda: _decide(request, row, member, seal))
        entry = entry_of(Review.objects.with_everything().get(pk=row.review_id), member)
        is_this = entry.step is not None and entry.step.pk == row.pk
        context = _context(entry, "content:review_picture_by_link", token, told)
        context |= {"is_other": is_this and entry.seal != seal, "is_asked": is_this and entry.is_asked}
        return shown(request, TEMPLATE, context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("review-link", most=60, seconds=600)
def review_as_guest(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would go out to somebody outside, and take their yes or no."""
    guest = housekeeping.guest_of_link(token)
    if guest is None or guest.has_ended(clock.now()):
        return shown(request, TEMPLATE)
    with answering_for(guest.organization):
        row = ReviewGuest.objects.select_related("step__review__piece").get(pk=guest.pk)
        told = answered(request, lambda: _answer(request, row))
        entry = entry_of(Review.objects.with_everything().get(pk=row.step.review_id), None)
        row.refresh_from_db(fields=["state"])
        context = _context(entry, "content:review_picture_as_guest", token, told)
        is_this = entry.step is not None and entry.step.pk == row.step_id
        context |= {"guest": row, "is_asked": is_this and row.state == ReviewGuest.State.WAITING}
        return shown(request, TEMPLATE, context)


@require_safe
@limited("review-picture", most=300, seconds=600)
def review_picture_as_guest(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A picture of what is asked about, for somebody outside who is asked."""
    guest = housekeeping.guest_of_link(token)
    if guest is None or guest.has_ended(clock.now()):
        raise Http404
    with answering_for(guest.organization):
        row = ReviewGuest.objects.select_related("step__review").get(pk=guest.pk)
        response = cast(HttpResponse, picture_of(row.step.review, pk))
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


def _context(entry: Entry, picture: str, token: str, told: dict[str, str]) -> dict[str, Any]:
    # The address of picture 0; that of each is made of it.
    return {
        **told, "entry": entry, "review": entry.review, "picture_url": reverse(picture, args=[token, 0]),
    }  # fmt: skip


def _answer(request: HttpRequest, guest: ReviewGuest) -> str:
    decision = {"remark": "comment"}.get(request.POST.get("decision", ""), request.POST.get("decision", ""))
    seal = request.POST.get("seal", "")
    answer_as_guest(guest, decision=decision, seal=seal, reason=reason_in(request), at=clock.now())
    return {
        "approve": _("Approved. It goes out when everybody who is asked has said yes."),
        "comment": _("Told to the writer; you are still asked."),
    }.get(decision, _("Sent back to the writer, with what should be different."))


def _decide(request: HttpRequest, step: ReviewStep, member: Member, seal: str) -> str:
    decision, at = request.POST.get("decision", ""), clock.now()
    if decision == "approve":
        actions.approve_review(step.review, seal=seal, by=member, at=at)
        return _("Approved. It goes out when everybody who is asked has said yes.")
    reason = reason_in(request)
    if decision == "remark":
        actions.remark_on_review(step.review, text=reason, by=member, at=at)
        return _("Told to the writer; you are still asked.")
    some = variants_chosen(request.POST)
    actions.send_review_back(step.review, reason=reason, variants=some, seal=seal, by=member, at=at)
    return _("Sent back to the writer, with what should be different.")
