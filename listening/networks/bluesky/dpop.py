"""Proofs that a token is used by whom it was given to (RFC 9449), and the keys that sign them."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from listening.networks.http import Answer

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SERVERS_REMEMBERED = 200
# What each server wants to see in the next proof. Lost with the process: then it says so, and is asked again.
_nonces: OrderedDict[str, str] = OrderedDict()


def headers(credentials: Mapping[str, str], method: str, url: str) -> dict[str, str]:
    """Return what goes with a request that uses an access token."""
    token = credentials.get("access", "")
    return {"Authorization": f"DPoP {token}", "DPoP": proof(credentials["key"], method, url, token=token)}


def proof(key: str, method: str, url: str, *, token: str = "") -> str:
    """Sign that this request is ours; `key` is a private key as `new_key` writes it."""
    private = read_key(key)
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": url,
        "iat": int(time.time()),
    }
    if nonce := _nonces.get(_origin(url)):
        claims["nonce"] = nonce
    if token:
        claims["ath"] = urlsafe(sha256(token.encode()).digest())
    return jwt.encode(claims, private, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": public_jwk(private)})


def wants_nonce(answer: Answer, url: str) -> bool:
    """Remember the nonce that a server told, and say whether it did nothing because it was missing."""
    told = answer.headers.get("DPoP-Nonce", "")
    if told and len(told) <= 1000:
        _nonces[_origin(url)] = told
        _nonces.move_to_end(_origin(url))
        while len(_nonces) > _SERVERS_REMEMBERED:
            _nonces.popitem(last=False)
    if answer.status not in {400, 401} or not told:
        return False
    return "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "") or b"use_dpop_nonce" in answer.body[:2000]


def new_key() -> str:
    """Make a private key, as text that can be sealed."""
    return _written(ec.generate_private_key(ec.SECP256R1()))


def key_from(secret: bytes) -> str:
    """Return the private key that always comes of this secret."""
    number = int.from_bytes(sha256(b"touchline bluesky" + secret).digest()) % (_ORDER - 1) + 1
    return _written(ec.derive_private_key(number, ec.SECP256R1()))


def read_key(key: str) -> ec.EllipticCurvePrivateKey:
    """Return the key that was written as text."""
    found = serialization.load_der_private_key(base64.b64decode(key), password=None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return found


def public_jwk(private: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the public half of a key as JSON says it."""
    numbers = private.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": urlsafe(numbers.x.to_bytes(32)),
        "y": urlsafe(numbers.y.to_bytes(32)),
    }


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the name of a key that anybody computes alike (RFC 7638)."""
    plain = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return urlsafe(sha256(plain.encode()).digest())


def urlsafe(data: bytes) -> str:
    """Write bytes as addresses and tokens do."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _written(key: ec.EllipticCurvePrivateKey) -> str:
    return base64.b64encode(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    ).decode()


def _origin(url: str) -> str:
    return str(URL(url).origin())
