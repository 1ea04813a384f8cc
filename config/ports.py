"""Where the pages and the event stream listen."""

from __future__ import annotations

import errno
import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from config.programs import ServiceFailed

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True)
class Listening:
    """A host with the port of the pages and the port of the event stream."""

    host: str
    port: int
    events_port: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Listening:
        """Read HOST, PORT and EVENTS_PORT, the last being the one after PORT unless said."""
        numbers: dict[str, int] = {}
        for name, otherwise in (("PORT", "8000"), ("EVENTS_PORT", "")):
            said = environment.get(name) or otherwise or str(numbers["PORT"] + 1)
            if not said.isdecimal() or not 0 < int(said) < 65536:
                raise ServiceFailed(f"{name} is a number from 1 to 65535, not “{said}”.")
            numbers[name] = int(said)
        return cls(environment.get("HOST") or "127.0.0.1", numbers["PORT"], numbers["EVENTS_PORT"])

    @property
    def bracketed(self) -> str:
        """The host as it stands before a port."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def reached_at(self) -> str:
        """The host as this machine itself reaches it."""
        return EVERYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        """The address of the first page, on this machine."""
        host = self.reached_at
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def refuse_taken(listening: Listening) -> None:
    """Name the port that another program holds, before anything is started."""
    for name, port in (("PORT", listening.port), ("EVENTS_PORT", listening.events_port)):
        try:
            family, kind, protocol, _name, address = socket.getaddrinfo(listening.host, port, type=socket.SOCK_STREAM)[
                0
            ]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen()
        except OSError as problem:
            raise ServiceFailed(_why(problem, name, port, listening)) from problem


def answers(host: str, port: int, path: str = "/health/") -> bool:
    """Say whether a page is served there, whatever it says, as long as it is no failure of the server."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _why(problem: OSError, name: str, port: int, listening: Listening) -> str:
    what = "the pages" if name == "PORT" else "the event stream"
    if problem.errno == errno.EADDRINUSE:
        other = f"PORT={listening.port + 10} make run" if name == "PORT" else f"EVENTS_PORT={port + 10} make run"
        return (
            f"Port {port} of {listening.host}, meant for {what}, is taken by another program. Choose another: {other}"
        )
    if problem.errno == errno.EACCES:
        return f"Port {port}, meant for {what}, may be used by root only. Choose one above 1023 with {name}."
    place = f"{listening.host}:{port} ({problem.strerror})"
    return f"{what.capitalize()} cannot listen on {place}. HOST and {name} choose another place."
