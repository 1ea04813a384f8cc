"""Two thousand open pages at one event server: what each costs in memory, and how soon each is told.

The server is started as in production, one process. Messages are published as every action does it, through the
broker; each carries its moment, and other processes on the same machine, which share its cores, read them as browsers
would and say how long each delivery took. Once all pages belong to one organization, so that a message goes to all of
them at once; then they belong to a hundred, each told on its own. Rates are deliveries: messages times their readers.

    python -m benchmarks events [-- --streams 2000 --rate 10000 --seconds 15 --readers 2]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from benchmarks.report import table
from config.services import free_port
from roles import clock
from roles.live import look_again
from roles.models import Organization
from roles.tenancy import acting_for
from roles.tickets import ticket

ORGANIZATIONS = (1, 100)
OPENED_AT_ONCE = 50
SECONDS_TO_OPEN = 120
# What a browser says of itself is kept by the server as long as the stream lasts.
REQUEST = (
    "GET /events?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\n"
    "Accept: text/event-stream\r\nCache-Control: no-cache\r\nOrigin: http://127.0.0.1:8000\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    'Safari/537.36\r\nsec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"\r\nsec-ch-ua-mobile: ?0\r\n'
    'sec-ch-ua-platform: "Linux"\r\n'
    "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
    "Referer: http://127.0.0.1:8000/\r\nAccept-Encoding: gzip, br, zstd\r\nAccept-Language: en,de;q=0.9\r\n\r\n"
)


class Page(asyncio.Protocol):
    """One open page: notes how long each message was on its way."""

    def __init__(self, request: bytes, taken: list[int]) -> None:
        self.request, self.taken = request, taken
        self.opened = asyncio.get_running_loop().create_future()
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Read whole messages; the first words of the stream say that it is open."""
        now = time.monotonic_ns()
        *whole, self.rest = (self.rest + data).split(b"\n\n")
        for message in whole:
            if b"retry: " in message and not self.opened.done():
                self.opened.set_result(None)
            for word in message.rpartition(b"data: ")[2].split():
                if word.startswith(b"at:"):
                    self.taken.append(now - int(word[3:]))

    def connection_lost(self, problem: Exception | None) -> None:
        """The server never ends a stream."""
        if not self.opened.done():
            self.opened.set_exception(problem or ConnectionError("The stream was not opened."))


def read(port: int, organizations: list[int], asked: Connection) -> None:
    """Open a page for each of these organizations; say so, and at the end how long deliveries took."""
    asyncio.run(_read(port, organizations, asked))


async def _read(port: int, organizations: list[int], asked: Connection) -> None:
    loop, taken, some = asyncio.get_running_loop(), [], asyncio.Semaphore(OPENED_AT_ONCE)

    async def opened(organization: int) -> None:
        request = REQUEST.format(port=port, ticket=ticket(1, organization, at=clock.now())).encode()
        async with some:
            _transport, page = await loop.create_connection(lambda: Page(request, taken), "127.0.0.1", port)
            await page.opened

    async with asyncio.timeout(SECONDS_TO_OPEN):
        await asyncio.gather(*map(opened, organizations))
    asked.send("opened")
    question = asyncio.Event()
    loop.add_reader(asked.fileno(), question.set)
    await question.wait()
    asked.send(taken)


def main() -> None:
    """Measure with one organization and with many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=10_000, help="deliveries a second")
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--readers", type=int, default=2, help="processes that read")
    asked = parser.parse_args()
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    load = os.getloadavg()[0]
    rows = [measure(number, asked) for number in ORGANIZATIONS]
    heads = ["organizations", "kB a stream", "deliveries/s", "median ms", "p99 ms", "longest ms", "lost", "of a core"]
    print(f"{asked.streams:,} streams in one process, {asked.readers} reading processes on the same machine.")
    print(f"Before it began, {load:.0f} processes wanted the {os.cpu_count()} cores.\n")
    print(table(heads, rows))


def measure(organizations: int, asked: argparse.Namespace) -> list[object]:
    """Open all streams, publish for a while, and return the line of the table."""
    with serving() as (server, port):
        everyone = [1 + number % organizations for number in range(asked.streams)]
        # The first stream makes the server follow the broker; what that costs is no stream's.
        with reading(port, [everyone[:1]]):
            before = resident(server)
        with reading(port, [everyone[number :: asked.readers] for number in range(asked.readers)]) as readers:
            time.sleep(2)
            each = (resident(server) - before) / asked.streams
            worked = worked_seconds(server)
            begun = time.monotonic()
            published = publish(organizations, asked.rate * organizations / asked.streams, asked.seconds)
            lasted = time.monotonic() - begun
            worked = worked_seconds(server) - worked
            time.sleep(2)
            taken = []
            for reader in readers:
                reader.send("how long?")
                taken += reader.recv()
    taken.sort()
    expected = published * asked.streams // organizations
    return [
        organizations,
        f"{each / 1000:.0f}",
        f"{len(taken) / lasted:,.0f}",
        f"{statistics.median(taken) / 1e6:.0f}",
        f"{taken[len(taken) * 99 // 100] / 1e6:.0f}",
        f"{taken[-1] / 1e6:.0f}",
        expected - len(taken),
        f"{worked / lasted:.0%}",
    ]


def publish(organizations: int, rate: float, seconds: int) -> int:
    """Have the pages of one organization after the other look again, so many a second; returns how many times."""
    scopes = [Organization(pk=number + 1) for number in range(organizations)]
    # So that each organization is told as often as any other.
    count = max(1, round(rate * seconds / organizations)) * organizations
    begun = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        with acting_for(scopes[number % organizations]):
            look_again("queue", "assignments", f"at:{time.monotonic_ns()}")
    return count


@contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """Start the event server as the supervisor does, and lend its process id and port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "config.events:application", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning", "--no-access-log"])
    try:
        _wait(f"http://127.0.0.1:{port}/health/")
        yield process.pid, port
    finally:
        process.kill()
        process.wait()


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The event server did not start.")


@contextmanager
def reading(port: int, parts: list[list[int]]) -> Iterator[list[Connection]]:
    """Run a reading process for each part of the organizations, once all their pages are open."""
    ours, processes = [], []
    for part in parts:
        here, there = multiprocessing.Pipe()
        process = multiprocessing.Process(target=read, args=(port, part, there), daemon=True)
        process.start()
        ours.append(here)
        processes.append(process)
    try:
        for here in ours:
            if not here.poll(SECONDS_TO_OPEN) or here.recv() != "opened":
                raise RuntimeError("Not all streams were opened.")
        yield ours
    finally:
        for process in processes:
            process.kill()
            process.join()


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def worked_seconds(pid: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
