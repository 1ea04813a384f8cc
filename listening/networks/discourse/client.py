"""Asks a Discourse forum, and says in plain words what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from listening.networks.answers import Said, object_of, part, quoted, told_in
from listening.networks.feed.text import plain_text
from listening.networks.http import Answer, Bounds, Http
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
WAIT_WHEN_LIMITED = 60.0
_LONGEST_WORDS = 200
_UPLOAD = Bounds(connect=6.0, silence=30.0, total=120.0)


@dataclass(frozen=True, slots=True)
class Forum:
    """One forum, and as whom it is asked."""

    address: str
    http: Http
    key: str
    username: str

    @property
    def host(self) -> str:
        """What stands before the ids that it gives: its host, and its folder where it lives in one."""
        parts = urlsplit(self.address)
        return f"{parts.netloc}{parts.path}".lower()

    def get(self, path: str, query: Query = ()) -> Answer:
        """Read something, in code that does not await."""
        return self.http.request("GET", self._url(path, query), headers=self._headers(), accept="application/json")

    async def fetch(self, path: str, query: Query = ()) -> Answer:
        """Read something, in code that awaits."""
        return await self.http.send("GET", self._url(path, query), headers=self._headers(), accept="application/json")

    def send(self, method: str, path: str, form: Query = ()) -> Answer:
        """Send a form once."""
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(list(form)).encode()
        # How often an account may write is limited apart from how often it may ask.
        return self.http.request(
            method, self._url(path), headers=headers, accept="application/json", body=body, bucket="posts"
        )

    def upload(self, path: str, body: bytes, content_type: str) -> Answer:
        """Send a file once."""
        headers = self._headers() | {"Content-Type": content_type}
        return self.http.within(_UPLOAD).request(
            "POST", self._url(path), headers=headers, accept="application/json", body=body, bucket="media"
        )

    def _url(self, path: str, query: Query = ()) -> str:
        asked = urlencode(list(query))
        return f"{self.address}{path}" + (f"?{asked}" if asked else "")

    def _headers(self) -> dict[str, str]:
        return {"Api-Key": self.key, "Api-Username": self.username}


def forum_of(access: Access) -> Forum:
    """Return the forum that an access was given for."""
    key, username = access.credentials.get("key", ""), access.credentials.get("username", "")
    if not access.server or not key:
        raise Refused(_("No forum is connected here. Connect one under Connections."), permanent=False)
    return Forum(access.server.rstrip("/"), access.http, key, username)


def said(answer: Answer) -> Said:
    """Return the object that an answer is, or raise the plain reason why it is none."""
    raise_for_status(answer)
    return object_of(answer)


def raise_for_status(answer: Answer) -> None:
    """Raise the plain reason when the forum did not do what it was asked."""
    if not 200 <= answer.status < 300:
        raise reason(answer)


def is_gone(answer: Answer) -> bool:
    """Tell whether the forum itself says that something is not there; what stands in front of it says 404 as well."""
    if answer.status not in {404, 410}:
        return False
    return isinstance(told_in(answer).get("errors"), list)


def reason(answer: Answer) -> NetworkError:
    """Say why a forum did not do what it was asked."""
    status, words = answer.status, words_of(answer)
    if status == 429:
        return RateLimited(_("The forum asks us to come less often."), wait=_wait(answer))
    if status == 401 or (status == 403 and "api" in words.lower()):
        return AccessWithdrawn(_("The forum does not accept our key any more. Connect it again."))
    if status == 403:
        return Refused(_("The forum does not allow this%(quoted)s", quoted=quoted(words)), permanent=False)
    if status in {404, 410}:
        return Refused(_("It is not in the forum any more (%(status)s).", status=status))
    if status == 422:
        return Refused(_("The forum did not take it%(quoted)s", quoted=quoted(words)))
    if status >= 500:
        return Unreachable(_("The forum is out of order (%(status)s).", status=status))
    if status >= 400:
        return Refused(
            _("The forum refuses (%(status)s)%(quoted)s", status=status, quoted=quoted(words)), permanent=False
        )
    return Unreadable(_("The forum answered in a way that makes no sense here (%(status)s).", status=status))


def words_of(answer: Answer) -> str:
    """Return the forum's own words about a refusal, short and plain."""
    errors = told_in(answer).get("errors")
    lines = [line for line in errors if isinstance(line, str)] if isinstance(errors, list) else []
    return " ".join(plain_text(" ".join(lines)).split())[:_LONGEST_WORDS]


def _wait(answer: Answer) -> float:
    """The body says it best; the header stands for whoever is in between."""
    seconds = part(told_in(answer), "extras").get("wait_seconds")
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 <= seconds <= 86_400:
        return max(float(seconds), answer.wait or 0.0)
    return answer.wait or WAIT_WHEN_LIMITED
