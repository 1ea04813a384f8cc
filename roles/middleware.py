"""Find whose page this is from its address, check membership, and act for them, in their time, until it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils import translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from roles import acting, clock, limits
from roles.housekeeping import membership
from roles.models import Member, Role
from roles.presence import mark_seen
from roles.second_factor import is_missing
from roles.sign_in_scope import is_closed, note_emergency, organization_of
from roles.tenancy import acting_for, answering_for
from roles.views.errors import signed_out, too_often

# What is open to a member who must set up a second factor first, or must come from the organization's provider.
WITHOUT_SECOND_FACTOR = ("/second-factor/", "/accounts/")
WITHOUT_PROVIDER = ("/sign-in-there/", "/accounts/")
PREFIX = re.compile(r"^/o/(?P<slug>[-\w]+)(?=/)")


def organization_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Mount the whole site under /o/<organization>/, so that reverse() needs no slug; 404 for a stranger."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not (match := PREFIX.match(request.path_info)):
            if is_closed(request, request.path_info):
                return _account_is_closed(request)
            with acting_for(None):
                return _answer(request, get_response)
        if not request.user.is_authenticated:
            return signed_out(request)
        if limits.is_too_much(request.user.pk):
            return too_often(request)
        member = membership(request.user, match["slug"])
        if member is None or organization_of(request) not in {None, member.organization_id}:
            raise Http404
        if is_closed(request, request.path_info[match.end() :]):
            return _account_is_closed(request)
        if request.user.language:
            translation.activate(request.user.language)
        outer_prefix = get_script_prefix()
        request.path_info = request.path_info[match.end() :]
        request.organization = member.organization  # type: ignore[attr-defined]
        set_script_prefix(f"{outer_prefix.rstrip('/')}{match[0]}/")
        try:
            with answering_for(member.organization):
                at = clock.now()
                if organization_of(request) is None and (elsewhere := _led_elsewhere(request, member, at=at)):
                    return _led_to(request, elsewhere)
                mark_seen(member, at=at)
                request.member = acting.whom(request, member, at=at)  # type: ignore[attr-defined]
                response = _answer(request, get_response)
                response._csp_update = {"connect-src": [events_origin(request)]}  # type: ignore[attr-defined]
                return response
        finally:
            set_script_prefix(outer_prefix)

    return middleware


def _account_is_closed(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Your account is yours: sign in with your password to change it."))
    return HttpResponseRedirect("/")


def _led_elsewhere(request: HttpRequest, member: Member, *, at: datetime) -> str:
    """Where a member who came in by their own account is led instead of the page; empty where nowhere."""
    if member.organization.asks_provider and Role.OWNER not in member.roles:
        # Their second factor is the provider's matter.
        return "" if request.path_info.startswith(WITHOUT_PROVIDER) else "roles:sign_in_there"
    if member.organization.asks_provider:
        note_emergency(request, member, at=at)
    if is_missing(member) and not request.path_info.startswith(WITHOUT_SECOND_FACTOR):
        return "roles:second_factor"
    return ""


def _led_to(request: HttpRequest, name: str) -> HttpResponse:
    address = reverse(name)
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", None) else HttpResponseRedirect(address)


def _answer(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    try:
        return get_response(request)
    finally:
        # What a token has opened ends with its request, also where the view failed. Left open, it would end whenever
        # its memory is reclaimed, in the middle of somebody else's request.
        if scope := getattr(request, "organization_scope", None):
            scope.close()


def events_origin(request: HttpRequest) -> str:
    """Where the browser that sent this request finds the event stream."""
    if settings.EVENTS_URL:
        return str(settings.EVENTS_URL)
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    return f"{request.scheme}://{host}:{settings.EVENTS_PORT}"
