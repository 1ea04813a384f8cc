"""Signatures as Standard Webhooks has them: an id, a time and a MAC over both and the body.

Source: the specification of Standard Webhooks, 1.0.0: secrets begin with `whsec_` and are base64; the signed content is
`id.timestamp.body`, its MAC HMAC-SHA256 in base64 after `v1,`; a header may hold several, divided by spaces.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
TOLERANCE = 300.0


def new_secret() -> str:
    """Make a secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, *others: str, key: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that go with a body; signed with several secrets, whoever has one of them believes it."""
    stamp = str(int(at.timestamp()))
    signed = " ".join(f"v1,{_mac(one, key, stamp, body)}" for one in (secret, *others))
    return {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": signed}


def is_signed(known: list[str], headers: Mapping[str, str], body: bytes, *, at: datetime) -> bool:
    """Whether somebody who has one of the secrets sent this body within the last five minutes."""
    key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not key or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(at.timestamp() - int(stamp)) > TOLERANCE:
        return False
    said = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    return any(
        hmac.compare_digest(_mac(secret, key, stamp, body), one.encode("ascii", "replace").decode())
        for secret in known
        for one in said[:10]
    )


def _mac(secret: str, key: str, stamp: str, body: bytes) -> str:
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = secret.encode()
    content = f"{key}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(raw, content, sha256).digest()).decode()
