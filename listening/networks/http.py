"""The one HTTP client that every network uses: bounded, guarded, and with reasons that people understand."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from listening.networks.guard import Guard, PinningResolver, Resolve, system_resolve
from listening.networks.limits import Left
from listening.networks.pacing import fresh_for, wait_asked
from listening.networks.protocols import (
    NetworkError,
    NotOurTurn,
    NotSent,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.networks.sockets import conversation
from listening.networks.unpack import unpacker
from listening.networks.words import _

_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = {301, 302, 303, 307, 308}
_NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE, HTTPStatus.NOT_IMPLEMENTED}
# What another host than the one that was asked gets to see: keys go in headers of every name.
_FOR_EVERY_HOST = {"accept", "accept-encoding", "user-agent", "if-none-match", "if-modified-since"}

# So many seconds one that is sent on stands in line at the other server; else it comes again later.
LONGEST_TURN = 5.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an answer may take, how large it may be, and how often it may send us elsewhere."""

    connect: float = 6.0
    silence: float = 8.0
    total: float = 15.0
    size: int = 5_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Redirect:
    """One step on the way to an answer."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, taken whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    received_at: datetime
    redirects: tuple[Redirect, ...] = ()

    @property
    def moved_to(self) -> str:
        """The new address, as far as the redirects said `for good` without a break."""
        moved = ""
        for step in self.redirects:
            if step.status not in _PERMANENT:
                break
            moved = step.url
        return moved

    @property
    def sent_on_to(self) -> str:
        """The server that answered, where it is another than the one that was asked."""
        return URL(self.url).host or "" if self.redirects else ""

    @property
    def wait(self) -> float | None:
        """How long the server asked to wait, in seconds."""
        return wait_asked(self.headers, self.received_at)

    @property
    def fresh_for(self) -> float | None:
        """For how long the server calls this answer fresh, in seconds."""
        return fresh_for(self.headers)

    @property
    def content_type(self) -> str:
        """The declared type with its parameters."""
        return self.headers.get("Content-Type", "")


def user_agent(contact: str = "") -> str:
    """Say who asks, and where to complain."""
    return f"Touchline/0.2 (+{contact})" if contact else "Touchline/0.2"


@dataclass
class Http:
    """Fetches for every network: `async with Http(...) as http` for a batch, `http.request(...)` for one call."""

    allowed_private_hosts: Iterable[str] = ()
    contact: str = ""
    bounds: Bounds = field(default_factory=Bounds)
    resolve: Resolve = system_resolve
    ssl_context: ssl.SSLContext | None = None
    # Takes a turn at another server that we are sent on to; returns in how many seconds it comes.
    turns: Callable[[str], Awaitable[float]] | None = None
    _session: aiohttp.ClientSession | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.guard = Guard.allowing(self.allowed_private_hosts)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=PinningResolver(self.guard, self.resolve),
            ssl=self.ssl_context or True,
            limit=0,
            ttl_dns_cache=60,
            keepalive_timeout=5,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.bounds.connect, sock_read=self.bounds.silence),
            headers={"User-Agent": user_agent(self.contact), "Accept-Encoding": "gzip, deflate"},
            max_line_size=16_380,
            max_field_size=16_380,
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, accept: str = "*/*") -> Answer:
        """Read an address, following redirects that the guard allows."""
        return await self.send("GET", url, headers=headers, accept=accept)

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
        json: Any = None,
        body: bytes | None = None,
        bucket: str = "",
        cost: int = 1,
    ) -> Answer:
        """Send one request; what writes is sent once and never redirected.

        `bucket` is of which of the network's limits it takes, and `cost` how much; whoever counts them asks first.
        """
        if self._session is None:
            raise RuntimeError("Use `async with Http(...)`, or `request` for a single call.")
        wanted = CIMultiDict(headers or {})
        wanted.setdefault("Accept", accept)
        steps: list[Redirect] = []
        try:
            return await self._sent(method, url, wanted, steps, json=json, data=body)
        except NetworkError as problem:
            problem.host = problem.host or (URL(steps[-1].url).host or "" if steps else "")
            raise

    async def _sent(
        self, method: str, url: str, wanted: CIMultiDict[str], steps: list[Redirect], **content: Any
    ) -> Answer:
        try:
            async with asyncio.timeout(self.bounds.total):
                return await self._follow(method, self.guard.check_url(url), wanted, steps, **content)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            url = steps[-1].url if steps else url
            plain = _too_slow(error, self.bounds) if isinstance(error, TimeoutError) else str(_plain(error, url))
            # What only reads says nothing: something may have been written before it.
            raise (Unreachable if method in {"GET", "HEAD"} else NotSent)(plain) from error
        except TimeoutError as error:
            raise Unreachable(_too_slow(error, self.bounds)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _plain(error, steps[-1].url if steps else url) from error

    def request(self, method: str, url: str, **options: Any) -> Answer:
        """Send one request and wait for its answer, from code that is not asynchronous."""

        async def once() -> Answer:
            async with Http(
                self.allowed_private_hosts, self.contact, self.bounds, self.resolve, self.ssl_context
            ) as http:
                return await http.send(method, url, **options)

        return asyncio.run(once())

    def within(self, bounds: Bounds) -> Self:
        """Return the same client with other bounds, such as for files."""
        return replace(self, bounds=bounds)

    def note(self, left: Left, *, bucket: str = "") -> None:
        """Hear from an adapter what an answer's body said of a limit; whoever counts limits keeps it."""

    async def anote(self, left: Left, *, bucket: str = "") -> None:
        """Hear the same from code that awaits."""

    def spend(self, most: int, *, least: int | None = None) -> int:
        """Take money before a call, in thousandths of a US dollar, and return how much; here nobody counts it."""
        return most

    async def aspend(self, most: int, *, least: int | None = None) -> int:
        """Do the same in code that awaits."""
        return most

    def socket(
        self, url: str, *, protocols: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """Hold a conversation over a WebSocket at an https:// or http:// address."""
        return conversation(
            url,
            guard=self.guard,
            resolve=self.resolve,
            agent=user_agent(self.contact),
            protocols=protocols,
            connect=self.bounds.connect,
            ssl_context=self.ssl_context,
        )

    async def lines(
        self, url: str, *, headers: Mapping[str, str] | None = None, accept: str = "*/*", silence: float = 90.0
    ) -> AsyncIterator[bytes]:
        """Stay connected and return each line as it comes, until the server ends or is silent for too long."""
        if self._session is None:
            raise RuntimeError("Use `async with Http(...)` to stay connected.")
        wanted = {**(headers or {}), "Accept": accept, "Accept-Encoding": "identity"}
        patience = aiohttp.ClientTimeout(total=None, sock_connect=self.bounds.connect, sock_read=silence)
        try:
            async with self._session.get(
                self.guard.check_url(url), headers=wanted, allow_redirects=False, timeout=patience
            ) as response:
                if response.status != HTTPStatus.OK:
                    raise _no_line(response)
                async for line in response.content:
                    yield line
        except TimeoutError as error:
            raise Unreachable(
                _("The server went silent for %(seconds)s seconds.", seconds=format(silence, "g"))
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _plain(error, url) from error

    async def _follow(
        self, method: str, url: URL, headers: CIMultiDict[str], steps: list[Redirect], **content: Any
    ) -> Answer:
        assert self._session is not None
        while True:
            async with self._session.request(
                method, url, headers=headers, allow_redirects=False, **content
            ) as response:
                place = response.headers.get("Location", "").strip()
                if response.status not in _REDIRECTS or not place or method not in {"GET", "HEAD"}:
                    body = b"" if method == "HEAD" else await self._take(response)
                    return _answer(response, body, url, steps)
            if len(steps) >= self.bounds.redirects:
                raise Unreachable(
                    _("The server sent us on more than %(times)s times, so we stopped.", times=self.bounds.redirects)
                )
            target = self._next(url, place)
            steps.append(Redirect(response.status, str(target)))
            if target.origin() != url.origin():
                headers = CIMultiDict((k, v) for k, v in headers.items() if k.lower() in _FOR_EVERY_HOST)
            if target.host != url.host:
                await self._wait_for_turn(target.host or "")
            url = target

    async def _wait_for_turn(self, host: str) -> None:
        """Stand in line at a server that we are sent on to, as all do who visit it; not for long."""
        wait = await self.turns(host) if self.turns is not None else 0.0
        if wait > LONGEST_TURN:
            raise NotOurTurn(_("We were sent on to %(host)s, which is visited later.", host=host), wait=wait)
        if wait > 0:
            await asyncio.sleep(wait)

    def _next(self, url: URL, place: str) -> URL:
        try:
            # Some servers send the raw bytes of a path; yarl quotes them once they are text.
            target = url.join(URL(place.encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
        except ValueError as error:
            raise Unreadable(_("The server sent us on to something that is not an address.")) from error
        try:
            return self.guard.check_url(target)
        except NetworkError as refusal:
            raise type(refusal)(
                _("The server sent us on to an address that is not fetched: %(refusal)s", refusal=refusal)
            ) from refusal

    async def _take(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self.bounds.size
        if (response.content_length or 0) > limit:
            raise Unreachable(_too_large(limit))
        unpack = unpacker(response.headers.get("Content-Encoding", ""), limit)
        received, parts, size = 0, [], 0
        async for chunk in _chunks(response):
            received += len(chunk)
            plain = unpack.feed(chunk)
            size += len(plain)
            if received > limit or size > limit:
                raise Unreachable(_too_large(limit))
            parts.append(plain)
        unpack.end()
        return b"".join(parts)


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for chunk in response.content.iter_any():
        yield chunk


def _answer(response: aiohttp.ClientResponse, body: bytes, url: URL, steps: list[Redirect]) -> Answer:
    headers: CIMultiDictProxy[str] = response.headers
    return Answer(response.status, headers, body, str(url), datetime.now(UTC), tuple(steps))


def _no_line(response: aiohttp.ClientResponse) -> NetworkError:
    said = _("The server keeps no line open (%(status)s).", status=response.status)
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(said, wait=wait_asked(response.headers, datetime.now(UTC)))
    return Refused(said) if response.status in _NOT_THERE else Unreachable(said)


def _too_large(limit: int) -> str:
    return _("The answer is larger than %(size)s MB, so it was not read.", size=format(limit / 1_000_000, "g"))


def _too_slow(error: TimeoutError, bounds: Bounds) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return _(
            "The server did not accept a connection within %(seconds)s seconds.", seconds=format(bounds.connect, "g")
        )
    if isinstance(error, aiohttp.SocketTimeoutError):
        return _("The server went silent for %(seconds)s seconds.", seconds=format(bounds.silence, "g"))
    return _(
        "The server was too slow: no complete answer within %(seconds)s seconds.", seconds=format(bounds.total, "g")
    )


def _plain(error: Exception, url: str) -> NetworkError:
    """Turn what a library says into a reason that a person can act on."""
    host = URL(url).host or url
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = getattr(error.certificate_error, "verify_message", "") or _("it could not be verified")
        return Unreachable(_("The security certificate of %(host)s is not valid: %(cause)s.", host=host, cause=cause))
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return Unreachable(_("No secure connection to %(host)s could be made.", host=host))
    if isinstance(error, (aiohttp.ClientConnectorDNSError, socket.gaierror)):
        return Unreachable(_("No site called %(host)s was found.", host=host))
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Unreachable(_("%(host)s closed the connection without an answer.", host=host))
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unreachable(_("%(host)s broke off in the middle of its answer.", host=host))
    if isinstance(error, aiohttp.ClientResponseError):
        return Unreadable(_("%(host)s answered, but not in proper HTTP.", host=host))
    if isinstance(error, ConnectionRefusedError) or _cause(error, ConnectionRefusedError):
        return Unreachable(_("%(host)s refuses connections.", host=host))
    if isinstance(error, ConnectionResetError) or _cause(error, ConnectionResetError):
        return Unreachable(_("%(host)s broke off the connection.", host=host))
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(_("%(host)s could not be reached.", host=host))
    if isinstance(error, (aiohttp.InvalidURL, ValueError)):
        return Unreadable(_("This is not a web address that can be fetched."))
    return Unreachable(_("The connection to %(host)s failed.", host=host))


def _cause(error: Exception, kind: type[Exception]) -> bool:
    return isinstance(getattr(error, "os_error", None), kind) or isinstance(error.__cause__, kind)
