"""Invitations: who was asked in, and the page behind the link."""

from __future__ import annotations

from django.contrib.auth import login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from roles import clock, mail
from roles.actions import invitations as actions
from roles.forms import InvitationForm, JoinForm, refusals_in
from roles.housekeeping import has_account, invitation_for
from roles.models import Invitation
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.sign_in_scope import organization_of
from roles.tenancy import answering_for


@require_safe
@needs("roles.invite")
def invitations(request: MemberRequest) -> HttpResponse:
    """Show the open invitations, and the form for another."""
    return _page(request, InvitationForm(by=request.member))


def _page(
    request: MemberRequest, form: InvitationForm, *, status: int = 200, link: str = "", to: str = ""
) -> HttpResponse:
    rows = Invitation.objects.open(clock.now()).with_people().order_by("-pk")
    context = {"form": form, "invitations": rows, "link": link, "to": to, "mailed": mail.is_configured()}
    response = page(request, "roles/invitations.html", context, status=status)
    if link:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs("roles.invite")
def invite(request: MemberRequest) -> HttpResponse:
    """Make an invitation and show its link, this once."""
    member, organization = request.member, request.organization
    form = InvitationForm(request.POST, by=member)
    if form.is_valid():
        data = form.cleaned_data
        where = data.pop("department") or organization
        with refusals_in(form, PermissionDenied):
            invitation, link = actions.invite(where, **data, by=member, at=clock.now())
            return _page(request, InvitationForm(by=member), link=link, to=invitation.email)
    return _page(request, form, status=422)


@require_POST
@needs("roles.invite")
def withdraw_invitation(request: MemberRequest, pk: int) -> HttpResponse:
    """End an open invitation."""
    invitation = get_object_or_404(Invitation, pk=pk)
    here = reverse("roles:invitations")
    try:
        actions.withdraw_invitation(invitation, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    message = _("The invitation for %(email)s is withdrawn; its link opens nothing any more.")
    return done(request, message % {"email": invitation.email}, to=here)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: say who invites to what, and let the person in."""
    found = invitation_for(token)
    at = clock.now()
    state = found.state(at) if found else "unknown"
    if found is None or state != "open":
        return render(request, "roles/invitation_closed.html", {"invitation": found, "state": state}, status=410)
    with answering_for(found.organization):
        if request.user.is_authenticated or has_account(found.email):
            return _for_an_account(request, found, token)
        return _for_a_new_person(request, found)


def _for_an_account(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    user = request.user
    here = f"/invitations/{token}/"
    # Whoever an organization's provider calls so is that person for this organization alone.
    is_here = organization_of(request) in {None, found.organization_id}
    is_theirs = user.is_authenticated and user.email.lower() == found.email and is_here
    context = {"invitation": found, "known": True, "here": here, "is_theirs": is_theirs}
    if request.method != "POST" or not is_theirs:
        status = 403 if request.method == "POST" else 200
        return render(request, "roles/invitation.html", context, status=status)
    try:
        member = actions.accept_invitation(found, user=user, at=clock.now())  # type: ignore[arg-type]
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return HttpResponseRedirect(f"/o/{member.organization.slug}/")


def _for_a_new_person(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, invitation=found)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            member = actions.join(found, **form.cleaned_data, at=clock.now())
            login(request, member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return HttpResponseRedirect(f"/o/{member.organization.slug}/")
    status = 422 if form.is_bound else 200
    return render(request, "roles/invitation.html", {"invitation": found, "form": form}, status=status)
