"""OpenID Connect as its standard wants it, where allauth is content with less: nonce, signature, issuer, one person."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# By what a provider may sign, and the kind of key that it takes: never by a secret that we share, nor by nothing.
KINDS = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
}  # fmt: skip
CLAIMS = ["iss", "sub", "aud", "exp", "iat"]
# By so many seconds two clocks may differ.
LEEWAY = 60
_WELL_KNOWN = "/.well-known/openid-configuration"


class Unproven(OAuth2Error):  # type: ignore[misc]
    """What a provider says of somebody does not hold; `str()` says why, for the log."""


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Asks a provider and believes what it has signed for us."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself; it must be the one whose address was entered."""
        try:
            said: dict[str, Any] = super().openid_config
        except (AttributeError, TypeError) as problem:
            raise Unproven("Its metadata are none.") from problem
        if _bare(said.get("issuer")) != _bare(self.get_provider().app.settings["server_url"]):
            raise Unproven("Its metadata are those of another issuer.")
        return said

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Know somebody by what is signed; what is asked beside it must be about the same person."""
        if not kwargs["response"].get("id_token"):
            raise Unproven("It sent no ID token.")
        try:
            login = super().complete_login(request, app, token, **kwargs)
        except (KeyError, ValueError, TypeError, AttributeError) as problem:
            raise Unproven(f"Its answer is none ({type(problem).__name__}).") from problem
        said = login.account.extra_data
        if said["userinfo"].get("sub") != said["id_token"]["sub"]:
            raise Unproven("Its answers are about two persons.")
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        # allauth looks at no signature where it fetched the token itself, and takes the algorithm that the token names.
        config = self.openid_config
        with get_adapter().get_requests_session() as session:
            answer = session.get(config["jwks_uri"])
        answer.raise_for_status()
        return claims_of(id_token, keys=answer.json(), issuer=config["issuer"], client_id=app.client_id)


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """Begins a sign-in with a number that the ID token must name."""

    oauth2_adapter_class = Adapter

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        """What is asked of the provider is ours to say: a link that somebody was sent adds nothing to it."""
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """The same of what we want to know."""
        return list(self.get_scope())

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponseBase:
        """Lead to the provider; the number is kept in the session, beside the state."""
        nonce = secrets.token_urlsafe(32)
        asked = {**(kwargs.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        answer: HttpResponseBase = super().redirect(
            request, process, next_url, data, auth_params=asked, nonce=nonce, **kwargs
        )
        return answer


def claims_of(id_token: str, *, keys: Any, issuer: str, client_id: str) -> dict[str, Any]:
    """Return what an ID token says, signed by this issuer for this client; raises Unproven."""
    try:
        key, algorithm = _key_for(jwt.get_unverified_header(id_token), keys)
        claims: dict[str, Any] = jwt.decode(
            id_token, key=key, algorithms=[algorithm], issuer=issuer, audience=client_id, leeway=LEEWAY,
            options={"require": CLAIMS},
        )  # fmt: skip
    except (jwt.PyJWTError, TypeError, ValueError) as problem:
        raise Unproven(f"Its ID token does not hold: {problem}") from problem
    if claims.get("azp", client_id) != client_id or (_is_for_others_too(claims) and "azp" not in claims):
        raise Unproven("Its ID token was made for somebody else.")
    return claims


def is_answer_to(state: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether an ID token names the number with which this session asked."""
    claims = said.get("id_token")
    asked, told = state.get("nonce"), claims.get("nonce") if isinstance(claims, dict) else None
    return isinstance(asked, str) and isinstance(told, str) and hmac.compare_digest(asked.encode(), told.encode())


def _key_for(head: Mapping[str, Any], keys: Any) -> tuple[Any, str]:
    """The key that must have signed a token with this head: the one it names, or the only one of its kind."""
    algorithm, key_id = str(head.get("alg")), head.get("kid")
    rows = keys.get("keys") if isinstance(keys, dict) else None
    fitting = [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        and row.get("kty") == KINDS.get(algorithm, "none of them")
        and row.get("use", "sig") == "sig"
        and row.get("alg", algorithm) == algorithm
        and (key_id is None or row.get("kid") == key_id)
    ]
    if len(fitting) != 1:
        raise Unproven("No key of the provider fits its ID token.")
    return jwt.PyJWK(fitting[0], algorithm=algorithm).key, algorithm


def _is_for_others_too(claims: Mapping[str, Any]) -> bool:
    return isinstance(claims["aud"], list) and len(claims["aud"]) > 1


def _bare(address: Any) -> str:
    """An issuer without what may or may not stand at its end."""
    return str(address).removesuffix(_WELL_KNOWN).rstrip("/")
