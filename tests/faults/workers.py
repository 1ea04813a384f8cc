"""Starts processes that do what workers do, on the database of the test, and that die where they are told to.

To import everything takes a process longer than what it is started for. So one process does it and nothing else, and
each worker is forked from that one: a process of its own, which `kill -9` ends like any other.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """The environment of a process that works on the database of the test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = parts._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}


def start(module: str, *arguments: str) -> BaseProcess:
    """Start `main` of a module of the tests as a process of its own."""
    process: BaseProcess = _forking().Process(target=_work, args=(module, arguments, environment()), daemon=True)
    process.start()
    return process


def start_program(*command: str, log: Path) -> BaseProcess:
    """Start what `python -m` would run, in a session of its own, with everything imported already."""
    said = (command, str(log), environment())
    process: BaseProcess = _forking().Process(target=_run, args=said, daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    """Kill a program and all that it has started, as a power cut would."""
    assert process.pid is not None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def ended(process: BaseProcess, seconds: float = 120) -> int:
    """Wait for the end; returns how it ended, -9 where it was killed."""
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        raise AssertionError("It did not end.")
    if process.exitcode > 0:
        raise AssertionError("It failed; what it said stands in the captured output.")
    return process.exitcode


def run(module: str, *arguments: str) -> int:
    """Run a module to its end; returns how it ended, -9 where it was killed."""
    how = ended(start(module, *arguments))
    wait_until_the_server_has_noticed()
    return how


@cache
def _forking() -> Any:
    """What forks, with everything imported; it begins with the environment that the settings are read from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.imported"])
    before = dict(os.environ)
    os.environ.update(environment())
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


def _work(module: str, arguments: tuple[str, ...], variables: Mapping[str, str]) -> None:
    os.environ.update(variables)
    import django

    django.setup()
    import_module(module).main(*arguments)


def _run(command: Sequence[str], log: str, variables: Mapping[str, str]) -> None:
    os.setsid()
    os.chdir(ROOT)
    os.environ.update(variables)
    with Path(log).open("ab", buffering=0) as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    sys.argv = [*command]
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def wait_until_the_server_has_noticed() -> None:
    """What a killed worker had locked is free only when PostgreSQL sees that it is gone; the beat would look again."""
    open_elsewhere = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND backend_type = 'client backend' AND xact_start IS NOT NULL
    """
    for _look in range(1200):
        with connection.cursor() as cursor:
            cursor.execute(open_elsewhere)
            if cursor.fetchone() == (0,):
                return
        sleep(0.05)
    raise AssertionError("What the killed worker had begun is still open.")
