"""How many feeds a second are polled, from the claim to the settled poll, by one worker.

The feeds are on a loopback server in a process of its own: first all new (20 entries each), then all unchanged (304),
then each with one new entry, then unchanged but without validators (200, nothing new). 100 queries listen. The worker's
own CPU time tells what a core could do; the database and the server take theirs beside it. The plain way of doing it
stands beside: one feed after another, httpx and feedparser, a query for each entry.

    python -m benchmarks polling [-- --feeds 500 --plain 50 --rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
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
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    figures["new"].append(poll_all(asked.feeds))
    figures["plain new"].append(measured(lambda: plainly(addresses[: asked.plain], plain)))
    for number in range(1, asked.rounds + 1):
        figures["unchanged"].append(poll_all(asked.feeds))
        tell(number, True)
        figures["changed"].append(poll_all(asked.feeds))
        figures["plain changed"].append(measured(lambda: plainly(addresses[: asked.plain], plain)))
        tell(number, False)
        figures["known"].append(poll_all(asked.feeds))
        tell(number, True)
        poll_all(asked.feeds)  # takes the validators again
    rows = []
    for name, label in KINDS.items():
        count = asked.plain if name.startswith("plain") else asked.feeds
        wall, cpu = (statistics.median(times) for times in zip(*figures[name], strict=True))
        rows.append([label, f"{count / wall:,.0f}", f"{1000 * cpu / count:.2f}", f"{count / cpu:,.0f}"])
    print(table(["", "feeds/s", "CPU ms a feed", "feeds/s and core"], rows))


KINDS = {
    "unchanged": "unchanged (304)",
    "known": "unchanged (200, 20 known entries)",
    "changed": "changed (one new entry of 20)",
    "new": "new (20 new entries)",
    "plain changed": "plain way, one new entry of 20",
    "plain new": "plain way, 20 new entries",
}


if __name__ == "__main__":
    main()
