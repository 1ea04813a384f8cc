"""The door: where a person goes after sign-in."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from roles.housekeeping import memberships
from roles.navigation import first_place
from roles.permissions import decide
from roles.respond import MemberRequest
from roles.setting_up import open_steps
from roles.sign_in_scope import organization_of


def home(request: MemberRequest) -> HttpResponse:
    """Lead to the one organization, offer a choice of several, or, inside one, to the first place of one's work."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if getattr(request, "member", None) is not None:
        return HttpResponseRedirect(_first_steps(request) or first_place(request) or "team/")
    only = organization_of(request)
    mine = [member for member in memberships(request.user) if only in {None, member.organization_id}]
    if len(mine) == 1:
        return HttpResponseRedirect(f"/o/{mine[0].organization.slug}/")
    return render(request, "roles/choose_organization.html", {"memberships": mine})


def _first_steps(request: MemberRequest) -> str:
    """The list of first steps, for those who take them, as long as some are open and nobody has put it away."""
    is_over = request.organization.set_up_ended_at is not None
    if is_over or not decide(request.member, "roles.set_up") or not open_steps(request.member):
        return ""
    return reverse("roles:set_up")
