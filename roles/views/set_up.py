"""The first steps of a new organization, ticked from what is there."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles import clock
from roles.actions import set_up as actions
from roles.respond import MemberRequest, Undo, acting, done, needs, page
from roles.setting_up import next_of, steps_for


@require_safe
@needs("roles.set_up")
def set_up(request: MemberRequest) -> HttpResponse:
    """Show the steps: what is done, what is next, and where."""
    steps = steps_for(request.member)
    first = next_of(shown for shown in steps if not shown.is_done)
    context = {
        "steps": steps,
        "first": first,
        "done_count": sum(shown.is_done for shown in steps),
        "is_away": request.organization.set_up_ended_at is not None,
    }
    return page(request, "roles/set_up.html", context)


@require_POST
@needs("roles.set_up")
def put_set_up_away(request: MemberRequest) -> HttpResponse:
    """Show the list no more by itself."""
    actions.put_set_up_away(request.organization, **acting(request))
    undo = Undo(reverse("roles:take_set_up_out"))
    return done(request, _("The list is put away; it stays under Organization."), to=reverse("roles:team"), undo=undo)


@require_POST
@needs("roles.set_up")
def take_set_up_out(request: MemberRequest) -> HttpResponse:
    """Show the list again."""
    actions.take_set_up_out(request.organization, **acting(request))
    return done(request, _("The list is back."), to=reverse("roles:set_up"))


@require_POST
@needs("roles.manage_members")
def hold_every_role(request: MemberRequest) -> HttpResponse:
    """Hold every role oneself: for an organization of one person."""
    member = request.member
    actions.hold_every_role(member, by=member, at=clock.now())
    message = _("You hold every role now. Give some away whenever somebody joins.")
    return done(request, message, to=reverse("roles:set_up"))
