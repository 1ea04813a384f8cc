"""A small network of the tests' own, as a real server on loopback: it keeps state, is strict, and can misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NOON = "2026-04-10T12:00:00+00:00"


@dataclass
class Tower:
    """What the server knows, and how it is to behave; every change of it is one step further for those who read."""

    url: str = ""
    # By token: who it belongs to.
    tokens: dict[str, str] = field(default_factory=lambda: {"key-of-acme": "acme", "key-of-other": "other"})
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    renewals: int = 0
    stolen: bool = False
    # Misbehaviour.
    out_of_order: bool = False
    wait: int = 0
    asks_to_wait_by: int = 429
    slow: float = 0.0
    loses_next: bool = False
    forgets_tokens: bool = False
    left: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, text: str, *, by: str = "ada", to: str = "", key: str = "", at: str = NOON) -> str:
        """Somebody says something; returns its id."""
        with self.lock:
            number = str(len(self.posts) + 1)
            row = {"id": number, "text": text, "by": by, "to": to, "key": key, "at": at, "edited": None, "gone": False}
            self.posts[number] = row
            self.changes.append(number)
        return number

    def edit(self, number: str, text: str) -> None:
        """A post says something else from now on; lists of what is new do not tell."""
        self.posts[number] |= {"text": text, "edited": "2026-04-10T13:00:00+00:00"}

    def delete(self, number: str) -> None:
        """A post is taken down; lists of what is new do not tell."""
        self.posts[number]["gone"] = True

    def answers(self) -> list[dict[str, Any]]:
        """What was said by our account."""
        return [row for row in self.posts.values() if row["by"] == "acme" and not row["gone"]]

    def grant(self, who: str = "acme") -> str:
        """Somebody said yes in their browser; returns the code that they bring back."""
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = who
        return code

    def issue(self, who: str) -> dict[str, str]:
        """Make a new pair of tokens."""
        self.renewals += 1
        token, refresh = f"token-{self.renewals}", f"refresh-{self.renewals}"
        self.tokens[token], self.refresh_tokens[refresh] = who, who
        return {"token": token, "refresh": refresh}


class _Handler(BaseHTTPRequestHandler):
    tower: Tower

    def log_message(self, *_said: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._answer("POST", json.loads(self.rfile.read(length) or b"{}"))

    def _answer(self, method: str, said: dict[str, Any]) -> None:
        tower, parts = self.tower, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with tower.lock:
            tower.calls.append((method, parts.path))
        if tower.slow:
            time.sleep(tower.slow)
        if tower.out_of_order:
            return self._send(503, {"error": "out of order"})
        if tower.wait:
            return self._send(tower.asks_to_wait_by, {"error": "wait"}, {"Retry-After": str(tower.wait)})
        if parts.path == "/token":
            return self._token(said)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        who = None if tower.forgets_tokens else tower.tokens.get(token)
        if who is None:
            error = "expired" if token.startswith("token-") and token in tower.tokens else "no such key"
            return self._send(401, {"error": error})
        status, body = self._of(who, method, parts.path, query, said)
        if method == "POST" and tower.loses_next:
            tower.loses_next = False
            self.close_connection = True
            self.connection.close()
            return None
        return self._send(status, body)

    def _token(self, said: dict[str, Any]) -> None:
        tower = self.tower
        with tower.lock:
            if "code" in said:
                who = tower.codes.pop(said["code"], None)
            else:
                who = tower.refresh_tokens.pop(said.get("refresh", ""), None)
                tower.stolen |= who is None
            made = tower.issue(who) if who else None
        if made is None:
            return self._send(400, {"error": "no such grant"})
        return self._send(200, made | {"who": who, "lives": 3600})

    def _of(
        self, who: str, method: str, path: str, query: dict[str, str], said: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        tower = self.tower
        if path == "/whoami":
            return 200, {"id": who, "handle": f"@{who}", "name": who.title()}
        if path == "/posts" and method == "GET" and "ids" in query:
            return 200, {"posts": [tower.posts[key] for key in query["ids"].split(",") if key in tower.posts]}
        if path == "/posts" and method == "GET" and "key" in query:
            return 200, {"posts": [row for row in tower.answers() if row["key"] == query["key"]]}
        if path == "/posts" and method == "GET":
            after = int(query.get("after", "0"))
            changed = tower.changes[after : after + 50]
            rows = [tower.posts[key] for key in changed if not tower.posts[key]["gone"]]
            return 200, {"posts": rows, "after": after + len(changed)}
        if path == "/posts" and method == "POST":
            if said["to"] not in tower.posts or tower.posts[said["to"]]["gone"]:
                return 404, {"error": "The post that this answers is gone."}
            same = [row["id"] for row in tower.answers() if row["key"] == said["key"]]
            return 200, {"id": same[0] if same else tower.say(said["text"], by=who, to=said["to"], key=said["key"])}
        return 404, {"error": "no such place"}

    def _send(self, status: int, body: dict[str, Any], more: dict[str, str] | None = None) -> None:
        tower, content = self.tower, json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if tower.left is not None:
            with tower.lock:
                tower.left = max(tower.left - 1, 0)
            self.send_header("X-RateLimit-Limit", "100")
            self.send_header("X-RateLimit-Remaining", str(tower.left))
            self.send_header("X-RateLimit-Reset", "300")
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def lit() -> Iterator[Tower]:
    """A tower that answers on loopback until the end."""
    tower = Tower()
    handler = type("Handler", (_Handler,), {"tower": tower})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    tower.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield tower
    finally:
        server.shutdown()
        server.server_close()
