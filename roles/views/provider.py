"""Where an organization's people sign in: the owner's form."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles import clock
from roles.actions import identity as actions
from roles.forms import refusals_in
from roles.links import outside_address
from roles.models import IdentityProvider
from roles.provider_forms import ProviderForm
from roles.respond import MemberRequest, done, needs, page


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.manage_sign_in")
def provider(request: MemberRequest) -> HttpResponse:
    """Show and change the identity provider, and what to enter there."""
    by = request.member
    row = IdentityProvider.objects.first()
    form = ProviderForm(request.POST or None, initial=ProviderForm.values_of(row) if row else {})
    if request.method == "POST" and form.is_valid():
        fields, at = dict(form.cleaned_data), clock.now()
        groups = fields.pop("groups")
        with refusals_in(form):
            with transaction.atomic():
                made = actions.set_provider(request.organization, **fields, by=by, at=at)
                actions.map_groups(made, groups=groups, by=by, at=at)
            return done(
                request, _("Saved. Try it in a private window before you rely on it."), to=reverse("roles:sign_in")
            )
    context = {"form": form, "provider": row, "there": _there(request)}
    return page(request, "roles/provider.html", context, status=422 if form.errors else 200)


def _there(request: MemberRequest) -> list[tuple[str, str]]:
    """What to enter at the provider."""
    key = f"organization-{request.organization.pk}"
    names = [("openid_connect_callback", _("OpenID Connect: redirect address"))]
    names += [("saml_acs", _("SAML: assertion consumer service")), ("saml_metadata", _("SAML: metadata and entity ID"))]
    found = []
    for name, label in names:
        try:
            found.append((label, outside_address(name, key)))
        except NoReverseMatch:
            found.append((label, _("not installed: add the extra “saml”")))
    return found
