"""Keeps requests away from the installation's own network: which addresses may be fetched, and which never."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from aiohttp.abc import AbstractResolver, ResolveResult
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import connection as urllib3_connection
from urllib3.util.connection import create_connection
from yarl import URL

from listening.networks.protocols import NetworkError, Refused
from listening.networks.words import _

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

LONGEST_ADDRESS = 4000
_WEB_PORTS = {"http": 80, "https": 443}

_CLOSED_V4 = [
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_OPEN_V6 = IPv6Network("2000::/3")
# Inside the public range: Teredo and other translations, documentation, 6to4.
_CLOSED_V6 = [IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_TRANSLATED_V6 = IPv6Network("64:ff9b::/96")

_USER = re.compile(r"[^:]*://[^/?#]*@")
# What some libraries read as an IPv4 address although it is not written as one: 127.1, 0x7f000001, 0177.0.0.1.
_NUMBER_LIKE = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


class AddressRefused(Refused):
    """An address that this installation does not fetch."""


class GuardRefusal(OSError):
    """The same, for libraries that understand only what the operating system says."""


@dataclass(frozen=True, slots=True)
class _Exception:
    """One line of the setting: a name, an address or a block of addresses, on one port or on all."""

    name: str = ""
    block: IPv4Network | IPv6Network | None = None
    port: int | None = None

    def covers(self, host: str, address: Address | None, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.block is None:
            return host == self.name
        return address is not None and address.version == self.block.version and address in self.block


@dataclass(frozen=True, slots=True)
class Guard:
    """The addresses that may be fetched: all public ones, and the private ones that the operator listed."""

    exceptions: tuple[_Exception, ...] = ()

    @classmethod
    def allowing(cls, private_hosts: Iterable[str]) -> Guard:
        """Read names, addresses and blocks such as `intranet.example`, `127.0.0.1:8000`, `10.1.0.0/16`, `[::1]:80`."""
        return cls(tuple(_read_exception(line) for line in private_hosts if line.strip()))

    def check_url(self, url: str | URL) -> URL:
        """Return the address ready for fetching, or raise with the reason why it is not fetched."""
        parsed = _parse(url)
        host, port = (parsed.host or "").rstrip(".").lower(), parsed.port or 0
        try:
            address = ip_address(host)
        except ValueError:
            self._check_name(host, port)
        else:
            self.check_address(host, address, port)
        return parsed

    def check_address(self, host: str, address: Address, port: int) -> None:
        """Raise when the address belongs to a private or special network that nobody listed."""
        plain = _unwrapped(address)
        if is_public(plain) or self._excepted(host, plain, port):
            return
        if host != str(address):
            refusal = _(
                "%(host)s leads to %(address)s, which is an address of a private or special network. Such addresses "
                "are not fetched unless the operator lists them in FETCH_ALLOWED_PRIVATE_HOSTS.",
                host=host, address=address,
            )  # fmt: skip
        else:
            refusal = _(
                "%(host)s is an address of a private or special network. Such addresses are not fetched unless the "
                "operator lists them in FETCH_ALLOWED_PRIVATE_HOSTS.",
                host=host,
            )
        raise AddressRefused(refusal)

    def _check_name(self, host: str, port: int) -> None:
        if not self._excepted(host, None, port) and _NUMBER_LIKE.fullmatch(host.rpartition(".")[2]):
            raise AddressRefused(
                _("%(host)s is a number written in an unusual way, not the name of a site.", host=host)
            )

    def _excepted(self, host: str, address: Address | None, port: int) -> bool:
        return any(exception.covers(host, address, port) for exception in self.exceptions)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open internet."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in block for block in _CLOSED_V6)


def must_be_https(address: str) -> None:
    """Raise ValueError for a server that is told a secret unencrypted, unless it lies in a network of one's own.

    Such a one is asked only where the operator has listed it.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    try:
        is_inside = not is_public(ip_address(host))
    except ValueError:
        is_inside = "." not in host or host.endswith((".local", ".internal", ".lan", ".test"))
    if parts.scheme != "https" and not is_inside:
        raise ValueError(_("The server must be reached by https://, or what is secret could be read on the way."))


def parts_of(typed: str) -> SplitResult:
    """Return the parts of an address that somebody typed; raises ValueError in our words where it is none."""
    try:
        parts = urlsplit(typed)
        # Looked at because it is a number only now.
        _number = parts.port
    except ValueError as error:
        raise ValueError(_("This is not a web address.")) from error
    return parts


