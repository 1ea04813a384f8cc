"""The way back from networks at which a member has signed in, and documents that networks show to anybody."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from listening import networks
from listening.actions import sign_ins as actions
from listening.connections.documents import document_of
from listening.connections.housekeeping import organization_of_sign_in
from roles.respond import MemberRequest, acting, done, needs, refused_by

LONGEST_ANSWER = 4000


@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """Where every network leads back to; leads on into the organization whose member began, which asks who it is."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    organization = organization_of_sign_in(request.GET.get("state", ""))
    if organization is None:
        raise Http404
    return HttpResponseRedirect(f"/o/{organization.slug}/connections/finish/?{request.GET.urlencode()}")


@require_safe
@needs("listening.manage_connections")
def finish_sign_in(request: MemberRequest) -> HttpResponse:
    """Connect with what the network handed back; only the member who began it can, once and soon."""
    answer = {name: str(value)[:LONGEST_ANSWER] for name, value in request.GET.items()}
    try:
        made = actions.finish_sign_in(request.organization, answer=answer, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:connections"))
    return done(request, _("“%s” is connected.") % made, to=reverse("listening:connection", args=[made.pk]))


@require_safe
def network_document(request: HttpRequest, network: str, name: str) -> HttpResponse:
    """A document that a network shows to anybody at our address; 404 where it has none of this name."""
    found = document_of(network, name) if networks.is_installed(network) else None
    if found is None:
        raise Http404
    response = JsonResponse(dict(found))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "max-age=300"
    return response
