"""A network across the wire: a server that keeps every post it ever took, and an adapter that talks to it.

The server lives as long as the test; workers that talk to it are killed. A key that is sent twice is two posts there,
so that whoever sends twice is found out.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from listening import networks
from listening.networks.protocols import Accepted, Access, Limits, OutgoingReply, Unreachable
from listening.networks.publishing import OutgoingPiece

ADDRESS = "TOWN_ADDRESS"


class TownServer(ThreadingHTTPServer):
    """Keeps posts; while `gate` is closed it takes a post and does not answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: list[str] = []
        self.lock = threading.Lock()
        self.took = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: TownServer

    def do_POST(self) -> None:
        key = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["key"]
        with self.server.lock:
            self.server.keys.append(key)
            number = len(self.server.keys)
        self.server.took.set()
        self.server.gate.wait(60)
        self._answer(200, {"id": f"t{number}"})

    def do_GET(self) -> None:
        key = self.path.rsplit("/", 1)[-1]
        with self.server.lock:
            number = self.server.keys.index(key) + 1 if key in self.server.keys else 0
        self._answer(200 if number else 404, {"id": f"t{number}"})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # who asked is dead

    def log_message(self, *args: Any) -> None:
        pass


class FarTown:
    """The adapter: one attempt, one look."""

    name = "far-town"
    label = "Far town"
    ids_within = "network"

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        body = json.dumps({"key": outgoing.key, "text": outgoing.text}).encode()
        return self._ask(Request(os.environ[ADDRESS], data=body, method="POST"))

    def _find(self, key: str) -> Accepted | None:
        try:
            return self._ask(Request(f"{os.environ[ADDRESS]}/{quote(key)}"))
        except Unreachable as problem:
            if "404" in str(problem):
                return None
            raise

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        body = json.dumps({"key": piece.key, "text": piece.text}).encode()
        return self._ask(Request(os.environ[ADDRESS], data=body, method="POST"))

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        return self._find(piece.key)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        return self._find(outgoing.key)

    def _ask(self, request: Request) -> Accepted:
        try:
            with urlopen(request, timeout=30) as answer:
                found = json.loads(answer.read())
        except OSError as problem:
            raise Unreachable(str(problem)) from problem
        return Accepted(id=found["id"], url=f"{os.environ[ADDRESS]}/{found['id']}")

    def count(self, text: str, _facts: Any) -> int:
        return len(text)

    def limits(self, _facts: Any) -> Limits:
        return Limits(text=500)


def install() -> None:
    """Make the town one of the networks of this process."""
    networks._registered()[FarTown.name] = FarTown()  # type: ignore[assignment]


@contextmanager
def running_town() -> Iterator[TownServer]:
    """Run the server, installed as a network here and for the processes that are started meanwhile."""
    server = TownServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ[ADDRESS] = server.address
    install()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
        del os.environ[ADDRESS], networks._registered()[FarTown.name]
