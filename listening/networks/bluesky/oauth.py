"""Connects an account by signing in at its server: pushed request, PKCE, and tokens bound to a key of ours (OAuth)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt

from listening.networks.bluesky import dpop
from listening.networks.bluesky.client import object_in, problem_of
from listening.networks.bluesky.connect import connected
from listening.networks.bluesky.identity import (
    Directories,
    account_name,
    document_of,
    resolve,
    server_address,
    server_in,
)
from listening.networks.calling import Send
from listening.networks.connecting import Begun, Connected
from listening.networks.http import Answer
from listening.networks.protocols import Access, AccessWithdrawn, NetworkError, Refused, Unreadable
from listening.networks.words import _

# Where every network leads back to, below our own address.
RETURN = "/connections/return/"
SCOPE = "atproto transition:generic"
METADATA, KEYS = "client-metadata.json", "jwks.json"
_PURPOSE = "networks/bluesky/client key"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ASSERTION_SECONDS = 60


def document(access: Access, name: str) -> Mapping[str, Any] | None:
    """Show who we are to servers at which people sign in: our description, and the keys that we sign with."""
    if name == KEYS:
        return {"keys": [_public_key(access)]}
    if name != METADATA:
        return None
    return {
        "client_id": _our_address(access, METADATA),
        "client_name": "Touchline",
        "client_uri": access.site,
        "application_type": "web",
        "dpop_bound_access_tokens": True,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": [f"{access.site}{RETURN}"],
        "scope": SCOPE,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": _our_address(access, KEYS),
    }


async def begin(access: Access, send: Send, directories: Directories, filled: Mapping[str, str], back: str) -> Begun:
    """Tell the account's server what is wanted, and say where the person is to go."""
    client_id = _client_id(access, back)
    address, name = server_address(filled.get("server", "")), account_name(filled.get("handle", ""))
    if not address:
        address = (await resolve(send, directories, name)).server
    issuer = await _issuer_of(send, address)
    metadata = await _metadata_of(send, issuer)
    verifier, state, key = secrets.token_urlsafe(48), secrets.token_urlsafe(24), dpop.new_key()
    kept = {
        "verifier": verifier,
        "key": key,
        "issuer": issuer,
        "token_endpoint": metadata["token_endpoint"],
        "revocation_endpoint": str(metadata.get("revocation_endpoint") or ""),
        "server": address,
        "back": back,
        "state": state,
        "client_id": client_id,
    }
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "code_challenge": dpop.urlsafe(sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        "redirect_uri": back,
        "scope": SCOPE,
        "state": state,
        "login_hint": name,
    }
    found = await _ask(access, send, metadata["pushed_authorization_request_endpoint"], asked, kept)
    if not isinstance(found.get("request_uri"), str):
        raise Unreadable(_("The server did not say under which name it keeps what was asked."))
    said = urlencode({"client_id": client_id, "request_uri": found["request_uri"]})
    return Begun(f"{metadata['authorization_endpoint']}?{said}", state, kept)


async def finish(
    access: Access, send: Send, directories: Directories, kept: Mapping[str, str], answer: Mapping[str, str]
) -> Connected:
    """Take the tokens for the code that the person came back with."""
    if error := answer.get("error"):
        if error == "access_denied":
            raise ValueError(_("At Bluesky somebody said no, so nothing was connected."))
        raise Refused(_("Bluesky did not let you sign in: %(words)s", words=answer.get("error_description") or error))
    if answer.get("state") != kept["state"] or answer.get("iss") != kept["issuer"] or not answer.get("code"):
        raise Refused(_("This answer does not belong to the sign-in that was begun here. Begin again."))
    asked = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": kept["back"],
        "code_verifier": kept["verifier"],
        "client_id": kept["client_id"],
    }
    found = await _ask(access, send, kept["token_endpoint"], asked, kept)
    credentials = _tokens(found) | {
        name: kept[name] for name in ("key", "issuer", "token_endpoint", "revocation_endpoint", "client_id")
    }
    server = await _server_that_may_say_so(access, send, directories, credentials["did"], kept)
    return await connected(send, server, credentials)


async def renew(access: Access, send: Send) -> Connected:
    """Take new tokens for the old ones, which are good for this once only."""
    kept = access.credentials
    asked = {"grant_type": "refresh_token", "refresh_token": kept["refresh"], "client_id": kept["client_id"]}
    found = await _ask(access, send, kept["token_endpoint"], asked, kept)
    fresh = _tokens(found)
    if fresh["did"] != kept["did"]:
        raise Refused(_("The server gave tokens of another account, which were not taken."))
    return await connected(send, access.server, dict(kept) | fresh)


async def end(access: Access, send: Send) -> None:
    """Tell the server that the tokens are not wanted any more."""
    kept = access.credentials
    if not kept.get("revocation_endpoint"):
        return
    try:
        await _ask(
            access, send, kept["revocation_endpoint"], {"token": kept["refresh"], "client_id": kept["client_id"]}, kept
        )
    except (Refused, Unreadable):
        return


