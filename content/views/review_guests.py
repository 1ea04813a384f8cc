"""People outside who are asked about a review: asked, and asked no more."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from content.actions import review_guests as actions
from content.models import Review, ReviewGuest
from engagement.refusals import Refusal
from roles.keys import key_in
from roles.respond import MemberRequest, acting, done, needs, refused_by


@require_POST
@needs("content.manage_review")
def ask_guest(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask somebody outside whether exactly this may go out."""
    row, here = (
        get_object_or_404(Review.objects.visible_to(request.member), pk=pk),
        reverse("content:review", args=[pk]),
    )
    name, email = request.POST.get("name", ""), request.POST.get("email", "")
    days = key_in(request.POST.get("days", "")) or actions.USUAL_DAYS
    try:
        guest = actions.ask_guest(row, name=name, email=email, days=days, **acting(request))
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("A link is on its way to %(name)s.") % {"name": guest.name}, to=here)


@require_POST
@needs("content.manage_review")
def revoke_guest(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask somebody outside no more."""
    seen = Review.objects.visible_to(request.member).values("pk")
    row = get_object_or_404(ReviewGuest.objects.select_related("step__review"), pk=pk, step__review__in=seen)
    here = reverse("content:review", args=[row.step.review_id])
    try:
        actions.revoke_guest(row, **acting(request))
    except (PermissionDenied, Refusal) as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("Their link opens nothing any more."), to=here)
