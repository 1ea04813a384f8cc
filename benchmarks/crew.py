"""The house and the people of the stress run: parts by their production commands, and browsers that work."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from django.test import Client

from benchmarks.filled import SLUG
from config import parts, processes
from config.ports import Listening, answers
from config.services import free_port
from roles import clock, tickets
from roles.models import Member

ROOT = Path(__file__).resolve().parent.parent
THINK = (1.5, 4.5)  # seconds between what a person does and the next
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
FAULT = re.compile(r"[a-z_][\w.]*\.\w*(Error|Exception|Timeout)\b.*|[A-Z]\w*(Error|Exception): .*")
TICKET = re.compile(r'href="(/o/[^"]+/queue/\d+/[^"]*)" data-item-link')
PAGES_OF_A_COACH = {
    "stream": "stream/", "search of the stream": "stream/?q=order+help", "executive page": "measure/",
    "rules": "rules/", "sources": "sources/", "everyone's queue": "queue/?tab=everyone",
}  # fmt: skip


@dataclass
class Seen:
    """What was measured while it ran."""

    pages: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    backlog: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    memory: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    slow: Counter[str] = field(default_factory=Counter)
    longest: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    news: int = 0
    asked: int = 0
    killed: int = 0
    said: int = 0


class House:
    """Web, events, worker and beat, as in production."""

    def __init__(self, folder: Path) -> None:
        self.listening = Listening("127.0.0.1", free_port(), free_port())
        self.log = (folder / "log").open("ab")
        self.environment = {
            **os.environ, "PORT": str(self.listening.port), "EVENTS_PORT": str(self.listening.events_port),
            "ALLOWED_HOSTS": "127.0.0.1", "VAR_DIR": str(folder), "DELIVERY_LEASE_SECONDS": "20",
        }  # fmt: skip
        self.commands = {
            "web": parts.web(self.listening), "events": parts.events(self.listening), "worker": parts.worker("WARNING"),
            "beat": parts.beat(folder / "beat-schedule"),
        }  # fmt: skip
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for name in self.commands:
            self.start(name)
        deadline = time.monotonic() + 180
        while not (answers("127.0.0.1", self.listening.port) and answers("127.0.0.1", self.listening.events_port)):
            if time.monotonic() > deadline:
                self.end()
                raise RuntimeError(
                    f"The pages did not answer within three minutes.\n{Path(self.log.name).read_text()[-3000:]}"
                )
            time.sleep(0.2)

    def start(self, name: str) -> None:
        self.running[name] = processes.start(
            [sys.executable, "-m", *self.commands[name]], directory=ROOT, output=self.log, environment=self.environment
        )

    def kill_a_worker(self, chance: random.Random) -> None:
        """Kill a process that works, one time in six the parent; start what ended, as the supervisor does.

        Who has only just been started is let be: a slow machine would never get to work.
        """
        worker = self.running["worker"]
        if hands := children(worker.pid):
            os.kill(worker.pid if chance.random() < 1 / 6 else chance.choice(hands), signal.SIGKILL)
            time.sleep(0.2)
        self.keep_up("worker")

    def keep_up(self, name: str) -> None:
        """Start a part again that has ended, as the supervisor does."""
        if self.running[name].poll() is not None:
            processes.kill_group(self.running[name])
            self.start(name)

    def resident(self, **servers: int) -> dict[str, int]:
        """Megabytes that each part holds, and each of these servers by its process, their children with them."""
        pids = {name: process.pid for name, process in self.running.items()} | servers
        return {name: sum(map(megabytes, [pid, *children(pid)])) for name, pid in pids.items()}

    def faults(self) -> Counter[str]:
        """What the parts wrote into their log as the end of a traceback, and how often."""
        lines = Path(self.log.name).read_text(errors="replace").splitlines()
        return Counter(found[0][:110] for line in lines if (found := FAULT.match(line)))

    def end(self) -> None:
        processes.stop([(process, signal.SIGTERM) for process in self.running.values()], within=8)
        self.log.close()


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    try:
        said = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in said]


def parent(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def megabytes(pid: int) -> int:
    """What a process holds for itself and its share of what it has in common with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024


