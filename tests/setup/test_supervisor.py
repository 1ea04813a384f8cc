"""`make run` as people meet it: one run from start to end, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.ports import answers
from config.services import ADDRESSES

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "config.supervisor"]


def environment(var: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {"VAR_DIR": str(var), "PORT": str(port)}


def two_free_ports() -> int:
    """The first of two neighbours that nobody uses, below the ports that the system hands out.

    Each process of xdist looks in a range of its own: what one has found and not yet taken, no other finds.
    """
    begin = 20000 + 1000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in range(begin + os.getpid() % 250 * 2, begin + 1000, 2):
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two ports are free")


def until(true: Callable[[], object], log: Path, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)


def belonging(var: Path) -> list[int]:
    """Every living process that carries the folder in its environment or works in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            ours = f"VAR_DIR={var}".encode() in (entry / "environ").read_bytes().split(b"\0")
            ours = ours or (entry / "cwd").readlink().is_relative_to(var)
        except OSError:
            continue
        found += [int(entry.name)] if ours else []
    return found


@contextmanager
def running(var: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = var.with_suffix(".log")
    with log.open("wb") as output:
        run = subprocess.Popen(
            COMMAND, cwd=ROOT, env=environment(var, port), stdout=output, stderr=output, process_group=0
        )
    try:
        until(lambda: "Touchline answers at" in log.read_text() or run.poll() is not None, log)
        assert run.poll() is None, log.read_text()[-3000:]
        yield run, log
    finally:
        if run.poll() is None:
            run.kill()
            run.wait()


@pytest.mark.long
def test_a_run_tells_its_people_mends_itself_admits_no_second_and_leaves_nothing(tmp_path: Path) -> None:
    var, port = tmp_path / "var", two_free_ports()
    with running(var, port) as (run, log):
        demo = json.loads((var / "demo.json").read_text())
        assert demo["url"] == f"http://127.0.0.1:{port}"
        assert all(person["email"] in log.read_text() for person in demo["people"])
        assert answers("127.0.0.1", port)
        assert answers("127.0.0.1", port + 1)

        second = subprocess.run(
            COMMAND, cwd=ROOT, env=environment(var, port), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert second.stdout.startswith(f"Touchline runs already from this folder, at http://127.0.0.1:{port}.")

        for name in ("worker", "events", "valkey", "postgresql"):
            os.kill(child_named(run.pid, name), signal.SIGKILL)
        until(lambda: len(re.findall("was killed by SIGKILL; starting it again", log.read_text())) == 4, log)
        until(lambda: answers("127.0.0.1", port, "/health/ready/"), log)
        until(lambda: answers("127.0.0.1", port + 1), log)

        os.killpg(run.pid, signal.SIGTERM)
        assert run.wait(timeout=20) == 0
        assert not belonging(var)
    assert not (var / ADDRESSES).exists()


def child_named(parent: int, name: str) -> int:
    words = {
        "worker": b"worker",
        "events": b"config.events:application",
        "valkey": b"valkey-server",
        "postgresql": b"postgres",
    }
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return next(int(pid) for pid in children if words[name] in Path(f"/proc/{pid}/cmdline").read_bytes())


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    port = two_free_ports()
    with socket.create_server(("127.0.0.1", port + 1)):
        run = subprocess.run(
            COMMAND, cwd=ROOT, env=environment(tmp_path, port), capture_output=True, text=True, check=False
        )
    assert run.returncode == 1
    assert run.stdout.startswith(
        f"Port {port + 1} of 127.0.0.1, meant for the event stream, is taken by another program."
    )
    assert "EVENTS_PORT=" in run.stdout
    assert not (tmp_path / "postgresql").exists()


def test_a_port_that_is_no_number_is_refused_in_words(tmp_path: Path) -> None:
    run = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=environment(tmp_path, 8000) | {"PORT": "http"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (1, "PORT is a number from 1 to 65535, not “http”.\n")


# The pages load their code while the database is made ready; where that fails, they never come to anything.
WITHOUT_PAGES = "from config import supervisor as s; s.Supervisor._shown = lambda *_: []; raise SystemExit(s.main())"


def test_a_server_that_is_given_is_used_instead_of_a_wheel(tmp_path: Path) -> None:
    given = environment(tmp_path, two_free_ports())
    given |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": os.environ["REDIS_URL"]}
    command = [sys.executable, "-c", WITHOUT_PAGES]
    run = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "port 1 failed: Connection refused" in run.stdout
    assert "prepare ended with status 1" in run.stdout
    assert not (tmp_path / "postgresql").exists()
    assert not (tmp_path / "valkey").exists()
