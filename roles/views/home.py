"""The door: where a person goes after sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from roles.housekeeping import memberships
from roles.navigation import first_place


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the one organization, offer a choice of several, or, inside one, to the first place of one's work."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if getattr(request, "member", None) is not None:
        return HttpResponseRedirect(first_place(request) or "team/")
    mine = memberships(request.user)
    if len(mine) == 1:
        return HttpResponseRedirect(f"/o/{mine[0].organization.slug}/")
    return render(request, "roles/choose_organization.html", {"memberships": mine})
