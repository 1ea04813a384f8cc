"""How many feeds a second are polled, from the claim to the settled poll, by one worker.

The feeds are on a loopback server in a process of its own: first all new (20 entries each), then all unchanged (304),
then each with one new entry, then unchanged but without validators (200, nothing new). 100 queries listen. The worker's
own CPU time tells what a core could do; the database and the server take theirs beside it. The plain way of doing it
stands beside: one feed after another, httpx and feedparser, a query for each entry. So does a pipeline with a Celery
task for each feed, with requests and feedparser, in two processes; and the library `reader` with eight threads, where
READER names a Python that has it.

    READER=/path/to/python python -m benchmarks polling [-- --feeds 500 --plain 50 --rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["FETCH_ALLOWED_PRIVATE_HOSTS"] = "127.0.0.1"

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

import feedparser
import httpx
from aiohttp import web

from benchmarks.matching import Corpus
from benchmarks.report import table
from listening import polling
from listening.models import Poll, Post, Source, TrackingQuery
from roles import clock
from roles.models import Level, Organization
from roles.tenancy import acting_for

ENTRIES = 20
QUERIES = 100


class Feeds:
    """What the server says; grows when told."""

    def __init__(self) -> None:
        self.corpus, self.rounds, self.validators = Corpus(), 0, True
        self.texts = [self.corpus.text() for _ in range(1000)]

    def body(self, feed: str) -> bytes:
        """A feed's document: its first entries, and one for each round."""
        items = "".join(
            f"<item><guid>{feed}-{n}</guid><title>{self.texts[(int(feed) + n) % 997][:50]}</title>"
            f"<link>https://a.example/{feed}/{n}</link><pubDate>Thu, 09 Apr 2026 10:00:{n % 60:02d} GMT</pubDate>"
            f"<description>{self.texts[(int(feed) * 7 + n) % 1000]}</description></item>"
            for n in range(self.rounds, self.rounds + ENTRIES)
        )
        return f'<rss version="2.0"><channel><title>Feed {feed}</title>{items}</channel></rss>'.encode()

    async def answer(self, request: web.Request) -> web.Response:
        tag = f'"{self.rounds}"'
        if self.validators and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        headers = {"ETag": tag} if self.validators else {}
        return web.Response(body=self.body(request.match_info["feed"]), headers=headers, content_type="text/xml")


