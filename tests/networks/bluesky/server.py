"""A whole Bluesky on loopback for tests: the real servers, from npm, installed once into the user's cache."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from config.services import free_port, start_services
from listening.networks.bluesky.ids import is_handle
from tests.listening.networks.bluesky.double import Double, stamp

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "touchline" / "networks" / "bluesky"
# The newest that runs on Node 20; what comes later needs Node 22.
PACKAGE = "@atproto/dev-env@0.3.209"
PASSWORD = "the-whole-password"


class NotHere(Exception):
    """What the servers need is not on this machine; `str()` says what."""


@dataclass
class Person:
    """An account, with a session of its own app."""

    did: str
    handle: str
    token: str
    app_password: str


class BlueskyNetwork:
    """The running servers, and people who use them with an app of their own."""

    def __init__(self, ready: dict[str, Any], stream: str) -> None:
        self.home, self.view, self.plc, self.stream = ready["pds"], ready["view"], ready["plc"], stream
        self._http = httpx.Client(timeout=30)

    def join(self, handle: str) -> Person:
        """Open an account and make an app password."""
        assert is_handle(handle)
        made = self._do("com.atproto.server.createAccount", handle=handle, password=PASSWORD,
                        email=f"{handle.replace('.', '-')}@example.com")  # fmt: skip
        person = Person(made["did"], handle, made["accessJwt"], "")
        person.app_password = self._do("com.atproto.server.createAppPassword", person, name="touchline")["password"]
        self.until(lambda: self.ask("app.bsky.actor.getProfile", person, actor=person.did).get("handle") == handle)
        return person

    def post(self, person: Person, record: dict[str, Any]) -> str:
        """Put a record into somebody's repository."""
        made = self._do("com.atproto.repo.createRecord", person, repo=person.did, collection=record["$type"],
                        record=record)  # fmt: skip
        return str(made["uri"])

    def say(self, person: Person, text: str, *, to: Person | None = None, **record: Any) -> str:
        """Post, with a mention that is one; returns the address."""
        if to is not None:
            said = f"@{to.handle}"
            start = len(text[: text.index(said)].encode())
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": to.did}
            index = {"byteStart": start, "byteEnd": start + len(said)}
            record["facets"] = [{"index": index, "features": [feature]}]
        value = {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(datetime.now(UTC)), **record}
        return self.post(person, value)

    def edit(self, person: Person, uri: str, text: str) -> None:
        """Change the words of a post, as a client does that lets people edit."""
        key, kind = uri.rpartition("/")[2], "app.bsky.feed.post"
        value = self.ask("com.atproto.repo.getRecord", None, repo=person.did, collection=kind, rkey=key)["value"]
        self._do("com.atproto.repo.putRecord", person, repo=person.did, collection=kind, rkey=key,
                 record={**value, "text": text})  # fmt: skip

    def delete(self, person: Person, uri: str) -> None:
        """Delete a post."""
        key = uri.rpartition("/")[2]
        self._do("com.atproto.repo.deleteRecord", person, repo=person.did, collection="app.bsky.feed.post", rkey=key)

    def posts_of(self, person: Person) -> list[dict[str, Any]]:
        """Everything that somebody posted, from their own repository."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            asked = {"repo": person.did, "collection": "app.bsky.feed.post", "limit": 100}
            page = self.ask("com.atproto.repo.listRecords", None, **asked, **({"cursor": cursor} if cursor else {}))
            found.extend(page["records"])
            cursor = page.get("cursor", "")
            if not cursor or not page["records"]:
                return found

    def told(self, person: Person) -> list[dict[str, Any]]:
        """The notifications of somebody."""
        found = self.ask("app.bsky.notification.listNotifications", person, limit=100)["notifications"]
        return list(found)

    def ask(self, name: str, person: Person | None, **asked: Any) -> dict[str, Any]:
        """Ask the home server, which asks what shows posts; empty where it says no."""
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        answer = self._http.get(f"{self.home}/xrpc/{name}", params=asked, headers=headers)
        return dict(answer.json()) if answer.status_code == 200 else {"error": answer.text}

    def until(self, holds: Callable[[], Any], *, seconds: float = 20) -> Any:
        """Wait until something holds: what shows posts is a moment behind."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.1)
        return found

    def _do(self, called: str, person: Person | None = None, **content: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        answer = self._http.post(f"{self.home}/xrpc/{called}", json=content, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()) if answer.content else {}


def install(_folder: Path) -> None:
    """Install the servers into the user's cache, where all checkouts find them; raises NotHere with what is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise NotHere("The real Bluesky needs Node.js 20 and npm (and a C compiler, once), which are not here.")
    if not (CACHE / ".installed").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text('{"name": "touchline-bluesky-for-tests", "private": true}')
        command = [npm, "install", "--no-audit", "--no-fund", PACKAGE]
        done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=1800, check=False)
        if done.returncode:
            raise NotHere(f"npm could not install {PACKAGE} into {CACHE}: {done.stderr[-500:]}")
        (CACHE / ".installed").touch()


@contextmanager
def running(var: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[BlueskyNetwork]:
    """Start the network with a PostgreSQL and a Valkey of its own, and a stream that the real server feeds."""
    install(CACHE)
    for name in ("network.mjs", "loopback.cjs"):
        shutil.copy(HERE / name, CACHE / name)
    services = start_services(var, durable=False)
    ports = {name: str(free_port()) for name in ("PLC_PORT", "PDS_PORT", "BSKY_PORT")}
    around = os.environ | ports | dict(environment or {}) | {
        "DB_POSTGRES_URL": services.environment["DATABASE_URL"],
        "REDIS_HOST": services.environment["REDIS_URL"].removeprefix("redis://").partition("/")[0],
        "LOG_ENABLED": "false",
    }  # fmt: skip
    command = ["node", "--require", "./loopback.cjs", "network.mjs"]
    with (var / "bluesky.log").open("w") as log:
        process = subprocess.Popen(command, cwd=CACHE, env=around, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (var / "bluesky.log").read_text()[-3000:]
        with _streaming(process.stdout) as stream:
            yield BlueskyNetwork(json.loads(line), stream)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        services.stop()


@contextmanager
def _streaming(events: Any) -> Iterator[str]:
    """Serve as a stream what the home server says happened."""
    double, loop = Double(), asyncio.new_event_loop()
    addresses: list[str] = []

    async def serve() -> None:
        async with double.running() as address:
            addresses.append(address)
            started.set()
            await ended.wait()

    started, ended = threading.Event(), asyncio.Event()
    serving = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    serving.start()
    assert started.wait(20)

    def feed() -> None:
        for line in events:
            double.tell(json.loads(line))

    threading.Thread(target=feed, daemon=True).start()
    try:
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        serving.join(5)