class Person:
    """Somebody at a browser."""

    def __init__(self, member: Member, house: House, seen: Seen, seed: int) -> None:
        browser = Client()
        browser.force_login(member.user)
        self.cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        self.ticket = tickets.ticket(member.pk, member.organization_id, at=clock.now())
        self.house, self.seen, self.chance = house, seen, random.Random(seed)
        self.base = f"http://127.0.0.1:{house.listening.port}"
        self.number = 0

    async def open(self) -> None:
        """Begin with a browser window of one's own, which has the token of its forms."""
        jar = aiohttp.CookieJar(unsafe=True)
        self.session = aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=60))
        jar.update_cookies(self.cookies, aiohttp.client.URL(self.base))
        await self.get("first page", f"/o/{SLUG}/queue/")
        found = {cookie.key: cookie.value for cookie in jar}
        self.token = found.get("csrftoken", "")

    async def ask(self, what: str, method: str, path: str, *, fine: Iterable[int] = (200,), **more: Any) -> str:
        begun = time.perf_counter()
        try:
            async with self.session.request(method, self.base + path, allow_redirects=False, **more) as answer:
                text = await answer.text()
                if answer.status not in fine:
                    self.seen.wrong[f"{what}: {answer.status}"] += 1
                    text = ""
        except (TimeoutError, aiohttp.ClientError) as problem:
            self.seen.wrong[f"{what}: {type(problem).__name__}"] += 1
            return ""
        self.seen.pages[what].append((time.perf_counter() - begun) * 1000)
        return text

    async def get(self, what: str, path: str, *, part: bool = False) -> str:
        return await self.ask(what, "GET", path, headers={"HX-Request": "true"} if part else {})

    async def post(self, what: str, path: str, data: Mapping[str, str]) -> str:
        headers = {"HX-Request": "true", "X-CSRFToken": self.token, "Referer": self.base}
        # 409: a colleague was quicker, which is an answer as good as any.
        return await self.ask(what, "POST", path, fine=(200, 204, 409), data=dict(data), headers=headers)

    async def follow(self) -> None:
        """Keep the event stream open, as a page does."""
        address = f"http://127.0.0.1:{self.house.listening.events_port}/events?ticket={self.ticket}"
        while True:
            try:
                async with self.session.get(address, timeout=aiohttp.ClientTimeout(total=None)) as stream:
                    async for line in stream.content:
                        self.seen.news += line.startswith(b"data:")
            except (TimeoutError, aiohttp.ClientError) as problem:
                self.seen.wrong[f"event stream: {type(problem).__name__}"] += 1
            await asyncio.sleep(1)

    async def think(self) -> None:
        await asyncio.sleep(self.chance.uniform(*THINK))

    async def respond(self) -> None:
        """Work the queue."""
        while True:
            self.number += 1
            tab = "" if self.number % 6 else "?tab=waiting"
            shown = await self.get("queue", f"/o/{SLUG}/queue/{tab}", part=True)
            if self.number % 8 == 0:
                await self.think()
                await self.get("search", f"/o/{SLUG}/queue/?tab=everyone&search=larkspur+question", part=True)
            await self.think()
            if links := TICKET.findall(shown):
                await self._answer(links[self.chance.randrange(min(3, len(links)))].replace("&amp;", "&"))
                await self.think()

    async def _answer(self, link: str) -> None:
        shown = await self.get("conversation", link, part=True)
        if "Larkspur question" not in shown:
            return
        at = link.partition("?")[0]
        await self.think()
        fields = dict(HIDDEN.findall(shown))
        if f"{at}claim/" in shown:
            shown = await self.post("claim", f"{at}claim/", {"version": fields.get("version", "")})
            fields = dict(HIDDEN.findall(shown))
            await self.think()
        if "draft_version" in fields:
            words = f"Answer {self.chance.getrandbits(48):x} to what you asked"
            await self.post("reply", f"{at}reply/", fields | {"text": words, "resolves": "on"})

    async def oversee(self) -> None:
        """What a coach looks at."""
        while True:
            for what, path in PAGES_OF_A_COACH.items():
                await self.get(what, f"/o/{SLUG}/{path}")
                await self.think()
