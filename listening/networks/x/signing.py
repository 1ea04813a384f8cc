"""Signs requests as OAuth 1.0a wants it: keys that a person copies once, and that do not run out."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha1
from urllib.parse import quote

KEYS = ("api_key", "api_secret", "token", "token_secret")


def authorization(
    method: str, address: str, query: Iterable[tuple[str, str]], keys: Mapping[str, str], *, nonce: str, seconds: int
) -> str:
    """Return the header that says who asks; `address` is without its query, and a body in JSON is not signed."""
    said = {
        "oauth_consumer_key": keys.get("api_key", ""),
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(seconds),
        "oauth_token": keys.get("token", ""),
        "oauth_version": "1.0",
    }
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in [*said.items(), *query])
    base = "&".join((method, _quoted(address), _quoted("&".join(f"{name}={value}" for name, value in pairs))))
    secret = f"{_quoted(keys.get('api_secret', ''))}&{_quoted(keys.get('token_secret', ''))}"
    made = base64.b64encode(hmac.new(secret.encode(), base.encode(), sha1).digest()).decode()
    told = sorted((said | {"oauth_signature": made}).items())
    return "OAuth " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in told)


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")
