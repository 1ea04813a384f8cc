"""Starts processes that do what workers do, on the database of the test, and that die where they are told to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
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
    _, problems = process.communicate(timeout=60)
    if process.returncode > 0:
        raise AssertionError(problems.decode())
    return process.returncode
