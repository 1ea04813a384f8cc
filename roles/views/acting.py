"""Act as somebody else, and stop with one click."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from roles import acting, clock
from roles.actions import acting as actions
from roles.models import Member
from roles.respond import MemberRequest, done, needs


@require_POST
@needs("roles.act_as")
def act_as(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin to see and do what another member may."""
    who, at = get_object_or_404(Member.objects.with_positions(), pk=pk), clock.now()
    actions.act_as(who, by=request.member, at=at)
    acting.begin(request, who, at=at)
    return done(request, _("You act as %(name)s now.") % {"name": who}, to=f"/o/{who.organization.slug}/")


@require_POST
@needs("roles.read")
def end_acting(request: MemberRequest) -> HttpResponse:
    """Be oneself again."""
    who = request.member
    acting.end(request)
    if who.acted_by is None:
        return done(request, _("You act as yourself."), to=reverse("roles:team"))
    actions.end_acting(who, by=who.acted_by, at=clock.now())
    return done(request, _("You are yourself again."), to=reverse("roles:member", args=[who.pk]))
