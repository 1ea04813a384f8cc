"""Asks a server of the Mastodon API, and says in plain words what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from listening.networks.answers import json_of, quoted, told_in
from listening.networks.feed.text import plain_text
from listening.networks.http import Answer, Http
from listening.networks.mastodon.parse import Home, host_of
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

Query = Iterable[tuple[str, str]]
Form = Iterable[tuple[str, str]]
# Limits are told for five minutes; who is refused without a word about time waits as long.
WAIT_WHEN_LIMITED = 300.0
_LONGEST_WORDS = 200
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Server:
    """One server, and who asks it."""

    address: str
    http: Http
    token: str = ""
    domain: str = ""

    @property
    def home(self) -> Home:
        """Whose ids and names it gives."""
        host = host_of(self.address)
        return Home(host=host, domain=self.domain or host)

    def get(self, path: str, query: Query = ()) -> Answer:
        """Read something, in code that does not await."""
        return self.http.request("GET", self._url(path, query), headers=self._headers(), accept="application/json")

    async def fetch(self, path: str, query: Query = ()) -> Answer:
        """Read something, in code that awaits."""
        return await self.http.send("GET", self._url(path, query), headers=self._headers(), accept="application/json")

    def send(self, method: str, path: str, form: Form = (), *, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a form once."""
        return self.http.request(
            method,
            self._url(path),
            headers=self._headers() | {"Content-Type": _FORM} | dict(headers or {}),
            accept="application/json",
            body=urlencode(list(form)).encode(),
            bucket=_bucket(method, path),
        )

    def upload(self, path: str, body: bytes, content_type: str) -> Answer:
        """Send a file once."""
        headers = self._headers() | {"Content-Type": content_type}
        return self.http.request(
            "POST", self._url(path), headers=headers, accept="application/json", body=body, bucket=_bucket("POST", path)
        )

    def _url(self, path: str, query: Query = ()) -> str:
        asked = urlencode(list(query))
        return f"{self.address}{path}" + (f"?{asked}" if asked else "")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _bucket(method: str, path: str) -> str:
    """Which limit a call takes from: files, posts and deletions have limits of their own, and headers tell theirs."""
    if path.startswith("/api/v") and path.endswith("/media"):
        return "media"
    if path.startswith("/api/v1/statuses"):
        return {"POST": "posts", "DELETE": "deletions"}.get(method, "")
    return ""


def server_of(access: Access) -> Server:
    """Return the server that an access was given for."""
    token = access.credentials.get("token", "")
    if not access.server or not token:
        raise Refused(_("No account is connected here. Connect one under Connections."), permanent=False)
    return Server(access.server.rstrip("/"), access.http, token, str(access.facts.get("domain") or ""))


def said(answer: Answer) -> Any:
    """Return what an answer says, or raise the plain reason why it says nothing."""
    raise_for_status(answer)
    return json_of(answer)


def raise_for_status(answer: Answer) -> None:
    """Raise the plain reason when the server did not do what it was asked."""
    if not 200 <= answer.status < 300:
        raise reason(answer)


def reason(answer: Answer) -> NetworkError:
    """Say why a server did not do what it was asked."""
    status, words = answer.status, words_of(answer)
    if status == 401:
        return AccessWithdrawn(_("The server does not accept our access any more. Connect the account again."))
    if status == 429:
        return RateLimited(_("The server asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if status in {404, 410}:
        return Refused(_("It is not at the server any more (%(status)s).", status=status))
    if status == 403:
        return Refused(_("The server does not allow this%(quoted)s", quoted=quoted(words)), permanent=False)
    if status == 422:
        return Refused(_("The server did not take it%(quoted)s", quoted=quoted(words)))
    if status >= 500:
        return Unreachable(_("The server is out of order (%(status)s).", status=status))
    if status >= 400:
        return Refused(
            _("The server refuses (%(status)s)%(quoted)s", status=status, quoted=quoted(words)), permanent=False
        )
    return Unreadable(_("The server answered in a way that makes no sense here (%(status)s).", status=status))


def words_of(answer: Answer) -> str:
    """Return the server's own words about a refusal, short and plain."""
    found = told_in(answer)
    told = found.get("error_description") or found.get("error") or found.get("message") or ""
    if not isinstance(told, str):
        return ""
    text = " ".join(plain_text(told).removeprefix("Validation failed:").split())
    return text if len(text) <= _LONGEST_WORDS else text[: _LONGEST_WORDS - 1].rstrip() + "…"
