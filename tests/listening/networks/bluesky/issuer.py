"""The double with a sign-in of its own: strict about proofs, nonces, keys, and tokens that are good for once."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import jwt
from aiohttp import web

from tests.listening.networks.bluesky.double import Double


class Refusal(Exception):
    """What the sign-in says no to."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


class Issuer(Double):
    """A network whose accounts are also connected by signing in; `clients` is what it found at our addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        self.pushed: dict[str, dict[str, str]] = {}
        self.codes: dict[str, tuple[str, dict[str, str]]] = {}
        self.refresh: dict[str, tuple[str, str]] = {}
        self.bound: dict[str, str] = {}
        self.nonce = "first"
        self.seen: set[str] = set()
        self.says_it_is = ""

    def routes(self, app: web.Application) -> None:
        """Add the addresses of the sign-in."""
        app.router.add_get("/.well-known/oauth-protected-resource", self._resource)
        app.router.add_get("/.well-known/oauth-authorization-server", self._metadata)
        app.router.add_post("/oauth/{step}", self._step)

    def say_yes(self, address: str, did: str) -> dict[str, str]:
        """Let the owner say yes on the page that they were sent to; returns what our address is called with."""
        asked = {name: values[0] for name, values in parse_qs(address.partition("?")[2]).items()}
        pushed = self.pushed.pop(asked["request_uri"])
        assert pushed["client_id"] == asked["client_id"]
        code = secrets.token_urlsafe(8)
        self.codes[code] = (did, pushed)
        return {"code": code, "state": pushed["state"], "iss": self.address}

    async def _resource(self, _request: web.Request) -> web.Response:
        return web.json_response({"resource": self.address, "authorization_servers": [self.address]})

    async def _metadata(self, _request: web.Request) -> web.Response:
        paths = {
            "pushed_authorization_request_endpoint": "par",
            "token_endpoint": "token",
            "revocation_endpoint": "revoke",
        }
        named = {name: f"{self.address}/oauth/{path}" for name, path in paths.items()}
        return web.json_response(
            {"issuer": self.says_it_is or self.address, "authorization_endpoint": f"{self.address}/authorize", **named}
        )

    async def _step(self, request: web.Request) -> web.Response:
        said = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        headers = {"DPoP-Nonce": self.nonce}
        try:
            key = self._proved(request)
            self._known(said)
            found = getattr(self, f"_{request.match_info['step']}")(said, key)
        except Refusal as refusal:
            return web.json_response({"error": refusal.error}, status=refusal.status, headers=headers)
        return web.json_response(found, status=201 if request.path.endswith("par") else 200, headers=headers)

    def _proved(self, request: web.Request, token: str = "") -> str:
        """Check the proof; returns the name of its key."""
        proof = request.headers.get("DPoP", "")
        jwk = jwt.get_unverified_header(proof)["jwk"]
        assert jwt.get_unverified_header(proof)["typ"] == "dpop+jwt" and "d" not in jwk
        claims = jwt.decode(proof, jwt.PyJWK(jwk, algorithm="ES256").key, algorithms=["ES256"])
        if claims.get("nonce") != self.nonce:
            raise Refusal("use_dpop_nonce", 401 if token else 400)
        url = f"{self.address}{request.path}"
        fresh = claims["jti"] not in self.seen and abs(claims["iat"] - time.time()) < 30
        self.seen.add(claims["jti"])
        if claims["htm"] != request.method or claims["htu"] != url or not fresh:
            raise Refusal("invalid_dpop_proof")
        if token and claims.get("ath") != digest(token):
            raise Refusal("invalid_dpop_proof", 401)
        return digest(json.dumps(jwk, sort_keys=True))

    def _known(self, said: dict[str, str]) -> None:
        if said["client_id"].startswith("http://localhost"):
            return
        metadata, keys = self.clients[said["client_id"]]
        assert metadata["client_id"] == said["client_id"] and metadata["dpop_bound_access_tokens"] is True
        header = jwt.get_unverified_header(said["client_assertion"])
        key = next((key for key in keys["keys"] if key["kid"] == header["kid"]), None)
        if key is None:
            raise Refusal("invalid_client", 401)
        claims = jwt.decode(
            said["client_assertion"], jwt.PyJWK(dict(key)).key, algorithms=["ES256"], audience=self.address
        )
        assert claims["iss"] == claims["sub"] == said["client_id"] and claims["jti"] not in self.seen
        self.seen.add(claims["jti"])

    def _par(self, said: dict[str, str], key: str) -> dict[str, Any]:
        if said["client_id"] in self.clients:
            assert said["redirect_uri"] in self.clients[said["client_id"]][0]["redirect_uris"]
        assert said["code_challenge_method"] == "S256" and said["response_type"] == "code"
        name = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(8)}"
        self.pushed[name] = said | {"dpop_key": key}
        return {"request_uri": name, "expires_in": 60}

    def _token(self, said: dict[str, str], key: str) -> dict[str, Any]:
        if said["grant_type"] == "refresh_token":
            did, bound = self.refresh.pop(said["refresh_token"], ("", ""))
            if not did or bound != key:
                raise Refusal("invalid_grant")
        else:
            did, pushed = self.codes.pop(said["code"], ("", {}))
            if not did or pushed["code_challenge"] != digest(said["code_verifier"]) or pushed["dpop_key"] != key:
                raise Refusal("invalid_grant")
            assert pushed["redirect_uri"] == said["redirect_uri"]
        access, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.sessions[access], self.bound[access] = (did, "access", time.time() + 600), key
        self.refresh[refresh] = (did, key)
        return {
            "access_token": access, "refresh_token": refresh, "token_type": "DPoP", "expires_in": 600, "sub": did,
            "scope": "atproto transition:generic",
        }  # fmt: skip

    def _revoke(self, said: dict[str, str], _key: str) -> dict[str, Any]:
        self.refresh.pop(said["token"], None)
        return {}

    async def _xrpc(self, request: web.Request) -> web.StreamResponse:
        said = request.headers.get("Authorization", "")
        if not said.startswith("DPoP "):
            return await super()._xrpc(request)
        token = said.removeprefix("DPoP ")
        try:
            self._good(token, request)
        except Refusal as refusal:
            headers = {"DPoP-Nonce": self.nonce, "WWW-Authenticate": f'DPoP error="{refusal.error}"'}
            return web.json_response({"error": refusal.error}, status=refusal.status, headers=headers)
        return await super()._xrpc(request)

    def _good(self, token: str, request: web.Request) -> None:
        if token not in self.bound or self._proved(request, token) != self.bound[token]:
            raise Refusal("invalid_token", 401)
        if self.sessions[token][2] < time.time():
            raise Refusal("invalid_token", 401)

    def _who(self, request: web.Request, name: str, kind: str = "access") -> str:
        said = request.headers.get("Authorization", "")
        return self.sessions[said[5:]][0] if said.startswith("DPoP ") else super()._who(request, name, kind)


def digest(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
