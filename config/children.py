"""The processes under the supervisor: their words in one journal, and a new start for what dies."""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from subprocess import Popen
from typing import IO

from config import processes

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
SETTLED_SECONDS = 20.0
DEATHS_TO_GIVE_UP = 4
COLOURS = (36, 32, 33, 35, 34, 31)


class Journal:
    """One readable log: each line behind the name of the part that wrote it."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self.colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """Write one line of a part."""
        label = f"{name:<10}"
        if self.coloured:
            colour = self.colours.setdefault(name, COLOURS[len(self.colours) % len(COLOURS)])
            label = f"\x1b[{colour}m{label}\x1b[0m"
        self._write(f"{label} | {text}\n")

    def say(self, text: str) -> None:
        """Write what concerns the whole."""
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        # A terminal that is gone must not keep us from ending in order.
        with suppress(OSError, ValueError):
            self.stream.write(text)
            self.stream.flush()


@dataclass
class Child:
    """One part: how to start it, and how it fares."""

    name: str
    spawn: Callable[[int], Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    is_server: bool = False
    restarts: bool = True
    process: Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    next_start_at: float | None = None
    pipe: int | None = None
    pending: bytes = b""


class Watch:
    """Reads what the children write, notices who died, and starts them again, each time a little later."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.children: list[Child] = []
        self.selector = selectors.DefaultSelector()

    def start(self, child: Child) -> None:
        """Start a child and look after it from now on."""
        if child not in self.children:
            self.children.append(child)
        self._forget_pipe(child)
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            child.process = child.spawn(writing)
        finally:
            os.close(writing)
        child.started_at, child.next_start_at, child.pipe = time.monotonic(), None, reading
        self.selector.register(reading, selectors.EVENT_READ, child)

    def look(self, seconds: float) -> None:
        """Pass on what was written within the time, and start again what is due."""
        if self.selector.get_map():
            for key, _events in self.selector.select(seconds):
                self._read(key.data)
        else:
            time.sleep(seconds)
        for child in self.children:
            if child.process is not None and child.restarts and child.process.poll() is not None:
                self._bury(child)
            if child.next_start_at is not None and time.monotonic() >= child.next_start_at:
                self.start(child)

    def forget(self, child: Child) -> int:
        """Look no longer after a child that has ended, and say with which status it did."""
        self._forget_pipe(child)
        self.children.remove(child)
        return child.process.returncode if child.process is not None else 0

    def given_up(self) -> str:
        """The name of a child that died again and again, if there is one."""
        return next((child.name for child in self.children if child.deaths >= DEATHS_TO_GIVE_UP), "")

    def stop(self, children: Iterable[Child], *, within: float) -> None:
        """Ask the children to end, kill those that do not in time, and pass on their last words."""
        asked = [child for child in children if child.process is not None]
        for child in asked:
            child.restarts, child.next_start_at = False, None
        ending = [(child.process, child.stop_signal) for child in asked if child.process is not None]
        processes.stop(ending, within=within, meanwhile=lambda: self.look(0.05))
        for child in asked:
            self._forget_pipe(child)

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        status = child.process.returncode
        processes.kill_group(child.process)  # Its own children have nobody to report to any more.
        lived = time.monotonic() - child.started_at
        child.deaths = 1 if lived > SETTLED_SECONDS else child.deaths + 1
        delay = min(FIRST_DELAY_SECONDS * 2 ** (child.deaths - 1), LONGEST_DELAY_SECONDS)
        self._forget_pipe(child)
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        self.journal.line(child.name, f"{how}; starting it again in {delay:g} s")
        child.process, child.next_start_at = None, time.monotonic() + delay

    def _read(self, child: Child) -> None:
        if child.pipe is None:
            return
        try:
            written = os.read(child.pipe, 65536)
        except BlockingIOError:
            return
        *lines, child.pending = (child.pending + written).split(b"\n")
        if not written:
            lines = [child.pending] if child.pending else []
            child.pending = b""
            self.selector.unregister(child.pipe)
            os.close(child.pipe)
            child.pipe = None
        for line in lines:
            self.journal.line(child.name, line.decode(errors="replace").rstrip("\r"))

    def _forget_pipe(self, child: Child) -> None:
        for _attempt in range(64):
            if child.pipe is None:
                return
            before = child.pipe, child.pending
            self._read(child)
            if (child.pipe, child.pending) == before:
                break
        if child.pipe is not None:
            self.selector.unregister(child.pipe)
            os.close(child.pipe)
        if child.pending:
            self.journal.line(child.name, child.pending.decode(errors="replace"))
        child.pipe, child.pending = None, b""