class PinningResolver(AbstractResolver):
    """Looks a name up once, drops what the guard refuses, and hands the connection exactly what was checked."""

    def __init__(self, guard: Guard, resolve: Resolve) -> None:
        self._guard = guard
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the checked addresses of a name; raise with the reason when none may be fetched."""
        name = host.rstrip(".").lower()
        results: list[ResolveResult] = []
        refusal: NetworkError | None = None
        for found in await self._resolve(host, port):
            address = ip_address(found.partition("%")[0])
            try:
                self._guard.check_address(name, address, port)
            except AddressRefused as reason:
                refusal = refusal or reason
                continue
            kind = socket.AF_INET if address.version == 4 else socket.AF_INET6
            results.append(
                {
                    "hostname": host,
                    "host": found,
                    "port": port,
                    "family": kind,
                    "proto": socket.IPPROTO_TCP,
                    "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                }
            )
        if not results:
            # aiohttp wraps only OSError; a plain reason passes through it untouched.
            raise refusal or OSError(socket.EAI_NONAME, "no address")
        return results

    async def close(self) -> None:
        """Nothing is kept open."""


# For libraries that bring a client of their own.
_SESSION_SECONDS, _SESSION_LARGEST = 10, 1_000_000
SessionProblem = requests.RequestException


class GuardedSession(requests.Session):
    """What a library asks the outside with: guarded addresses, no redirects, bounded, no settings of the machine."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self.trust_env, self.max_redirects = False, 0
        for scheme in ("http://", "https://"):
            self.mount(scheme, _GuardedAdapter(guard))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask once, and do not follow."""
        return super().request(*args, **{**kwargs, "allow_redirects": False})


class _GuardedAdapter(HTTPAdapter):
    """Sends through connections to addresses that were looked up and checked, and reads only so much."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *_args: Any, **_kwargs: Any) -> None:
        """Have each connection made by the guard."""
        guard = self._guard

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, guard)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, guard)

        plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager = PoolManager(num_pools=2, maxsize=1)
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, or raise with the reason why the address is not asked."""
        try:
            self._guard.check_url(request.url or "")
        except AddressRefused as reason:
            raise requests.exceptions.InvalidURL(str(reason)) from reason
        kwargs |= {"stream": True, "timeout": _SESSION_SECONDS, "proxies": None}
        response: Any = super().send(request, *args, **kwargs)
        body = response.raw.read(_SESSION_LARGEST + 1, decode_content=True)
        if len(body) > _SESSION_LARGEST:
            raise requests.RequestException(_("It says more than is read."))
        response._content, response._content_consumed = body, True
        return response  # type: ignore[no-any-return]


def _connect(connection: HTTPConnection, guard: Guard) -> socket.socket:
    return connect_guarded(guard, connection.host.strip("[]"), connection.port or 443, _SESSION_SECONDS)


def connect_guarded(guard: Guard, host: str, port: int, seconds: float) -> socket.socket:
    """Connect to an address of the name that the guard has checked; raises OSError, with its reason if it refused."""
    problem: OSError | None = None
    for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = str(found[4][0]).partition("%")[0]
        try:
            guard.check_address(host.rstrip(".").lower(), ip_address(address), port)
            return create_connection((address, port), seconds)
        except AddressRefused as reason:
            problem = GuardRefusal(str(reason))
        except OSError as why:
            problem = why
    raise problem or OSError("no address")


_told_apart: ContextVar[Guard | None] = ContextVar("guard of requests", default=None)
_unguarded = urllib3_connection.create_connection


@contextmanager
def guarded_requests(guard: Guard) -> Iterator[None]:
    """Have every connection that a library makes through `requests` in here checked and pinned by the guard.

    For libraries that open sessions of their own. It holds for this thread and context alone.
    """
    urllib3_connection.create_connection = _checked_first
    token = _told_apart.set(guard)
    try:
        yield
    finally:
        _told_apart.reset(token)


def _checked_first(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    guard = _told_apart.get()
    if guard is None:
        return _unguarded(address, *args, **kwargs)
    host, port = address[0].strip("[]"), address[1]
    problem: OSError | None = None
    for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        pinned = str(found[4][0]).partition("%")[0]
        try:
            guard.check_address(host.rstrip(".").lower(), ip_address(pinned), port)
            return _unguarded((pinned, port), *args, **kwargs)
        except AddressRefused as reason:
            problem = GuardRefusal(str(reason))
        except OSError as why:
            problem = why
    raise problem or OSError("no address")


# The C library blocks while it looks a name up: the default pool of a small machine is too narrow for a batch.
_lookups = ThreadPoolExecutor(max_workers=32, thread_name_prefix="lookup")


async def system_resolve(host: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of a name."""

    def ask() -> list[str]:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(answer[4][0]) for answer in answers))

    return await asyncio.get_running_loop().run_in_executor(_lookups, ask)


def _parse(url: str | URL) -> URL:
    text = str(url).strip()
    if len(text) > LONGEST_ADDRESS:
        raise AddressRefused(_("The address is too long."))
    if "\\" in text or any(ord(letter) <= 32 or ord(letter) == 127 for letter in text):
        raise AddressRefused(_("The address contains a space, a backslash or a control character."))
    try:
        parsed = url if isinstance(url, URL) else URL(text)
        host, port = parsed.host, parsed.port
    except ValueError as error:
        raise AddressRefused(_("This is not a web address.")) from error
    if parsed.scheme not in _WEB_PORTS:
        raise AddressRefused(_("Only addresses that begin with http:// or https:// are fetched."))
    if not host or not port or "%" in host or any(letter in host for letter in "<>^|`{}\"'@"):
        raise AddressRefused(_("The address names no site."))
    if parsed.user is not None or parsed.password is not None or _USER.match(text):
        raise AddressRefused(_("An address with a user name or password in it is not fetched."))
    return parsed.with_fragment(None)


def _unwrapped(address: Address) -> Address:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED_V6:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _read_exception(line: str) -> _Exception:
    text, port = line.strip().lower(), None
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::([0-9]+))?", text)
    if bracketed:
        text, found = bracketed.group(1), bracketed.group(2)
        port = int(found) if found else None
    elif text.count(":") == 1:
        text, _colon, found = text.partition(":")
        if not found.isdigit():
            raise ValueError(f"FETCH_ALLOWED_PRIVATE_HOSTS: {line!r} has no port number after the colon.")
        port = int(found)
    try:
        return _Exception(block=ip_network(text, strict=False), port=port)
    except ValueError:
        if "/" in text or not re.fullmatch(r"[^\s:@]+", text):
            message = f"FETCH_ALLOWED_PRIVATE_HOSTS: {line!r} is not a name, an address or a block of addresses."
            raise ValueError(message) from None
        return _Exception(name=text.rstrip("."), port=port)