async def _issuer_of(send: Send, server: str) -> str:
    found = await _document(send, f"{server}/.well-known/oauth-protected-resource")
    servers = found.get("authorization_servers")
    if not isinstance(servers, list) or not servers or not isinstance(servers[0], str):
        raise Refused(_("This server does not offer signing in. Use an app password."))
    return server_address(servers[0])


async def _metadata_of(send: Send, issuer: str) -> dict[str, Any]:
    found = await _document(send, f"{issuer}/.well-known/oauth-authorization-server")
    needed = ("authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint")
    if found.get("issuer") != issuer or not all(isinstance(found.get(name), str) for name in needed):
        raise Refused(_("This server does not describe its sign-in as Bluesky's servers do. Use an app password."))
    return found


async def _document(send: Send, url: str) -> dict[str, Any]:
    answer: Answer = await send("GET", url, accept="application/json")
    if answer.status == 404:
        raise Refused(_("This server does not offer signing in. Use an app password."))
    found = object_in(answer) if answer.status == 200 else None
    if found is None:
        raise problem_of(answer) if answer.status != 200 else Unreadable(_("The server's description cannot be read."))
    return found


async def _ask(
    access: Access, send: Send, url: str, asked: Mapping[str, str], kept: Mapping[str, str]
) -> dict[str, Any]:
    """Ask the server for something, signed; once more where it wants its nonce in it and did nothing before."""
    for _turn in range(2):
        content = dict(asked) | _assertion(access, kept)
        answer: Answer = await send(
            "POST",
            url,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "DPoP": dpop.proof(kept["key"], "POST", url),
            },
            accept="application/json",
            body=urlencode(content).encode(),
        )
        if not dpop.wants_nonce(answer, url):
            break
    if answer.status not in {200, 201}:
        raise _problem(answer)
    return object_in(answer) or {}


def _problem(answer: Answer) -> NetworkError:
    said = object_in(answer) or {}
    # A client that it does not know any more, such as one with another key, is one whose sign-ins are over.
    if said.get("error") in {"invalid_grant", "invalid_client", "unauthorized_client"}:
        return AccessWithdrawn(_("Bluesky has ended the sign-in. Connect the account again."))
    return problem_of(answer)


def _assertion(access: Access, kept: Mapping[str, str]) -> dict[str, str]:
    """What proves that it is us; nothing on a developer's own machine, which nobody can ask for our keys."""
    if _is_loopback(kept["client_id"]):
        return {}
    jwk = _public_key(access)
    now = int(time.time())
    claims = {
        "iss": kept["client_id"],
        "sub": kept["client_id"],
        "aud": kept["issuer"],
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
    }
    signed = jwt.encode(claims, dpop.read_key(_our_key(access)), algorithm="ES256", headers={"kid": jwk["kid"]})
    return {"client_assertion_type": _ASSERTION, "client_assertion": signed}


async def _server_that_may_say_so(
    access: Access, send: Send, directories: Directories, did: str, kept: Mapping[str, str]
) -> str:
    """Return the account's server, if it is one for which this issuer may speak: anybody could claim to be anybody."""
    server = kept["server"]
    # A developer's own server, which no directory knows, is believed on the developer's own machine.
    if not (_is_loopback(server) and _is_loopback(access.site)):
        server = server_in(await document_of(send, directories, did))
    if not server or await _issuer_of(send, server) != kept["issuer"]:
        raise Refused(_("The server that signed you in does not keep this account."))
    return server


def _tokens(found: Mapping[str, Any]) -> dict[str, str]:
    said = {name: found.get(name) for name in ("access_token", "refresh_token", "sub")}
    if not all(isinstance(value, str) and value for value in said.values()) or found.get("token_type") != "DPoP":
        raise Unreadable(_("Bluesky answered without tokens."))
    if "atproto" not in str(found.get("scope") or "").split():
        raise Refused(_("Bluesky gave tokens that are good for nothing here."))
    seconds = found.get("expires_in")
    until = datetime.now(UTC) + timedelta(seconds=seconds if isinstance(seconds, int) and seconds > 0 else 600)
    return {
        "kind": "oauth",
        "did": str(said["sub"]),
        "access": str(said["access_token"]),
        "refresh": str(said["refresh_token"]),
        "expires_at": until.isoformat(),
    }


def _client_id(access: Access, back: str) -> str:
    if access.site.startswith("https://"):
        return _our_address(access, METADATA)
    if _is_loopback(access.site):
        # For developers the protocol knows a name that says everything itself.
        return "http://localhost?" + urlencode({"redirect_uri": back, "scope": SCOPE})
    raise ValueError(_("Signing in at Bluesky needs Touchline to be reachable by https. Use an app password."))


def _is_loopback(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _our_address(access: Access, name: str) -> str:
    return f"{access.site}/networks/bluesky/{name}"


def _our_key(access: Access) -> str:
    if access.secret_for is None:
        raise Refused(_("This installation has no secret to make keys of. Use an app password."))
    return dpop.key_from(access.secret_for(_PURPOSE))


def _public_key(access: Access) -> dict[str, str]:
    jwk = dpop.public_jwk(dpop.read_key(_our_key(access)))
    return jwk | {"kid": dpop.thumbprint(jwk), "alg": "ES256", "use": "sig"}
