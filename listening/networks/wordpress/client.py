"""Speaks with one WordPress site by its REST interface, and gives reasons that people understand."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from yarl import URL

from listening.networks.calling import Send
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

FIRST = "/wp-json/"
WAIT_WHEN_LIMITED = 600.0
# A visitor of a site may not comment more often than every 15 seconds.
WAIT_BETWEEN_COMMENTS = 20.0


class Said(Refused):
    """The site refused and named why: `code` is the name that WordPress gives to it, `data` what belongs to it."""

    def __init__(self, message: str, *, code: str, status: int, data: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code, self.status, self.data = code, status, data


@dataclass(frozen=True, slots=True)
class Site:
    """One site, asked as one of its users or as nobody."""

    send: Send
    address: str
    root: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What stands before the numbers of this site: its host and path."""
        parts = urlsplit(self.address)
        return f"{parts.netloc}{parts.path}".rstrip("/")

    async def get(self, path: str, **asked: Any) -> Any:
        """Read something; gives what is in the answer."""
        return content_of(await self.ask("GET", path, asked))

    async def pages(self, path: str, *, most: int, first: int = 1, **asked: Any) -> tuple[list[Mapping[str, Any]], int]:
        """Read a list page after page; returns its items, and how many pages there are in all."""
        items: list[Mapping[str, Any]] = []
        there, number = first, first
        while number <= min(there, first + most - 1):
            answer = await self.ask("GET", path, {**asked, "page": number})
            found = content_of(answer)
            if not isinstance(found, list):
                raise Unreadable(_("The site answered with something that is no list."))
            items.extend(item for item in found if isinstance(item, dict))
            told = answer.headers.get("X-WP-TotalPages", "")
            there, number = (int(told) if told.isdigit() else 1), number + 1
        return items, there

    async def ask(
        self,
        method: str,
        path: str,
        asked: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Answer:
        """Send one request below the REST interface."""
        sent = {**(headers or {}), **_authorization(self.credentials)}
        # WordPress tells of no limits; who is asked to wait with comments may go on with everything else.
        bucket = "comments" if method == "POST" and path.startswith("comments") else ""
        address = self._url(path, asked or {})
        return await self.send(method, address, headers=sent, accept="application/json", bucket=bucket, **content)

    async def post(self, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have something done, once."""
        found = content_of(await self.ask("POST", path, json=dict(content)))
        if not isinstance(found, dict):
            raise Unreadable(_("The site did not say what it made."))
        return found

    def _url(self, path: str, asked: Mapping[str, Any]) -> str:
        said = {
            name: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            for name, value in asked.items()
        }
        root = URL(self.root or self.address + FIRST)
        if "rest_route" in root.query:
            return str(root.update_query({"rest_route": f"/wp/v2/{path}", **said}))
        return str((root / "wp/v2" / path).with_query(said))


def site_of(access: Access, send: Send | None = None) -> Site:
    """Return the connected site."""
    if not access.server:
        raise Refused(_("A WordPress site is read and answered through a connection. Connect it."))
    root = str(access.facts.get("root") or "")
    return Site(send or access.http.send, access.server, root, access.credentials)


def number_in(site: Site, kind: str, remote_id: str) -> int:
    """Return the number that a site gave to something of it; raises Refused for what is not its own."""
    start = f"{site.key}/{kind}/"
    number = remote_id.removeprefix(start)
    if not remote_id.startswith(start) or not number.isdigit():
        raise Refused(_("This is not of the connected site."))
    return int(number)


def _authorization(credentials: Mapping[str, str]) -> dict[str, str]:
    if not credentials.get("password"):
        return {}
    said = f"{credentials['user']}:{credentials['password']}".encode()
    return {"Authorization": f"Basic {b64encode(said).decode()}"}


def content_of(answer: Answer) -> Any:
    """Return what is in an answer, or raise the reason why nothing is."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if 200 <= answer.status < 300:
        if found is None:
            raise Unreadable(_("The site answered with something that is not WordPress's REST interface."))
        return found
    raise _problem(answer, found if isinstance(found, dict) else {})


def _problem(answer: Answer, said: Mapping[str, Any]) -> NetworkError:
    code = str(said.get("code") or "")
    message = " ".join(str(said.get("message") or "").split())[:300]
    if answer.status == 429:
        return RateLimited(_("The site asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if code == "comment_flood":
        return RateLimited(_("The site takes comments only every 15 seconds."), wait=WAIT_BETWEEN_COMMENTS)
    if answer.status >= 500:
        return Unreachable(_("The site is out of order (%(status)s).", status=answer.status))
    if code and answer.status == 401:
        # WordPress says the same to a wrong password and to one that its web server did not hand on.
        return AccessWithdrawn(
            _(
                "The site does not accept the user name with the application password. If both are right, its web "
                "server drops the sign-in (the Authorization header); whoever runs it can mend that."
            )
        )
    if not code:
        if answer.status in {401, 403}:
            return Refused(
                _(
                    "Something before WordPress refuses to answer (%(status)s), such as a security plugin.",
                    status=answer.status,
                )
            )
        if answer.status == 404:
            return Refused(_("There is no REST interface at this address (404)."))
        return Refused(_("The site refuses to answer (%(status)s).", status=answer.status))
    data = said.get("data")
    details = data if isinstance(data, dict) else {}
    return Said(message or code, code=code, status=answer.status, data=details)
