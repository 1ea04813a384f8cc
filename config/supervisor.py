"""`make run`: everything that Touchline needs, on this machine, in one terminal, until it is told to stop."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import Popen
from typing import IO, Any

from config import parts, processes
from config.children import Child, Journal, Watch
from config.ports import Listening, answers, refuse_taken
from config.prepared import is_prepared
from config.programs import ServiceFailed
from config.services import Services, prepare_services, write_private

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 300  # a slow machine is waited for; what cannot start says so sooner, by ending
# Ten seconds in all: the people's processes first, so that the last thing they do still finds its database.
PROGRAMS_END_SECONDS = 5.5
SERVERS_END_SECONDS = 3.5


class Stopped(Exception):
    """Somebody asked us to end."""


class Supervisor:
    """Starts the parts in order, restarts what dies, and ends them in the opposite order."""

    def __init__(self, environment: Mapping[str, str], journal: Journal) -> None:
        # Django's checks ask the code: `make check` runs them, and so does `prepare` on each code that is new here;
        # worker and beat need not load every address again to repeat them. What hangs on the environment `doctor` says.
        quicker = {"SKIP_CHECKS": "1", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker"}
        self.environment = {**quicker, **environment}
        self.var = Path(environment.get("VAR_DIR") or ROOT / "var")
        self.listening = Listening.of(environment)
        self.journal = journal
        self.watch = Watch(journal)
        self.services: Services | None = None
        self.gates: list[Path] = []
        self.asked_to_stop = False

    def run(self) -> int:
        """Run until a signal comes; 0 when it all ended in order, 1 when it could not start."""
        with self._the_only_one():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._ask_to_stop)
            try:
                refuse_taken(self.listening)
                self._start()
                while True:
                    self._look(0.5)
            except Stopped:
                self.journal.say("Stopping.")
                return 0
            except ServiceFailed as failed:
                self.journal.say(str(failed))
                return 1
            finally:
                self._stop()

    def _start(self) -> None:
        began = time.monotonic()
        self._keep_a_secret()
        self._find_servers()
        preparing, starting = self.var / "preparing", self.var / "starting"
        self.gates = [preparing, starting]
        for gate in self.gates:
            gate.touch()
        # Who needs the database loads its code meanwhile, and goes on when it is ready.
        prepare = Child("prepare", self._spawner("manage.py", "prepare", waits_while=starting), restarts=False)
        if self._is_new():
            self.watch.start(prepare)
        for child in self._shown(preparing):
            self.watch.start(child)
        self._start_servers()
        starting.unlink()
        if not is_prepared(self.environment["DATABASE_URL"]):
            self._finish(prepare)
        preparing.unlink()
        self._wait(self._pages_answer, "the page and the event stream")
        # What works behind the pages comes after them, so that it does not keep the first page waiting.
        for child in self._behind():
            self.watch.start(child)
        self._announce(time.monotonic() - began)

    def _find_servers(self) -> None:
        missing = {"DATABASE_URL": "postgresql", "REDIS_URL": "valkey"}
        wanted = [server for variable, server in missing.items() if not self.environment.get(variable)]
        if wanted:
            self.services = prepare_services(self.var, durable=True, wanted=wanted)
            self.environment |= self.services.environment

    def _is_new(self) -> bool:
        return self.services is not None and any(server.is_new for server in self.services.servers)

    def _start_servers(self) -> None:
        servers = self.services.servers if self.services else []
        for server in servers:
            self.watch.start(Child(server.name, server.spawn, stop_signal=server.stop_signal, is_server=True))
        for server in servers:
            self._wait(server.answers, server.name)
            server.settle()

    def _shown(self, preparing: Path) -> list[Child]:
        return [
            Child("web", self._spawner("-m", *parts.web(self.listening), waits_while=preparing)),
            Child("events", self._spawner("-m", *parts.events(self.listening))),
        ]

    def _behind(self) -> list[Child]:
        level = self.environment.get("LOG_LEVEL") or "INFO"
        return [
            Child("worker", self._spawner("-m", *parts.worker(level))),
            Child("beat", self._spawner("-m", *parts.beat(self.var / "beat-schedule"))),
            Child("lines", self._spawner(*parts.lines())),
        ]

    def _spawner(self, *arguments: str, waits_while: Path | None = None) -> Callable[[int], Popen[bytes]]:
        environment = {**self.environment, **({"WAITS_WHILE": str(waits_while)} if waits_while else {})}
        return lambda output: processes.start(
            [sys.executable, *arguments], directory=ROOT, output=output, environment=environment
        )

    def _finish(self, child: Child) -> None:
        """Let it run to its end, and refuse in words where it failed."""
        if child.process is None:
            self.watch.start(child)
        while child.process is not None and child.process.poll() is None:
            self._look(0.05)
        self._look(0.0)
        status = self.watch.forget(child)
        if status:
            raise ServiceFailed(f"{child.name} ended with status {status}; its words are above.")

    def _pages_answer(self) -> bool:
        host = self.listening.reached_at
        return answers(host, self.listening.port) and answers(host, self.listening.events_port)

    def _wait(self, answers: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            self._look(0.05)
            if self.watch.given_up():
                raise ServiceFailed(f"{self.watch.given_up()} keeps ending; its words are above.")
            if time.monotonic() > deadline:
                raise ServiceFailed(f"Waited {START_SECONDS} seconds in vain for {what}.")

    def _look(self, seconds: float) -> None:
        self.watch.look(seconds)
        if self.asked_to_stop:
            raise Stopped

    def _keep_a_secret(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        kept = self.var / "secret_key"
        if not self.environment.get("SECRET_KEY"):
            if not kept.exists():
                write_private(kept, secrets.token_urlsafe(48))
            self.environment["SECRET_KEY"] = kept.read_text().strip()

    def _announce(self, seconds: float) -> None:
        demo = self._demo()
        lines = ["", f"Touchline answers at {self.listening.url} (started in {seconds:.1f} s; Ctrl-C stops it)"]
        if demo:
            lines.append(f"The people of {demo['organization']}, also in {self.var / 'demo.json'}:")
            width = max(len(person["email"]) for person in demo["people"])
            lines += [f"  {p['role']:<10} {p['email']:<{width}}  {p['password']}" for p in demo["people"]]
        self.journal.say("\n".join([*lines, ""]))

    def _demo(self) -> dict[str, Any] | None:
        file = self.var / "demo.json"
        try:
            demo: dict[str, Any] = json.loads(file.read_text())
        except (OSError, ValueError):
            return None
        if demo.get("url") != self.listening.url:
            demo["url"] = self.listening.url
            write_private(file, json.dumps(demo, indent=2))
        return demo

    def _stop(self) -> None:
        children = self.watch.children
        self.watch.stop([child for child in children if not child.is_server], within=PROGRAMS_END_SECONDS)
        self.watch.stop([child for child in children if child.is_server], within=SERVERS_END_SECONDS)
        if self.services is not None:
            self.services.stop()
        for gate in self.gates:
            gate.unlink(missing_ok=True)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self.asked_to_stop = True

    def _the_only_one(self) -> IO[str]:
        self.var.mkdir(parents=True, exist_ok=True)
        lock = (self.var / "run.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            lock.seek(0)
            where = lock.read().strip() or "another address"
            lock.close()
            raise ServiceFailed(
                f"Touchline runs already from this folder, at {where}. Stop that one first (Ctrl-C there)."
            ) from taken
        lock.truncate(0)
        lock.write(self.listening.url)
        lock.flush()
        return lock


def main() -> int:
    """Run it; a refusal is one sentence and status 1."""
    journal = Journal(sys.stdout)
    try:
        return Supervisor(os.environ, journal).run()
    except ServiceFailed as refused:
        journal.say(str(refused))
        return 1


if __name__ == "__main__":
    sys.exit(main())