def serve(pipe: Connection) -> None:
    """Serve feeds until the pipe closes; what comes through it is what changes."""

    async def run() -> None:
        feeds = Feeds()
        app = web.Application()
        app.router.add_get("/{feed:\\d+}", feeds.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        pipe.send(runner.addresses[0][1])
        loop = asyncio.get_running_loop()
        while True:
            said = await loop.run_in_executor(None, pipe.recv)
            if said is None:
                break
            feeds.rounds, feeds.validators = said
            pipe.send(True)
        await runner.cleanup()

    asyncio.run(run())


def measured(work: Callable[[], Any]) -> tuple[float, float]:
    """The seconds on the wall, and the seconds of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def poll_all(expected: int) -> tuple[float, float]:
    """Poll every source once."""
    Source.objects.update(next_poll_at=clock.now())
    before = Poll.objects.count()
    found = measured(lambda: polling.poll_due(clock.now()))
    assert Poll.objects.count() - before == expected
    assert not Poll.objects.filter(outcome="running").exists()
    return found


def plainly(addresses: list[str], source: Source) -> None:
    """One feed after another, one entry after another."""
    for address in addresses:
        found = feedparser.parse(httpx.get(address, timeout=15).content)
        for entry in found.entries:
            Post.objects.get_or_create(
                network="feed",
                remote_id=f"plain:{entry.id}",
                defaults={
                    "source": source,
                    "title": entry.title,
                    "text": entry.summary,
                    "url": entry.link,
                    "captured_at": clock.now(),
                    "content_digest": "",
                },
            )


class Peer:
    """Another way of visiting the same feeds, in a process of its own."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line() == "ready"

    def round(self) -> tuple[float, float]:
        """Visit all feeds once."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        clock, processor = map(float, self._line().split())
        return clock, processor

    def _line(self) -> str:
        assert self.process.stdout is not None
        if not (line := self.process.stdout.readline()):
            raise SystemExit(f"{self.name} ended.")
        return line.strip()

    def end(self) -> None:
        """Let it end in order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


@contextmanager
def peers(base: str, feeds: int) -> Iterator[list[Peer]]:
    """Start the peers that there are."""
    commands = {"a task a feed": [sys.executable, "-m", "benchmarks.peers.by_task"]}
    if with_reader := os.environ.get("READER"):
        commands["reader"] = [with_reader, str(Path(__file__).parent / "peers" / "by_reader.py")]
    found: list[Peer] = []
    try:
        for name, command in commands.items():
            found.append(Peer(name, [*command, base, str(feeds)]))
        yield found
    finally:
        for peer in found:
            peer.end()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks polling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--plain", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    organization = Organization.objects.create(name="Bench", slug="bench", level=Level.RESPONSIVE)
    try:
        with acting_for(organization):
            measure(asked, f"http://127.0.0.1:{port}", lambda *said: (ours.send(said), ours.recv()))
    finally:
        ours.send(None)
        server.join(10)
        server.kill()


def measure(asked: argparse.Namespace, base: str, tell: Callable[..., object]) -> None:
    """Take the figures of each kind in turns."""
    corpus, at = Corpus(), clock.now()
    TrackingQuery.objects.bulk_create(
        TrackingQuery(name=f"Query {n}", expression=f'"{corpus.vocabulary[n + 300]}"', created_at=at, changed_at=at)
        for n in range(QUERIES)
    )
    addresses = [f"{base}/{n}" for n in range(asked.feeds)]
    Source.objects.bulk_create(Source(network="feed", place=place, name=place) for place in addresses)
    plain = Source.objects.create(network="feed", place="https://plain.example/", state="paused")
    figures: dict[str, list[tuple[float, float]]] = {}
    with peers(base, asked.feeds) as others:

        def take(kind: str) -> None:
            figures.setdefault(kind, []).append(poll_all(asked.feeds))
            for peer in others:
                figures.setdefault(f"{peer.name} {kind}", []).append(peer.round())

        take("new")
        figures["plain new"] = [measured(lambda: plainly(addresses[: asked.plain], plain))]
        for number in range(1, asked.rounds + 1):
            take("unchanged")
            tell(number, True)
            take("changed")
            figures.setdefault("plain changed", []).append(measured(lambda: plainly(addresses[: asked.plain], plain)))
            tell(number, False)
            take("known")
            tell(number, True)
            poll_all(asked.feeds)  # takes the validators again
            for peer in others:
                peer.round()
    print(table(["", "feeds/s", "CPU ms a feed", "feeds/s and core", "Touchline is"], list(rows(figures, asked))))
    if not os.environ.get("READER"):
        print("\nThe library reader was not there: READER names a Python that has it.")


def rows(figures: dict[str, list[tuple[float, float]]], asked: argparse.Namespace) -> Iterator[list[str]]:
    """The lines of the table, each kind with whoever else did the same below it."""
    for kind, label in KINDS.items():
        speed = 0.0
        for name in (kind, *(f"{who} {kind}" for who in ("a task a feed", "reader", "plain"))):
            if not figures.get(name):
                continue
            count = asked.plain if name.startswith("plain") else asked.feeds
            wall, cpu = (statistics.median(times) for times in zip(*figures[name], strict=True))
            speed = speed or count / wall
            said = label if name == kind else f"— {PEERS[name.removesuffix(f' {kind}')]}"
            core = f"{count / cpu:,.0f}" if cpu else ""
            ratio = "" if name == kind else f"{speed * wall / count:.1f} x"
            yield [said, f"{count / wall:,.0f}", f"{1000 * cpu / count:.2f}", core, ratio]


KINDS = {
    "unchanged": "unchanged (304)",
    "known": "unchanged (200, 20 known entries)",
    "changed": "changed (one new entry of 20)",
    "new": "new (20 new entries)",
}
PEERS = {
    "a task a feed": "a Celery task a feed, requests and feedparser, 2 processes",
    "reader": "reader, 8 threads",
    "plain": "the plain way",
}


if __name__ == "__main__":
    main()
