"""Starts PostgreSQL and Valkey before any test reads the settings, once for all workers, unless they are named."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import django
import pytest
from django.conf import settings

from config.services import start_services

SERVERS = {"DATABASE_URL": "postgresql", "REDIS_URL": "valkey"}


def start_what_is_missing() -> None:
    """Start the servers that no variable of the environment names, name them there, and end them with the run."""
    wanted = [name for variable, name in SERVERS.items() if not os.environ.get(variable)]
    if not wanted:
        return
    if settings.configured:
        raise pytest.UsageError("Leave DJANGO_SETTINGS_MODULE unset, or set DATABASE_URL and REDIS_URL too.")
    var = Path(tempfile.mkdtemp(prefix="touchline-tests-"))
    atexit.register(shutil.rmtree, var, ignore_errors=True)
    services = start_services(var, durable=False, wanted=wanted)
    atexit.register(services.stop)
    os.environ.update(services.environment)


def take_own_broker(worker: str) -> None:
    """Give a worker one of Valkey's databases, as it has one of PostgreSQL's, to itself."""
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{int(worker[2:]) + 1}").geturl()


if "PYTEST_XDIST_WORKER" in os.environ:
    take_own_broker(os.environ["PYTEST_XDIST_WORKER"])
else:
    start_what_is_missing()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
