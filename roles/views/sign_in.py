"""How members sign in: the owner's page, and the one to which a member without a second factor is led."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles import clock
from roles.actions import sign_in as actions
from roles.links import root_path
from roles.models import IdentityProvider
from roles.respond import MemberRequest, done, needs, page
from roles.second_factor import is_missing, without_one
from roles.sign_in_forms import SecondFactorForm


@require_safe
@needs("roles.manage_sign_in")
def sign_in(request: MemberRequest) -> HttpResponse:
    """Show for which roles a second factor is asked, and who has none yet."""
    return _page(request, SecondFactorForm(organization=request.organization))


def _page(request: MemberRequest, form: SecondFactorForm, *, status: int = 200) -> HttpResponse:
    return page(
        request,
        "roles/sign_in.html",
        {"form": form, "without": without_one(), "provider": IdentityProvider.objects.first()},
        status=status,
    )


@require_POST
@needs("roles.manage_sign_in")
def ask_second_factor(request: MemberRequest) -> HttpResponse:
    """Say for which roles a second factor is asked."""
    organization = request.organization
    form = SecondFactorForm(request.POST, organization=organization)
    if not form.is_valid():
        return _page(request, form, status=422)
    by = request.member
    actions.ask_second_factor(organization, **form.chosen, by=by, at=clock.now())
    message = _("Saved. Whoever has none is led to set one up before anything else.")
    return done(request, message, to=reverse("roles:sign_in"))


@require_safe
@needs("roles.read")
def second_factor(request: MemberRequest) -> HttpResponse:
    """Say why a second factor is asked, and where it is set up."""
    member = request.member
    return page(request, "roles/second_factor.html", {"is_missing": is_missing(member)})


@require_safe
@needs("roles.read")
def sign_in_there(request: MemberRequest) -> HttpResponse:
    """Say that this organization lets people in by its provider, and lead there."""
    provider = IdentityProvider.objects.filter(is_active=True, is_only_way=True).first()
    # Sign-in stands beside the organizations, and comes back to this one.
    back = f"?next=/o/{request.organization.slug}/"
    address = f"{root_path(provider.login_view, provider.key)}{back}" if provider else ""
    return page(request, "roles/sign_in_there.html", {"provider": provider, "address": address})
