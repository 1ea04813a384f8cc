"""Speaks XRPC with one server, as one account or as nobody, and gives reasons that people understand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from listening.networks.calling import Send
from listening.networks.http import Answer
from listening.networks.protocols import (
    Access,
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _

PUBLIC = "https://public.api.bsky.app"
WAIT_WHEN_LIMITED = 300.0
# Signing in and writing are limited apart from reading.
_BUCKETS = {"com.atproto.server": "sessions", "com.atproto.repo": "writes"}
_EXPIRED = {"ExpiredToken", "InvalidToken", "invalid_token"}
_STOPPED = {
    "AccountTakedown": _("Bluesky has taken this account down."),
    "AccountSuspended": _("Bluesky has suspended this account."),
    "AccountDeactivated": _("This account was deactivated by its owner."),
}


class Said(Refused):
    """The server refused and named why: `error` is the name that the protocol gives to it."""

    def __init__(self, message: str, *, error: str) -> None:
        super().__init__(message)
        self.error = error


@dataclass(frozen=True, slots=True)
class Server:
    """One server, asked as one account, or as nobody where there are no credentials."""

    send: Send
    address: str
    credentials: Mapping[str, str] = field(default_factory=dict)

    async def query(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Ask for something; a list as parameter is repeated."""
        said = {key: value for key, value in parameters.items() if value not in (None, "")}
        return await self._call("GET", name, query=f"?{urlencode(said, doseq=True)}" if said else "")

    async def procedure(
        self, name: str, content: Mapping[str, Any] | None = None, *, token: str = ""
    ) -> dict[str, Any]:
        """Have something done, once; `token` stands in for the usual one."""
        sent: dict[str, Any] = {} if content is None else {"json": content}
        return await self._call("POST", name, token=token, **sent)

    async def upload(self, body: bytes, content_type: str) -> dict[str, Any]:
        """Give a file to the server; it is thrown away there if no record names it."""
        return await self._call("POST", "com.atproto.repo.uploadBlob", body=body, content_type=content_type)

    async def _call(
        self, method: str, name: str, *, query: str = "", token: str = "", content_type: str = "", **content: Any
    ) -> dict[str, Any]:
        url = f"{self.address}/xrpc/{name}"
        headers = {"Content-Type": content_type} if content_type else {}
        content["bucket"] = _BUCKETS.get(name.rpartition(".")[0], "") if method == "POST" else ""
        if self.credentials.get("kind") == "oauth" and not token:
            from listening.networks.bluesky import dpop  # signing takes a library that few need

            # A server asks for its nonce before it does anything, so asking again is no second attempt.
            for _turn in range(2):
                signed = headers | dpop.headers(self.credentials, method, url)
                answer = await self.send(method, url + query, headers=signed, accept="application/json", **content)
                if not dpop.wants_nonce(answer, url):
                    break
        else:
            if bearer := token or self.credentials.get("access", ""):
                headers["Authorization"] = f"Bearer {bearer}"
            answer = await self.send(method, url + query, headers=headers, accept="application/json", **content)
        return result_of(answer)


def own_server(access: Access, *, send: Send | None = None) -> Server:
    """Return the server of the connected account, or the public one where nobody is connected."""
    return Server(send or access.http.send, access.server or PUBLIC, access.credentials)


def result_of(answer: Answer) -> dict[str, Any]:
    """Return what a server answered, or raise the reason why it did not."""
    if answer.status != 200:
        raise problem_of(answer)
    if not answer.body.strip():
        return {}
    found = object_in(answer)
    if found is None:
        raise Unreadable(_("Bluesky answered with something that cannot be read."))
    return found


def object_in(answer: Answer) -> dict[str, Any] | None:
    """Return the JSON object of an answer; None where there is none."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def problem_of(answer: Answer) -> NetworkError:
    """Say in words why a server did not do what was asked."""
    said = object_in(answer) or {}
    error = str(said.get("error") or "")
    message = " ".join(str(said.get("message") or said.get("error_description") or "").split())[:300]
    if answer.status == 429 or error == "RateLimitExceeded":
        return RateLimited(_("Bluesky asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if answer.status >= 500:
        return Unreachable(_("Bluesky is out of order (%(status)s).", status=answer.status))
    if error in _STOPPED:
        return AccessWithdrawn(_STOPPED[error])
    if error in _EXPIRED or "invalid_token" in answer.headers.get("WWW-Authenticate", ""):
        return AccessExpired(_("The sign-in at Bluesky has run out."))
    if answer.status == 401:
        if not error or error == "AuthMissing":
            return Refused(_("Bluesky shows this to connected accounts only."))
        return AccessExpired(_("Bluesky does not accept the sign-in as it is."))
    if 200 < answer.status < 400:
        return Unreadable(_("Bluesky answered in a way that makes no sense here (%(status)s).", status=answer.status))
    return Said(message or error or _("Bluesky refuses to answer (%(status)s).", status=answer.status), error=error)
