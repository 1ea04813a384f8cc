"""Starts processes that do what workers do, on the database of the test, and that die where they are told to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that works on the database of the test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = parts._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", **more}


def start(module: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
    """Start a module of the tests as a process of its own, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=environment(**more), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(module: str, *arguments: str, **more: str) -> int:
    """Run a module to its end; returns how it ended, -9 where it was killed."""
    process = start(module, *arguments, **more)
    _, problems = process.communicate(timeout=120)
    if process.returncode > 0:
        raise AssertionError(problems.decode())
    _wait_until_the_server_has_noticed()
    return process.returncode


def _wait_until_the_server_has_noticed() -> None:
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
