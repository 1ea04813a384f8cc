"""Keep lines open to networks, as many as there are sources that can have one, and have a source read on a sign.

The database work is done by the calling thread, the lines by an event loop beside it. A line that breaks is made anew
after a wait that grows; one whose source or credentials change is let go.
"""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils.translation import gettext as _

from listening.access import access_for_source
from listening.connections.rates import over
from listening.connections.tending import ask_for
from listening.models import Source
from listening.networks import get
from listening.networks.http import Http
from listening.networks.protocols import (
    Access,
    AccessExpired,
    AccessWithdrawn,
    Hints,
    NetworkError,
    RateLimited,
    Refused,
)
from listening.open_lines import housekeeping
from listening.open_lines.housekeeping import Ended
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
LOOKED_EVERY = 5.0
# Some networks keep a thread for each line.
MOST = 400
# A place where much happens is read so often at most because of hints.
HINTED_EVERY = 10.0
FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 5.0, 900.0, 86_400.0
# Where there is no line to be had, somebody may open one some day.
WAIT_OF_REFUSED = 86_400.0
# A line that stood so long was a good one.
LIVED = 60.0


@dataclass
class Lines:
    """The lines of this process: `hold` keeps them until `end` is called, from whatever thread or signal."""

    now: Callable[[], datetime]
    looked: Callable[[], None] = lambda: None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _marks: dict[int, str] = field(default_factory=dict)
    _opened: set[int] = field(default_factory=set)
    _signs: set[int] = field(default_factory=set)
    _ended: list[Ended] = field(default_factory=list)
    _hinted_at: dict[int, float] = field(default_factory=dict)
    _news: asyncio.Event | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _is_over: bool = False

    def hold(self) -> None:
        """Hold lines until the end."""
        async_to_sync(self._hold)()

    def end(self) -> None:
        """Let go of all lines and return."""
        self._is_over = True
        if self._loop is not None and self._news is not None:
            self._loop.call_soon_threadsafe(self._news.set)

    async def _hold(self) -> None:
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_default_executor(ThreadPoolExecutor(MOST + 20))
        async with Http(settings.FETCH_ALLOWED_PRIVATE_HOSTS, contact=settings.FETCH_CONTACT_URL) as http:
            try:
                await self._go_on(http)
            finally:
                for task in self._tasks.values():
                    task.cancel()
                await sync_to_async(_quietly)(lambda: housekeeping.give_back(self.key))
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _go_on(self, http: Http) -> None:
        assert self._loop is not None
        assert self._news is not None
        look_at = self._loop.time()
        while not self._is_over:
            if self._loop.time() >= look_at:
                look_at = self._loop.time() + LOOKED_EVERY
                for source, access in await sync_to_async(self._look)():
                    self._begin(source, replace(access, http=over(access.http, http)))
                self.looked()
            await self._write()
            try:
                async with asyncio.timeout(max(0.0, min(look_at, self._next_hint()) - self._loop.time())):
                    await self._news.wait()
            except TimeoutError:
                continue
            self._news.clear()

    def _look(self) -> list[tuple[Source, Access]]:
        """Hold what is held, let go of what is not wanted any more, and take what can be taken."""
        found: list[tuple[Source, Access]] = []
        at = self.now()

        def look() -> None:
            wanted = housekeeping.hold(self.key, at=at)
            held = set(self._tasks)
            changed = {key for key in held if wanted.get(key) != self._marks.setdefault(key, wanted.get(key, ""))}
            forgotten = wanted.keys() - held - {line.source_id for line in self._ended}
            housekeeping.give_back(self.key, changed | forgotten)
            for key in changed:
                self._forget(key)
            claimed = housekeeping.claim(self.key, at=at, limit=MOST - len(self._tasks))
            found.extend((source, access) for source in claimed if (access := self._access(source, at=at)))

        _quietly(look)
        return found

    def _access(self, source: Source, *, at: datetime) -> Access | None:
        with acting_for(source.organization):
            try:
                return access_for_source(source, at=at)
            except NetworkError as problem:
                self._ended.append(Ended(source.pk, str(problem), self._wait(source.pk, problem)))
                self._tend(source, problem)
                return None

    def _begin(self, source: Source, access: Access) -> None:
        task = asyncio.get_running_loop().create_task(self._listen(source, access))
        self._tasks[source.pk] = task
        self._marks.pop(source.pk, None)

    def _forget(self, key: int) -> None:
        if (task := self._tasks.pop(key, None)) is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(task.cancel)
        self._marks.pop(key, None)
        self._signs.discard(key)

    async def _listen(self, source: Source, access: Access) -> None:
        """Hear one line to its end; whatever ends it is a reason to try again later."""
        assert self._news is not None
        begun = asyncio.get_running_loop().time()
        problem: Exception | None = None
        try:
            async for _sign in cast("Hints", get(source.network)).hints(access, source.place):
                self._opened.add(source.pk)
                self._signs.add(source.pk)
                self._news.set()
        except NetworkError as error:
            problem = error
        except Exception as error:  # noqa: BLE001 - an adapter's mistake must not take the others down
            # Where it happened and what kind it was; its words may name a secret.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("The adapter of %s failed on a line (%s) at\n%s", source.network, type(error).__name__, where)  # noqa: TRY400
            problem = Refused(_("The adapter of this network failed."), permanent=False)
        lived = asyncio.get_running_loop().time() - begun >= LIVED
        said = str(problem) if problem is not None else _("The server ended the line.")
        wait = await sync_to_async(self._settle)(source, problem, lived=lived)
        self._ended.append(Ended(source.pk, said, wait, lived))
        self._tasks.pop(source.pk, None)
        self._news.set()

    def _settle(self, source: Source, problem: Exception | None, *, lived: bool) -> float:
        waits = [LONGEST_WAIT]

        def settle() -> None:
            waits.append(self._wait(source.pk, problem, lived=lived))
            self._tend(source, problem)

        _quietly(settle)
        return waits[-1]

    def _tend(self, source: Source, problem: Exception | None) -> None:
        if source.connection is not None and isinstance(problem, AccessExpired | AccessWithdrawn):
            ask_for(source.connection, at=self.now())

    def _wait(self, key: int, problem: Exception | None, *, lived: bool = False) -> float:
        """How long until the line is tried again, in seconds."""
        if isinstance(problem, Refused) and problem.permanent and not isinstance(problem, AccessWithdrawn):
            return WAIT_OF_REFUSED
        before = 0 if lived else housekeeping.failures([key]).get(key, 0)
        wait = min(FIRST_WAIT * 2.0 ** min(before, 20), LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311
        asked = (problem.wait or 0.0) if isinstance(problem, RateLimited) else 0.0
        return max(wait, min(asked, LONGEST_ASKED))

    async def _write(self) -> None:
        """Write down what happened on the lines since the last time."""
        assert self._loop is not None
        lines, self._ended = self._ended, []
        opened, self._opened = self._opened, set()
        time = self._loop.time()
        ready = {key for key in self._signs if self._due(key) <= time}
        self._signs -= ready
        self._hinted_at |= dict.fromkeys(ready, time)
        if lines or opened or ready:
            await sync_to_async(self._store)(lines, opened, ready)

    def _store(self, lines: list[Ended], opened: set[int], ready: set[int]) -> None:
        at = self.now()

        def store() -> None:
            if opened:
                housekeeping.opened(self.key, opened, at=at)
            if ready:
                housekeeping.hinted(self.key, ready, at=at)
            housekeeping.ended(self.key, lines, at=at)

        _quietly(store)

    def _due(self, key: int) -> float:
        return self._hinted_at.get(key, float("-inf")) + HINTED_EVERY

    def _next_hint(self) -> float:
        return min(map(self._due, self._signs), default=float("inf"))


def _quietly(work: Callable[[], None]) -> None:
    """Work on the database; where it is not there, say so and go on: leases run out, and polls find everything."""
    try:
        work()
    except (DatabaseError, InterfaceError) as problem:
        log.warning("Lines could not be written down: %s", str(problem).strip().splitlines()[:1])
        if not connection.in_atomic_block:
            connection.close()
