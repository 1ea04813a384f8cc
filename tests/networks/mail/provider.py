"""A mail provider's sign-in that is strict: codes, tokens and refresh tokens each work as often as they should."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlencode

from aiohttp import web

from tests.networks.running import running

CLIENT = {"client_id": "touchline", "client_secret": "of-the-app"}
SCOPE = "mail.read mail.send"
LIVES = 3600


@dataclass
class Provider:
    """Who has a token, which refresh token is still good, and what was asked how often."""

    address: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    refreshes: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    # Whether a refresh token was sent twice, after which a real provider ends the whole access.
    is_stolen: bool = False

    def end_tokens(self) -> None:
        """Let every token run out, as an hour does."""
        self.tokens = {token: (who, 0.0) for token, (who, _until) in self.tokens.items()}

    def end_all(self) -> None:
        """Let the person take the access back."""
        self.tokens.clear()
        self.refreshes.clear()

    async def authorize(self, request: web.Request) -> web.Response:
        """The person says yes at once."""
        said = request.query
        assert said["response_type"] == "code" and said["client_id"] == CLIENT["client_id"] and said["scope"] == SCOPE
        assert said["code_challenge_method"] == "S256" and len(said["state"]) > 20
        code = secrets.token_urlsafe(16)
        kept = ("redirect_uri", "code_challenge")
        self.codes[code] = {name: said[name] for name in kept} | {"who": said["login_hint"]}
        back = urlencode({"code": code, "state": said["state"]})
        return web.Response(status=302, headers={"Location": f"{said['redirect_uri']}?{back}"})

    async def token(self, request: web.Request) -> web.Response:
        """Give tokens for a code or a refresh token, each once."""
        said = await request.post()
        self.asked[str(said.get("grant_type"))] += 1
        if {name: said.get(name) for name in CLIENT} != CLIENT:
            return web.json_response({"error": "invalid_client"}, status=401)
        if said["grant_type"] == "authorization_code":
            kept = self.codes.pop(str(said["code"]), None)
            digest = hashlib.sha256(str(said["code_verifier"]).encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if kept is None or (kept["redirect_uri"], kept["code_challenge"]) != (said["redirect_uri"], proof):
                return web.json_response({"error": "invalid_grant"}, status=400)
            who = kept["who"]
        else:
            old = str(said["refresh_token"])
            self.is_stolen |= old in self.used
            if old not in self.refreshes:
                return web.json_response({"error": "invalid_grant", "error_description": "Gone."}, status=400)
            who = self.refreshes.pop(old)
            self.used.add(old)
        token, refresh = f"access-{secrets.token_urlsafe(16)}", f"refresh-{secrets.token_urlsafe(16)}"
        self.tokens[token], self.refreshes[refresh] = (who, monotonic() + LIVES), who
        return web.json_response({"access_token": token, "refresh_token": refresh, "expires_in": LIVES})

    async def introspect(self, request: web.Request) -> web.Response:
        """Tell the mail server whose a token is (RFC 7662)."""
        self.asked["introspect"] += 1
        who, until = self.tokens.get(str((await request.post()).get("token")), ("", 0.0))
        return web.json_response({"active": until > monotonic(), "username": who})


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider that answers on loopback until the end."""
    provider, app = Provider(), web.Application()
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.token)
    app.router.add_post("/introspect", provider.introspect)
    with running(app) as address:
        provider.address = address
        yield provider
