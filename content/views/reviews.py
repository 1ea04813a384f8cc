"""Reviews: what waits for one's own yes, what one waits for, and one review with everything that would go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from content.actions import reviews as actions
from content.models import Piece, Review, ReviewStep
from content.review_counts import reviews_for
from content.review_pages import entries, entry_of
from engagement.refusals import Refusal
from engagement.views.asked import listed, tab_in
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, acting, back_to, done, needs, page, refused_by


@require_safe
@needs("content.review")
def reviews(request: MemberRequest) -> HttpResponse:
    """What waits for the member's yes, or for somebody else's; what waits longest first."""
    member, here = request.member, reverse("content:reviews")
    rows, lists = listed(request, _behind(tab_in(request), member), here=here, asked=reviews_for(member))
    return page(request, "content/reviews.html", {"entries": entries(rows, member), **lists})


def _behind(tab: str, member: Member) -> Any:
    rows = Review.objects.all()
    match tab:
        case "mine":
            return rows.waiting().of(member)
        case "all":
            return rows.waiting().visible_to(member)
        case "ended":
            return rows.exclude(state__in=[Review.State.WAITING, Review.State.WITHDRAWN]).visible_to(member)
        case _:
            return rows.filter(pk__in=ReviewStep.objects.asked_of(member).values("review"))


@require_safe
@needs("content.review")
def review(request: MemberRequest, pk: int) -> HttpResponse:
    """Everything that would go out, what is different from what was approved before, and every step."""
    row = _row(pk, request.member)
    context = {
        "entry": entry_of(row, request.member),
        "review": row,
        "may_ask_guests": decide(request.member, "content.manage_review", row.piece),
    }
    return page(request, "content/review.html", context)


def _row(pk: int, member: Member) -> Review:
    return get_object_or_404(Review.objects.visible_to(member).with_everything(), pk=pk)


@require_POST
@needs("content.write")
def ask_for_review(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for the review of all variants of a piece that need one."""
    piece = get_object_or_404(Piece, pk=pk)
    try:
        made = actions.ask_for_review(piece, **acting(request))
    except Refusal as problem:
        return refused_by(request, problem, to=back_to(request, reverse("content:content")))
    n = sum(len(one.digests) for one in made)
    said = ngettext("Asked for the review of %(n)s variant.", "Asked for the review of %(n)s variants.", n) % {"n": n}
    return done(request, said, to=back_to(request, reverse("content:review", args=[made[0].pk])))


@require_POST
@needs("content.review")
def approve_review(request: MemberRequest, pk: int) -> HttpResponse:
    """Say yes to exactly what was shown."""
    seal = request.POST.get("seal", "")
    return _decide(request, pk, lambda row, **told: actions.approve_review(row, seal=seal, **told))


@require_POST
@needs("content.review")
def send_review_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Say no, and why: to all of it, or to the variants that are chosen."""
    reason, some = request.POST.get("reason", ""), variants_chosen(request.POST)
    return _decide(request, pk, lambda row, **told: actions.send_review_back(row, reason=reason, variants=some, **told))


def variants_chosen(said: QueryDict) -> list[int] | None:
    """Return the variants that a form chose among those that it offered; None where it offered no choice."""
    if "some" not in said:
        return None
    return [key for text in said.getlist("variants") if (key := key_in(text)) is not None]


@require_POST
@needs("content.review")
def remark_on_review(request: MemberRequest, pk: int) -> HttpResponse:
    """Say something that decides nothing."""
    text = request.POST.get("text", "")
    return _decide(
        request,
        pk,
        lambda row, **told: actions.remark_on_review(row, text=text, **told),
        said=_("The remark is noted."),
    )


@require_POST
@needs("content.write")
def withdraw_review(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the question back."""
    back = reverse("content:content")
    return _decide(request, pk, actions.withdraw_review, said=_("Withdrawn; nobody is asked any more."), to=back)


def _decide(
    request: MemberRequest, pk: int, act: Callable[..., Review], *, said: str = "", to: str = ""
) -> HttpResponse:
    try:
        now = act(_row(pk, request.member), **acting(request))
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=reverse("content:review", args=[pk]))
    says = {
        Review.State.APPROVED: _("Approved; it may go out."),
        Review.State.SENT_BACK: _("Sent back to the writer."),
    }
    said = said or says.get(Review.State(now.state), _("Noted. Others are still asked."))
    return done(request, said, to=back_to(request, to or reverse("content:reviews")))
