"""An object store that speaks S3 (moto's server), installed into a folder of its own and run on loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.networks.installing import FOLDER

PLACE = FOLDER / "object-store"
# The server, and the client that Django's storage speaks through; nothing of them is a dependency of the house.
WANTED = ("moto[s3]>=5", "flask-cors", "flask", "django-storages[s3]>=1.14")


def install(folder: Path) -> None:
    """Fetch both from the package index that is set up here."""
    if (folder / "object-store" / "moto").is_dir():
        return
    uv = Path(sys.executable).parent / "uv"
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", folder / "object-store"]
    subprocess.run([*command, *WANTED], check=True, timeout=600)


@contextlib.contextmanager
def object_store() -> Iterator[str]:
    """Run it, and return its address; skips where it was not fetched."""
    if not (PLACE / "moto").is_dir():
        pytest.skip("no object store was fetched: python -m tests.networks.installing")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(PLACE)}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(url, timeout=5)
                break
            time.sleep(0.2)
        yield url
    finally:
        server.kill()
        server.wait()
