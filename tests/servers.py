"""Starts the servers of the tests before Django reads its settings, unless the environment names some."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.services import start_services
from tests.chromium import find_chromium

VARIABLES = {"DATABASE_URL": "postgresql", "REDIS_URL": "valkey"}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Before the settings are read, start PostgreSQL and Valkey once: the processes of xdist inherit the addresses."""
    # To compile all tests anew takes each process ten seconds; they are kept, as our code is by `make`.
    sys.dont_write_bytecode = False
    # What is loaded stays: to look through it for garbage would take a quarter of the loading (`tests/conftest.py`).
    gc.disable()
    _settle()
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Half as many processes again as there are cores: some tests wait for others and leave theirs to nobody."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0))
    return cores + cores // 2


def _settle() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    # Paper is set with the fonts that come along, whatever this machine has besides.
    os.environ["PAPER_FONTS"] = ""
    # Counted as anywhere, but one person here opens every page within seconds.
    os.environ.setdefault("PAGES_PER_MINUTE", "1000000")
    if "VAR_DIR" not in os.environ:
        var = Path(tempfile.mkdtemp(prefix="touchline-tests-"))
        os.environ["VAR_DIR"] = str(var)
        atexit.register(shutil.rmtree, var, ignore_errors=True)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        # What tests upload lies apart, and is gone with them.
        media = tempfile.mkdtemp(prefix="touchline-media-")
        os.environ["MEDIA_ROOT"] = media
        atexit.register(shutil.rmtree, media, ignore_errors=True)
    wanted = [name for variable, name in VARIABLES.items() if not os.environ.get(variable)]
    if wanted:
        services = start_services(Path(os.environ["VAR_DIR"]) / "servers", durable=False, wanted=wanted)
        atexit.register(services.stop)
        os.environ.update(services.environment)
    if worker := os.environ.get("PYTEST_XDIST_WORKER", ""):
        # A database of the broker's own for each process, so that their messages do not meet.
        server = os.environ["REDIS_URL"].rstrip("/").removesuffix("/0")
        os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) + 1}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was left out."""
    if find_chromium() is None:
        terminalreporter.write_line(
            "Left out: the tests in a browser, for there is no Chromium (install one, or name it in CHROMIUM)."
        )
