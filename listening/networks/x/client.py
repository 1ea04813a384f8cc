"""Asks X, signed, pays for it from what may be spent, and says in plain words what went wrong."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from listening.networks.answers import Said, object_of, objects, quoted, told_in, word
from listening.networks.feed.text import plain_text
from listening.networks.http import Answer
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    NetworkError,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _
from listening.networks.x.signing import authorization

API = "https://api.x.com/2"
WAIT_WHEN_LIMITED = 15 * 60.0
WAIT_FOR_CREDITS = 3600.0
Query = Sequence[tuple[str, str]]


def asked(method: str, path: str, keys: Mapping[str, str], query: Query = ()) -> dict[str, Any]:
    """Return how something is asked, by which of X's limits it is counted included."""
    if not keys.get("token"):
        raise Refused(_("No account is connected here. Connect one under Connections."), permanent=False)
    address = f"{API}/{path}"
    signed = authorization(method, address, query, keys, nonce=secrets.token_hex(16), seconds=int(time.time()))
    whole = address + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    headers = {"Authorization": signed}
    return {"url": whole, "headers": headers, "accept": "application/json", "bucket": _bucket(method, path)}


def _bucket(method: str, path: str) -> str:
    """X counts by kind of call, not by account or post."""
    return " ".join((method, "/".join(step for step in path.split("/") if not step.isdigit())))


def get(access: Access, path: str, query: Query, *, price: int) -> tuple[Said, int]:
    """Read something that costs so much at most, in code that does not await; returns it with what was taken."""
    access.http.spend(price)
    try:
        return said(access.http.request("GET", **asked("GET", path, access.credentials, query))), price
    except NetworkError:
        # X takes money for what it gives: an answer without any costs nothing.
        access.http.spend(-price)
        raise


def said(answer: Answer) -> Said:
    """Return the object that an answer is, or raise the plain reason why it is none."""
    if not 200 <= answer.status < 300:
        raise reason(answer)
    return object_of(answer)


def reason(answer: Answer) -> NetworkError:
    """Say why X did not do what it was asked."""
    status, words = answer.status, words_of(answer)
    if status == 429:
        return RateLimited(_("X asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if status == 402:
        told = _("The credits at X are used up. Buy some in its developer console, or raise the spending limit there.")
        return RateLimited(told, wait=WAIT_FOR_CREDITS)
    if status == 401:
        return AccessWithdrawn(_("X does not accept the keys any more. Connect with new ones."))
    if status == 403:
        return Refused(_("X does not allow this%(quoted)s", quoted=quoted(words)), permanent=False)
    if status in {404, 410}:
        return Refused(_("It is not at X any more (%(status)s).", status=status))
    if status >= 500:
        return Unreachable(_("X is out of order (%(status)s).", status=status))
    if status >= 400:
        return Refused(_("X refuses (%(status)s)%(quoted)s", status=status, quoted=quoted(words)))
    return Unreadable(_("X answered in a way that makes no sense here (%(status)s).", status=status))


def words_of(answer: Answer) -> str:
    """Return X's own words about a refusal, short and plain."""
    told = told_in(answer)
    errors = objects(told.get("errors"))
    first = (
        word(told, "detail") or next(filter(None, (word(row, "message") for row in errors)), "") or word(told, "title")
    )
    return " ".join(plain_text(first).split())[:200]
