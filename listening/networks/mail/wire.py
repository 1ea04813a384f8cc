"""Connections to mail servers: guarded like every other way out, bounded, with reasons that people understand."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from listening.networks.guard import AddressRefused, Guard, GuardRefusal, connect_guarded
from listening.networks.protocols import (
    Access,
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    RateLimited,
    Refused,
    Unreachable,
)
from listening.networks.words import _

Security = Literal["tls", "starttls", "none"]
CONNECT, SILENCE = 8.0, 15.0
# What one visit to a mailbox reads at most, in bytes and seconds; longer than a hint waits for news.
LARGEST, LONGEST = 30_000_000, 600.0
# What servers say who refuse everybody for a while (RFC 5530 and what is common).
_IS_BUSY = re.compile(
    r"UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN|too many|temporar|try again|timed? ?out|EOF", re.IGNORECASE
)
NOBODY = "nobody@"
_IMAP_PORTS: Mapping[int, Security] = {993: "tls", 143: "starttls"}
_SMTP_PORTS: Mapping[int, Security] = {465: "tls", 587: "starttls", 25: "starttls"}


@dataclass(frozen=True, slots=True)
class Server:
    """One mail server: where it is, and how the connection is made safe."""

    host: str
    port: int
    security: Security
    # Whether one signs in there; a server for sending may let its own machines in without.
    signs_in: bool = True

    @classmethod
    def read(cls, typed: str, *, kind: Literal["imap", "smtp"]) -> Self:
        """Read `mail.example.com`, `mail.example.com:143` or `none://127.0.0.1:1143`; raises ValueError.

        A server for sending to which nobody signs in has `nobody@` before its name.
        """
        scheme, _colon, rest = typed.strip().rpartition("://")
        signs_in = not (kind == "smtp" and rest.lower().startswith(NOBODY))
        host, _colon, number = (rest if signs_in else rest[len(NOBODY) :]).partition(":")
        ports = _IMAP_PORTS if kind == "imap" else _SMTP_PORTS
        if not host or "/" in rest or "@" in host or " " in rest:
            raise ValueError(
                _(
                    "“%(typed)s” is not the address of a mail server. Write it like mail.example.com:%(port)s.",
                    typed=typed,
                    port=min(ports),
                )
            )
        if number and not (number.isdigit() and 0 < int(number) < 65_536):
            raise ValueError(_("“%(number)s” is not a port number.", number=number))
        port = int(number) if number else next(iter(ports))
        safe = {"tls": "tls", "starttls": "starttls", "none": "none", "": ports.get(port, "tls")}.get(scheme.lower())
        if safe is None:
            raise ValueError(
                _("“%(scheme)s” is no way to secure a connection. Write tls://, starttls:// or none://.", scheme=scheme)
            )
        return cls(host.lower(), port, safe, signs_in)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.security}://{'' if self.signs_in else NOBODY}{self.host}:{self.port}"


def guard_of(access: Access) -> Guard:
    """The guard of the client that the adapter was handed; without a client only public servers are asked."""
    guard: Guard | None = getattr(access.http, "guard", None)
    return guard or Guard()


class _Box(IMAPClient):  # type: ignore[misc]
    """An IMAP client whose connection the guard made."""

    def __init__(self, server: Server, guard: Guard) -> None:
        self._guard = guard
        super().__init__(
            server.host,
            server.port,
            use_uid=True,
            ssl=server.security == "tls",
            # Certificates take longer to load than the rest of a connection without them.
            ssl_context=ssl.create_default_context() if server.security == "tls" else None,
            timeout=SocketTimeout(CONNECT, SILENCE),
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - its name in the library
        guard, context = self._guard, self.ssl_context if self.ssl else None

        class Guarded(imaplib.IMAP4):
            """Reads so much and so long at most, whatever the server sends."""

            left, until = LARGEST, monotonic() + LONGEST

            def read(self, size: int) -> bytes:
                self._spend(size)
                return super().read(size)

            def readline(self) -> bytes:
                line = super().readline()
                self._spend(len(line))
                return line

            def _spend(self, size: int) -> None:
                self.left -= size
                if self.left < 0 or monotonic() > self.until:
                    raise self.abort(_("The server sends more, or longer, than is read."))

            def _create_socket(self, timeout: float | None = None) -> socket.socket:
                return _secured(connect_guarded(guard, self.host, self.port, CONNECT), context, self.host)

        return Guarded(self.host, self.port)


class _Post(smtplib.SMTP):
    """An SMTP client whose connection the guard made."""

    def __init__(self, server: Server, guard: Guard) -> None:
        self._server, self._guard = server, guard
        super().__init__(server.host, server.port, timeout=SILENCE)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        context = ssl.create_default_context() if self._server.security == "tls" else None
        made = connect_guarded(self._guard, host, port, CONNECT)
        made.settimeout(timeout)
        return _secured(made, context, host)


def _secured(made: socket.socket, context: ssl.SSLContext | None, host: str) -> socket.socket:
    return made if context is None else context.wrap_socket(made, server_hostname=host)


@contextmanager
def mailbox(access: Access) -> Iterator[IMAPClient]:
    """Open the connection's mailbox; whatever goes wrong in it comes out as a NetworkError."""
    server = Server.read(str(access.facts.get("imap", "")), kind="imap")
    try:
        with _Box(server, guard_of(access)) as box:
            if server.security == "starttls":
                box.starttls(ssl.create_default_context())
            token = access.credentials.get("token")
            try:
                if token:
                    box.oauth2_login(access.credentials["user"], token)
                else:
                    box.login(access.credentials["user"], access.credentials["password"])
            except LoginError as problem:
                raise _not_entered(server.host, problem, access) from problem
            yield box
    except NetworkError:
        raise
    except GuardRefusal as problem:
        raise AddressRefused(str(problem)) from problem
    except (imaplib.IMAP4.abort, imaplib.IMAP4.readonly, OSError, ssl.SSLError) as problem:
        raise Unreachable(_told(problem, server.host)) from problem
    except IMAPClientError as problem:
        raise Refused(
            _("%(host)s refused: %(words)s", host=server.host, words=_words(problem)), permanent=False
        ) from problem


