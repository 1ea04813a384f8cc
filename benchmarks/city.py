"""A network in a process of its own that remembers what it took, behaves badly at random, and can be killed.

What it takes is written to a journal before it answers, so that killing it loses nothing that it took. A key that is
sent twice is two lines there: whoever sends twice is found out.
"""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from listening import networks
from listening.networks.protocols import Accepted, Access, Limits, OutgoingReply, RateLimited, Refused, Unreachable
from listening.networks.publishing import OutgoingPiece

# Of a hundred that it is given, how many it treats so; the rest it takes and says so.
MOODS: Mapping[str, int] = {
    "refuse": 8, "take and drop": 6, "drop": 4, "take and stall": 3, "stall": 2, "take late": 2, "ask to wait": 3,
}  # fmt: skip
CALM: Mapping[str, int] = {}
PATIENCE, STALL, LATE = 0.5, 1.2, 0.8  # seconds


class CityServer(ThreadingHTTPServer):
    """Takes what it is given into its journal; `moods` says how often it misbehaves, and how."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, journal: Path, moods: Mapping[str, int], seed: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.journal, self.moods, self.chance = journal, moods, random.Random(seed)

    def mood(self) -> str:
        drawn, below = self.chance.randrange(100), 0
        for mood, share in self.moods.items():
            below += share
            if drawn < below:
                return mood
        return "take"

    def take(self, key: str) -> str:
        page = os.open(self.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(page, f"{key}\n".encode())
        finally:
            os.close(page)
        return f"c{key}"


class _Handler(BaseHTTPRequestHandler):
    server: CityServer

    def do_POST(self) -> None:
        key = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["key"]
        mood = self.server.mood()
        if mood == "refuse":
            return self._answer(422, {})
        if mood == "ask to wait":
            return self._answer(429, {})
        if mood.startswith("take"):
            if mood == "take late":
                time.sleep(LATE)
            name = self.server.take(key)
            if mood == "take":
                return self._answer(200, {"id": name})
        if mood.endswith("stall"):
            time.sleep(STALL)
        self._hang_up()
        return None

    def do_GET(self) -> None:
        if self.server.moods and self.server.chance.randrange(100) < 8:
            return self._hang_up()
        key = self.path.rsplit("/", 1)[-1]
        known = self.server.journal.exists() and f"{key}\n".encode() in self.server.journal.read_bytes()
        return self._answer(200 if known else 404, {"id": f"c{key}"})

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # who asked has gone
            self.connection.shutdown(socket.SHUT_RDWR)

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


def taken(journal: Path) -> Counter[str]:
    """How often each key was taken; a line that a kill cut off counts for nothing, for it was not answered either."""
    try:
        return Counter(journal.read_text().split("\n")[:-1])
    except FileNotFoundError:
        return Counter()


def serve(port: int, journal: Path, moods: Mapping[str, int], seed: int) -> None:
    """Run until killed."""
    CityServer(port, journal, moods, seed).serve_forever(poll_interval=0.1)


class City:
    """The adapter: one attempt, one look, for replies and for pieces."""

    name = "city"
    label = "City"
    ids_within = "network"

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        return self._take(outgoing.key, outgoing.text)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        return self._find(outgoing.key)

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        return self._take(piece.key, piece.text)

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        return self._find(piece.key)

    def _take(self, key: str, text: str) -> Accepted:
        body = json.dumps({"key": key, "text": text}).encode()
        return self._ask(Request(self.address, data=body, method="POST"))

    def _find(self, key: str) -> Accepted | None:
        try:
            return self._ask(Request(f"{self.address}/{quote(key)}"))
        except Refused:
            return None

    def _ask(self, request: Request) -> Accepted:
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                found = json.loads(answer.read())
        except HTTPError as problem:
            if problem.code == 429:
                raise RateLimited("The city asks to wait.", wait=20) from problem
            raise Refused(f"The city says {problem.code}.") from problem
        except (OSError, ValueError) as problem:
            raise Unreachable(str(problem)) from problem
        except Exception as problem:  # http.client's own, when the other end hangs up
            raise Unreachable(repr(problem)) from problem
        return Accepted(id=found["id"], url=f"{self.address}/{found['id']}")

    def count(self, text: str, _facts: object) -> int:
        return len(text)

    def limits(self, _facts: object) -> Limits:
        return Limits(text=500)


def install(port: int) -> None:
    """Make the city one of the networks of this process."""
    networks._registered()[City.name] = City(port)  # type: ignore[assignment]


def leave() -> None:
    """Forget it again."""
    networks._registered().pop(City.name, None)
