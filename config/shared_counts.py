"""One count for all processes of the web server: each writes into one folder, and whoever is asked adds up."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def share_counts() -> None:
    """Choose the folder, before anything counts and before the processes part; it goes when the first process ends."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="touchline-counts-")
        atexit.register(_remove, folder, os.getpid())


def _remove(folder: str, first: int) -> None:
    if os.getpid() == first:
        shutil.rmtree(folder, ignore_errors=True)