@contextmanager
def post_office(access: Access) -> Iterator[smtplib.SMTP]:
    """Open the way out; what goes wrong before a mail is handed over says that it was surely not taken."""
    server = Server.read(str(access.facts.get("smtp", "")), kind="smtp")
    try:
        office = _Post(server, guard_of(access))
    except GuardRefusal as problem:
        raise AddressRefused(str(problem)) from problem
    except (smtplib.SMTPException, OSError) as problem:
        raise RateLimited(_told(problem, server.host), wait=60) from problem
    try:
        _enter(office, server, access)
        yield office
    finally:
        try:
            office.quit()
        except (smtplib.SMTPException, OSError):
            office.close()


def _enter(office: smtplib.SMTP, server: Server, access: Access) -> None:
    try:
        office.ehlo()
        if server.security == "starttls":
            office.starttls(context=ssl.create_default_context())
            office.ehlo()
        if not server.signs_in:
            return
        if not office.has_extn("auth"):
            raise _no_way_in(server)
        if token := access.credentials.get("token"):
            said = f"user={access.credentials['user']}\x01auth=Bearer {token}\x01\x01"
            # A server that refuses says why first, and wants an empty line before it says no.
            office.auth("XOAUTH2", lambda challenge=None: "" if challenge else said)
        else:
            office.login(access.credentials["user"], access.credentials["password"])
    except smtplib.SMTPAuthenticationError as problem:
        if problem.smtp_code // 100 == 4:
            raise RateLimited(
                _("%(host)s cannot check the password just now.", host=server.host), wait=300
            ) from problem
        raise _no_entry(server.host, access) from problem
    except smtplib.SMTPNotSupportedError as problem:
        raise Refused(_("%(host)s offers no secure connection on this port.", host=server.host)) from problem
    except (smtplib.SMTPException, OSError) as problem:
        raise RateLimited(_told(problem, server.host), wait=60) from problem


def _not_entered(host: str, problem: Exception, access: Access) -> NetworkError:
    """Tell a wrong password from a server that is busy or went away: only the first is the credentials' fault."""
    if isinstance(problem.__context__, imaplib.IMAP4.abort) or _IS_BUSY.search(str(problem)):
        return Unreachable(_("%(host)s cannot let anybody in just now: %(words)s", host=host, words=_words(problem)))
    return _no_entry(host, access)


def _no_entry(host: str, access: Access) -> NetworkError:
    # A token lives for an hour: whoever holds what gets a new one tries that first.
    if access.credentials.get("token") and access.credentials.get("refresh_token"):
        return AccessExpired(_("%(host)s does not accept the token any more.", host=host))
    return AccessWithdrawn(
        _(
            "%(host)s does not accept this name and password. Many providers want an app password instead of "
            "the usual one.",
            host=host,
        )
    )


def _no_way_in(server: Server) -> Refused:
    address = f"{server.security}://{NOBODY}{server.host}:{server.port}"
    return Refused(
        _(
            "%(host)s offers nobody to sign in on port %(port)s, so the password was not sent. Mails are mostly handed "
            "in on port 587 or 465. If this server takes mails from this machine without signing in, write %(sign)s "
            "before its name: %(address)s.",
            host=server.host,
            port=server.port,
            sign=NOBODY,
            address=address,
        )
    )


def _told(problem: Exception, host: str) -> str:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return _(
            "The security certificate of %(host)s is not valid: %(cause)s.", host=host, cause=problem.verify_message
        )
    if isinstance(problem, ssl.SSLError):
        return _("No secure connection to %(host)s could be made.", host=host)
    if isinstance(problem, socket.gaierror):
        return _("No server called %(host)s was found.", host=host)
    if isinstance(problem, TimeoutError):
        return _("%(host)s went silent.", host=host)
    if isinstance(problem, ConnectionRefusedError):
        return _("%(host)s refuses connections.", host=host)
    return _("The connection to %(host)s broke off.", host=host)


def _words(problem: Any) -> str:
    return " ".join(str(problem).split())[:200]
