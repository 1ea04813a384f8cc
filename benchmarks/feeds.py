"""How many feeds a second are parsed, beside feedparser on the same bytes; and how many are asked over HTTP.

Parsing: documents made here from a fixed seed, and every readable one of a folder of captured feeds, where FEEDS names
one. HTTP: feeds on a loopback server in another process, first all new, then all unchanged (304), with
the guard, limits and cursor that polling uses. Figures are medians of the rounds; what counts is the ratio.

    python benchmarks/feeds.py [--rounds 5] [--feeds 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import platform
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import feedparser
from aiohttp import web

from listening.networks.feed import network
from listening.networks.feed.parse import parse_feed
from listening.networks.http import Http
from listening.networks.protocols import Access, Cursor, Unreadable

CORPUS = Path(os.environ["FEEDS"]) if os.environ.get("FEEDS") else None
WORDS = (
    "harbour ferry market garden library roses bench kite wind quay morning council bridge cake school river".split()
)


def made(seed: int, entries: int) -> bytes:
    """Write an RSS feed of so many entries, with HTML in them as blogs have it."""
    chance = random.Random(seed)

    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count))

    items = [
        f"<item><title>{words(8)}</title><link>https://e.example/{seed}/{n}</link><guid>{seed}-{n}</guid>"
        f"<dc:creator>{words(2)}</dc:creator><pubDate>Mon, {n % 28 + 1:02} Sep 2025 {n % 24:02}:15:00 +0200</pubDate>"
        f"<description><![CDATA[<p>{words(60)}</p><p><a href='/x'>{words(90)}</a> &amp; {words(90)}</p>]]>"
        "</description></item>"
        for n in range(entries)
    ]
    head = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    )
    return f"{head}<title>{words(3)}</title>{''.join(items)}</channel></rss>".encode()


def captured() -> list[bytes]:
    """Every document of the corpus that is a feed."""
    found = []
    for path in sorted(CORPUS.rglob("*") if CORPUS else ()):
        if path.suffix in {".xml", ".rss", ".atom", ".rdf"}:
            body = path.read_bytes()
            try:
                parse_feed(body)
            except Unreadable:
                continue
            found.append(body)
    return found


def rate(work: Callable[[bytes], object], documents: list[bytes]) -> float:
    start = time.perf_counter()
    for body in documents:
        work(body)
    return len(documents) / (time.perf_counter() - start)


def compare(name: str, documents: list[bytes], rounds: int) -> None:
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(rate(parse_feed, documents))
        theirs.append(rate(feedparser.parse, documents))
    mine, other = statistics.median(ours), statistics.median(theirs)
    size = sum(map(len, documents)) / len(documents) / 1000
    print(f"{name:<42} {size:7.0f} kB {mine:9.0f} {other:9.0f} {mine / other:7.1f} x")


def serve(pipe: Connection, body: bytes) -> None:
    """Serve one feed at every address, with validators."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": '"1"', "Content-Type": "application/rss+xml"})

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{name}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


async def visit(port: int, feeds: int, cursors: dict[str, Cursor]) -> tuple[float, float]:
    """Read every feed once, fifty at a time; return feeds per second of the clock and of our own processor time."""
    queue = [f"http://127.0.0.1:{port}/{n}" for n in range(feeds)]
    places, start, used = iter(queue), time.perf_counter(), time.process_time()

    async def worker(http: Http) -> None:
        for place in places:
            page = await network.read(Access(http=http), place, cursors.get(place, {}))
            cursors[place] = page.cursor

    async with Http(["127.0.0.1"]) as http:
        await asyncio.gather(*(worker(http) for _ in range(50)))
    return feeds / (time.perf_counter() - start), feeds / (time.process_time() - used)


def over_http(feeds: int, rounds: int) -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, made(1, 20)), daemon=True)
    server.start()
    port = here.recv()
    new, unchanged = [], []
    try:
        for _ in range(rounds):
            cursors: dict[str, Cursor] = {}
            new.append(asyncio.run(visit(port, feeds, cursors)))
            unchanged.append(asyncio.run(visit(port, feeds, cursors)))
    finally:
        server.terminate()
    print(f"\n{'over HTTP on loopback, feeds a second':<42} {'clock':>10} {'of our core':>12}")
    for name, figures in (("20 new entries each", new), ("unchanged (304)", unchanged)):
        clock, core = (statistics.median(figure[side] for figure in figures) for side in (0, 1))
        print(f"{name:<42} {clock:10.0f} {core:12.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--feeds", type=int, default=1000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, median of {options.rounds}"
    )
    print(f"{'parsing, documents a second':<42} {'size':>10} {'Touchline':>9} {'feedparser':>10} {'ratio':>7}")
    compare("made here, 20 entries", [made(n, 20) for n in range(20)], options.rounds)
    compare("made here, 100 entries", [made(n, 100) for n in range(5)], options.rounds)
    if CORPUS:
        documents = captured()
        compare(f"captured, {len(documents)} documents, broken ones too", documents, min(options.rounds, 3))
    over_http(options.feeds, options.rounds)


if __name__ == "__main__":
    main()
