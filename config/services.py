"""PostgreSQL and Valkey out of their wheels, for `make run` and `make test` on a machine that has neither."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from config import processes
from config.programs import ServiceFailed, account_for, postgresql_programs, valkey_program

START_SECONDS = 60
ADDRESSES = "services.json"


class Server(Protocol):
    """A server that can be started, asked whether it answers, and started again at the same address."""

    name: str
    variable: str
    url: str
    stop_signal: signal.Signals

    @property
    def is_new(self) -> bool:
        """Whether it has no data yet, and makes them at its first start."""

    def spawn(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server's process."""

    def answers(self) -> bool:
        """Say whether it takes connections now."""

    def settle(self) -> None:
        """Do what a new installation needs once it answers."""


class Postgresql:
    """PostgreSQL 18 with its data in `var/postgresql`, on a free port of this machine alone."""

    name = "postgresql"
    variable = "DATABASE_URL"
    stop_signal = signal.SIGINT  # PostgreSQL's "fast": drop the connections, write everything, end.

    def __init__(self, var: Path, *, durable: bool) -> None:
        self.directory = (var / "postgresql").resolve()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.password_file = var / "postgresql.password"
        self.durable = durable
        self.account = account_for(self.directory)
        self.programs = postgresql_programs(self.account)
        if self.is_new:
            self._refuse_strangers()
            write_private(self.password_file, secrets.token_urlsafe(24))
        else:
            self._refuse_other_version()
        self.port = free_port()
        password = self.password_file.read_text().strip()
        self.url = f"postgresql://touchline:{password}@127.0.0.1:{self.port}/touchline"

    @property
    def is_new(self) -> bool:
        """Whether there are no data yet; the first start makes them."""
        return not (self.directory / "PG_VERSION").exists()

    @property
    def data(self) -> str:
        """The data directory as the server itself can reach it."""
        # Another account may not pass the folders above the checkout; its own working directory it can always reach.
        return "/proc/self/cwd" if self.account else str(self.directory)

    def spawn(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server, after whatever a killed run left behind is gone."""
        if self.is_new:
            self._initialise()
        self._clear_left_over()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "log_min_messages": "fatal",
            "log_checkpoints": "off",
            "log_line_prefix": "",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            settings |= {"wal_level": "minimal", "max_wal_senders": 0}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return processes.start(
            [str(self.programs / "postgres"), "-D", self.data, *options],
            directory=self.directory,
            account=self.account,
            output=output,
            dies_by=self.stop_signal,
        )

    def answers(self) -> bool:
        """Say whether the server calls itself ready (asking by a connection would fill its log with refusals)."""
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def settle(self) -> None:
        """Create the database where there is none yet."""
        import psycopg2

        connection = psycopg2.connect(self.url.rpartition("/")[0] + "/postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'touchline'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE touchline")
        finally:
            connection.close()

    def _refuse_strangers(self) -> None:
        for left in self.directory.iterdir():
            raise ServiceFailed(f"{self.directory} holds {left.name} but no database; move it away and start again.")

    def _initialise(self) -> None:
        if self.account:
            os.chown(self.directory, self.account.uid, self.account.gid)
        # Unicode lower and upper case without a system locale; a random password needs no slow hashing.
        options = ["--username=touchline", "--auth=scram-sha-256", "--pwfile=/dev/stdin", "--encoding=UTF8"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-c", "scram_iterations=1"]
        options += [] if self.durable else ["--no-sync"]
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as sink:
            if self.account:  # initdb opens its input anew, by name, as the account.
                os.fchown(reading, self.account.uid, self.account.gid)
            sink.write(self.password_file.read_bytes())
            sink.close()
            made = subprocess.run(
                [str(self.programs / "initdb"), "-D", self.data, *options],
                cwd=self.directory,
                stdin=source,
                capture_output=True,
                text=True,
                check=False,
                **processes.as_account(self.account),
            )
        if made.returncode:
            raise ServiceFailed(f"PostgreSQL could not be set up in {self.directory}: {made.stderr.strip()}")

    def _refuse_other_version(self) -> None:
        found = (self.directory / "PG_VERSION").read_text().strip()
        version = subprocess.run(
            [str(self.programs / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        ours = version.stdout.split()[2].partition(".")[0]
        if found != ours:
            raise ServiceFailed(
                f"{self.directory} was written by PostgreSQL {found}, this is PostgreSQL {ours}: "
                "dump it with the old version and restore it, or move it away to begin anew."
            )

    def _clear_left_over(self) -> None:
        pid_file = self.directory / "postmaster.pid"
        if not pid_file.exists() or not Path("/proc/self/cwd").exists():
            return
        deadline = time.monotonic() + 10
        asked = signal.SIGINT
        while holders := processes_in(self.directory):
            for pid in holders:
                with suppress(ProcessLookupError):
                    os.kill(pid, asked)
            time.sleep(0.1)
            if time.monotonic() > deadline:
                asked = signal.SIGKILL
        # The number in it may belong to a stranger by now, whom PostgreSQL would take for itself.
        pid_file.unlink(missing_ok=True)


class Valkey:
    """Valkey 9 on a free port of this machine alone; it keeps nothing, for the broker is only a hint."""

    name = "valkey"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM
    is_new = False

    def __init__(self, var: Path) -> None:
        self.directory = (var / "valkey").resolve()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.account = account_for(self.directory)
        if self.account:
            os.chown(self.directory, self.account.uid, self.account.gid)
        self.program = valkey_program(self.account)
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def spawn(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server; its settings go in by its input, where no list of processes shows the password."""
        lines = ["bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}", 'save ""', "appendonly no"]
        lines += ["databases 64", "daemonize no", "stop-writes-on-bgsave-error no"]
        return processes.start(
            [str(self.program), "-", "--loglevel", "nothing"],
            directory=self.directory,
            account=self.account,
            output=output,
            written="\n".join(lines).encode() + b"\n",
        )

    def answers(self) -> bool:
        """Say whether it answers a ping."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return line.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def settle(self) -> None:
        """Nothing: it keeps nothing."""


@dataclass
class Services:
    """The servers that we started, and their addresses."""

    servers: list[Server]
    log: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def environment(self) -> dict[str, str]:
        """The addresses as the settings read them."""
        return {server.variable: server.url for server in self.servers}

    @property
    def database_url(self) -> str:
        """Where PostgreSQL answers."""
        return self.environment["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        """Where Valkey answers."""
        return self.environment["REDIS_URL"]

    def start(self) -> None:
        """Start what is not running, and return when it answers."""
        with self.log.open("ab") as output:
            for server in self.servers:
                if server.name not in self.running:
                    self.running[server.name] = server.spawn(output)
        for server in self.servers:
            wait_until_answers(server, self.running[server.name], log=self.log)

    def kill(self, name: str) -> None:
        """Kill one server as a crash would."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def restart(self, name: str) -> None:
        """End one server in order, and start it again at the same address."""
        server = next(server for server in self.servers if server.name == name)
        processes.stop([(self.running.pop(name), server.stop_signal)], within=20)
        self.start()

    def stop(self) -> None:
        """End the servers, their data written."""
        for server in self.servers:
            if server.name in self.running:
                processes.stop([(self.running.pop(server.name), server.stop_signal)], within=20)
        self.held.close()


def prepare_services(var: Path, *, durable: bool, wanted: Iterable[str] = ("postgresql", "valkey")) -> Services:
    """Make the servers ready to start in a folder that no other run uses; say so in words where one does."""
    var.mkdir(parents=True, exist_ok=True)
    held = ExitStack()
    lock = held.enter_context((var / "services.lock").open("a"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        held.close()
        raise ServiceFailed(
            f"PostgreSQL and Valkey of {var} are in use by another run; stop that one first."
        ) from taken
    try:
        servers: list[Server] = []
        if "postgresql" in wanted:
            servers.append(Postgresql(var, durable=durable))
        if "valkey" in wanted:
            servers.append(Valkey(var))
    except BaseException:
        held.close()
        raise
    services = Services(servers=servers, log=var / "services.log", held=held)
    addresses = var / ADDRESSES
    held.callback(addresses.unlink, missing_ok=True)
    write_private(addresses, json.dumps(services.environment))
    return services


def start_services(var: Path, *, durable: bool, wanted: Iterable[str] = ("postgresql", "valkey")) -> Services:
    """Start PostgreSQL and Valkey with their data in the folder; `durable=False` trades safety for speed, for tests."""
    services = prepare_services(var, durable=durable, wanted=wanted)
    try:
        services.start()
    except BaseException:
        services.stop()
        raise
    return services


def wait_until_answers(server: Server, process: subprocess.Popen[bytes], *, log: Path | None = None) -> None:
    """Return when the server answers and is set up; refuse in words when it ended or took a minute."""
    where = f"; see {log}" if log else ""
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if process.poll() is not None:
            raise ServiceFailed(f"{server.name} ended with status {process.returncode} while starting{where}.")
        if time.monotonic() > deadline:
            raise ServiceFailed(f"{server.name} did not answer within {START_SECONDS} seconds{where}.")
        time.sleep(0.02)
    server.settle()


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_in(directory: Path) -> list[int]:
    """The processes whose working directory is this one, as PostgreSQL's always is its data."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink() == directory and entry.name != str(os.getpid()):
                    found.append(int(entry.name))
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    draft.replace(path)
