"""Single sign-on as allauth does it: each organization's own provider, asked through the guard of all that goes out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from config import open_id
from listening.networks.guard import Guard, GuardedSession, SessionProblem
from roles import clock
from roles.actions.identity import NotLetIn, Said, recognise
from roles.housekeeping import identity_providers
from roles.models import IdentityProvider
from roles.provider_metadata import certificates
from roles.sealing import Unsealable, unseal
from roles.sign_in_log import note_refused
from roles.tenancy import answering_for

HAS_SAML = find_spec("onelogin") is not None

if HAS_SAML:
    from allauth.socialaccount.providers.saml import utils as saml

log = logging.getLogger(__name__)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Knows the providers of all organizations, and lets in whom their organization knows."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        found = [_app(row) for row in identity_providers()]
        if provider:
            found = [app for app in found if provider in {app.provider, app.provider_id}]
        return [app for app in found if app.client_id == client_id] if client_id else found

    def get_provider(self, request: HttpRequest, provider: str, client_id: Any = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        return open_id.Provider(request, app=found.app) if isinstance(found, OpenIDConnectProvider) else found

    def on_authentication_error(self, request: HttpRequest, provider: Any, **said: Any) -> None:
        """Write down that somebody was not let in, and what did not hold, which they are not told."""
        problem = said.get("exception")
        # What others say may be anything, a key too.
        why = problem if isinstance(problem, open_id.Unproven) else type(problem).__name__ if problem else said["error"]
        note_refused(request, f"provider: {why}", account=provider.sub_id)

    def get_requests_session(self) -> GuardedSession:
        return GuardedSession(Guard.allowing(settings.FETCH_ALLOWED_PRIVATE_HOSTS))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """That an account was linked is in the audit log of the organization whose provider it is."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the member who signed in, and link them; whoever is not let in reads why."""
        key = sociallogin.account.provider
        provider = next((row for row in identity_providers() if row.key == key), None)
        known = sociallogin.user if sociallogin.is_existing else None
        # Linking by hand is not offered: an account is linked by who its organization says it is.
        if provider is None or sociallogin.state.get("process", "login") != "login":
            raise _not_let_in(request, _("This way in is closed."))
        if provider.kind == IdentityProvider.Kind.OIDC and not open_id.is_answer_to(
            sociallogin.state, sociallogin.account.extra_data
        ):
            note_refused(request, "provider: its answer is to another question", account=provider.key)
            raise _not_let_in(
                request, _("Your provider did not confirm who you are. Try again, or sign in with your password.")
            )
        try:
            with answering_for(provider.organization):
                member = recognise(provider, user=known, said=_said(provider, sociallogin), at=clock.now())
        except NotLetIn as reason:
            raise _not_let_in(request, str(reason)) from reason
        if known is None:
            sociallogin.connect(request, member.user)
        sociallogin.state.setdefault("next", f"/o/{provider.organization.slug}/")


def _not_let_in(request: HttpRequest, reason: str) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(request, "roles/not_let_in.html", {"reason": reason}, status=403))


def _app(row: IdentityProvider) -> SocialApp:
    app = SocialApp(provider=row.kind, provider_id=row.key, name=row.name, client_id=row.client_id)
    if row.kind == IdentityProvider.Kind.SAML:
        # Addresses of SAML name the application by its client id.
        app.client_id = row.key
        first, *more = certificates(row.certificate) or [""]
        app.settings = {
            "idp": {"entity_id": row.entity_id, "sso_url": row.sso_url, "x509cert": first, "x509certs": [first, *more]},
            "advanced": {"want_assertion_signed": True, "reject_idp_initiated_sso": True},
        }
        return app
    try:
        app.secret = unseal(row.sealed_secret)
    except Unsealable:
        app.secret = ""
    app.settings = {"server_url": row.issuer, "oauth_pkce_enabled": True}
    return app


def _said(provider: IdentityProvider, sociallogin: Any) -> Said:
    address = next(iter(sociallogin.email_addresses), None)
    extra = sociallogin.account.extra_data
    parts = [extra, *(part for part in extra.values() if isinstance(part, dict))]
    groups: Any = next((part[provider.groups_claim] for part in parts if provider.groups_claim in part), [])
    names = (part.get("name") for part in parts)
    name = next((one for one in names if isinstance(one, str) and one), "")
    return Said(
        email=address.email if address else "",
        # Some say it as a word, and “false” is none for yes.
        is_verified=address is not None and address.verified in (True, "true"),
        name=name,
        groups=[groups] if isinstance(groups, str) else [str(one) for one in groups or ()],
    )


def _with_all_certificates(build: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(build)
    def built(request: HttpRequest, settings: dict[str, Any], key: str) -> dict[str, Any]:
        config = build(request, settings, key)
        config["idp"]["x509certMulti"] = {"signing": [*settings["idp"]["x509certs"]]}
        return config

    return built


if HAS_SAML:
    # allauth hands on one certificate; a provider that changes its own signs with either for a while.
    saml.build_saml_config = _with_all_certificates(saml.build_saml_config)


def begin_oidc(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the provider; where it does not answer, say so and offer the password."""
    return _asked(OAuth2LoginView, request, provider_id)


def finish_oidc(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Let in whom the provider has confirmed."""
    return _asked(OAuth2CallbackView, request, provider_id)


def _asked(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        return view.adapter_view(open_id.Adapter(request, provider_id))(request)  # type: ignore[no-any-return]
    except SocialApp.DoesNotExist as nobody:
        raise Http404 from nobody
    except (SessionProblem, OAuth2Error, ValueError, KeyError) as problem:
        log.warning("The provider %s did not answer as it should: %s", provider_id, problem)
        reason = _("Your provider does not answer as it should. Sign in with your password, or try again later.")
        return render(request, "roles/not_let_in.html", {"reason": reason}, status=502)
