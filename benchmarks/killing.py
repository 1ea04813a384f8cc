"""The processes of a run in which everything dies: a network, workers, and a clock that is the same in all of them."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connections
from django.urls import get_resolver

from benchmarks import city
from config.services import free_port

SPEED = 20  # seconds of the workers in one of ours
CITY_AWAY = 0.1  # for how long a network that was killed stays away
PATIENCE = 30  # seconds until what was killed must be gone


class Quick:
    """A clock that runs faster than ours, from now or another moment on, the same in every process."""

    def __init__(self, speed: float = SPEED, *, begins_at: datetime | None = None) -> None:
        self.speed, self.began = speed, time.time()
        self.first = begins_at.timestamp() if begins_at else self.began

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.first + (time.time() - self.began) * self.speed, UTC)


class House:
    """A network and its workers; each is started anew when it was killed."""

    def __init__(
        self, work: Callable[[Quick, int], None], now: Quick, folder: Path, *, workers: int,
        moods: Mapping[str, int], seed: int,
    ) -> None:  # fmt: skip
        self.work, self.now, self.journal, self.moods, self.seed = work, now, folder / "journal", moods, seed
        self.port, self.context = free_port(), multiprocessing.get_context("fork")
        self.chance, self.size = random.Random(seed), workers
        # Whoever ended by themselves: none should.
        self.fallen = 0
        # As a worker does before it forks: the first mail would load every view in each process anew.
        assert get_resolver().reverse_dict is not None
        self.city = self._start(city.serve, self.port, self.journal, moods, seed)
        self.workers: list[Any] = []
        self.go_on()
        city.install(self.port)

    def _start(self, target: Any, *arguments: Any) -> Any:
        connections.close_all()  # a connection must not be shared with a child
        process = self.context.Process(target=target, args=arguments, daemon=True)
        process.start()
        return process

    def go_on(self) -> None:
        """Have as many workers as there are to be, and count those that nobody has killed."""
        alive = [process for process in self.workers if process.exitcode is None]
        self.fallen += len(self.workers) - len(alive)
        self.workers = alive
        while len(self.workers) < self.size:
            self.workers.append(self._start(self.work, self.now, self.port))

    def stand_still(self) -> None:
        """Kill all workers and start none: nobody looks what is due."""
        while self.workers:
            _kill(self.workers.pop())

    def kill_a_worker(self) -> None:
        """Kill one, wherever it is, and start another."""
        if self.workers:
            _kill(self.workers.pop(self.chance.randrange(len(self.workers))))
            self.go_on()

    def kill_the_city(self) -> None:
        """Kill the network, and let it come back in another mood."""
        _kill(self.city)
        time.sleep(CITY_AWAY)
        self.seed += 1
        self.city = self._start(city.serve, self.port, self.journal, self.moods, self.seed)

    def close(self) -> None:
        """End everything."""
        self.stand_still()
        _kill(self.city)
        city.leave()
        connections.close_all()


def _kill(process: Any) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE)
