"""Programs sign in with a token that acts for one member in one organization."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from roles import clock
from roles.actions.tokens import note_use
from roles.housekeeping import token_for
from roles.limits import uses
from roles.models import ApiToken, User
from roles.sign_in_log import note_refused
from roles.tenancy import acting_for

MINUTE = 60


class TokenAuthentication(BaseAuthentication):
    """Reads `Authorization: Token <key>`; the request then acts for the token's organization; 429 beyond its limit."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = get_authorization_header(request).split()
        if not header or header[0].lower() != b"token":
            return None
        if len(header) != 2:
            raise AuthenticationFailed(_("Write it as: Authorization: Token <key>."))
        token = token_for(header[1].decode("latin-1"))
        if token is None:
            note_refused(request._request, "token", account="nobody known")
            raise AuthenticationFailed(_("This token is not valid, or was revoked."))
        if token.has_ended(clock.now()):
            note_refused(request._request, "token that has ended", account=f"token {token.pk}")
            raise AuthenticationFailed(_("This token has ended. Make a new one on the page “API tokens”."))
        most = settings.API_CALLS_PER_MINUTE
        if most and uses("api", token.pk, seconds=MINUTE) > most:
            raise Throttled(wait=MINUTE)
        stack = request._request.organization_scope = ExitStack()  # type: ignore[attr-defined]
        stack.enter_context(acting_for(token.organization))
        note_use(token, at=clock.now())
        return token.member.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the token."""

    target_class = "roles.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token <key>: made on the page “API tokens”.",
        }
