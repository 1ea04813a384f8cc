"""One piece to many: another of it for other channels, and what may be said again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import repurposing as actions
from content.evergreen import rested, resting
from content.models import Piece
from content.repurposing_forms import RepurposeForm
from engagement.refusals import Refusal
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

MOST, NEXT = 100, 10


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.write")
def repurpose(request: MemberRequest, pk: int) -> HttpResponse:
    """Make another of a piece: its title, and the channels that it is for."""
    row = get_object_or_404(Piece.objects.open().select_related("department", "campaign"), pk=pk)
    form = RepurposeForm(request.POST or None, initial={"title": row.title}, piece=row)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, Refusal):
            made = actions.repurpose(row, **form.cleaned_data, **acting(request))
            return done(
                request, _("Another piece has begun with what fits."), to=reverse("content:piece", args=[made.pk])
            )
    context = {"form": form, "piece": row, "back": reverse("content:piece", args=[pk])}
    return page(request, "content/repurpose.html", context, status=422 if form.errors else 200)


@require_safe
@needs("content.read")
def rested_pieces(request: MemberRequest) -> HttpResponse:
    """What stays true and has rested, to be planned again; and what rests still."""
    at = clock.now()
    shown = list(rested(at=at).select_related("author__user", "department")[: MOST + 1])
    context = {
        "rested": shown[:MOST],
        "more": len(shown) > MOST,
        "resting": resting(at=at).select_related("department")[:NEXT],
        "may_write": decide(request.member, "content.write"),
    }
    return page(request, "content/rested.html", context)


@require_POST
@needs("content.write")
def say_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin a piece anew that has rested, and go there to plan it."""
    row = get_object_or_404(Piece.objects.select_related("department", "campaign"), pk=pk)
    try:
        made = actions.say_again(row, **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=reverse("content:rested_pieces"))
    return done(request, _("Begun anew: look it over, and plan it."), to=reverse("content:piece", args=[made.pk]))
