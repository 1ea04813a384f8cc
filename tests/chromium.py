"""Finds the Chromium of the browser tests, and installs Debian's where that is ours to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The first has no windows at all: to open a page takes it an eighth of what it takes a whole browser that shows none.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium-headless-shell", "chromium")
# Debian's own; whoever installed another has chosen it.
BESIDE = ("chromium",)


def find_chromium() -> Path | None:
    """The Chromium that CHROMIUM names or the path holds; None where there is none."""
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else NAMES)]
    return next((Path(place) for place in found if place), None)


def install_chromium() -> Path | None:
    """Install Debian's small Chromium as root with apt where there is none; answer with what there is then.

    Beside a whole Chromium of Debian's it is fetched once where apt has it at hand: that one takes half the time.
    """
    found = find_chromium()
    if os.environ.get("CHROMIUM") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    if found and found.name not in BESIDE:
        return found
    print("Installing Chromium for the browser tests.", flush=True)
    apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "--no-upgrade"]
    if found:
        _run([*apt, PACKAGES[0]])
        return find_chromium()
    _run(["apt-get", "update", "-qq"])
    said = ""
    for package in PACKAGES:
        said = _run([*apt, package])
        if found := find_chromium():
            return found
    print(f"Chromium could not be installed: {said}", flush=True)
    return None


def _run(command: list[str]) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
        )
    except subprocess.TimeoutExpired:
        return "it took more than ten minutes"
    return "".join(done.stderr.strip().splitlines()[-1:])


def arguments() -> list[str]:
    """How a test starts it: no window, no chatter, and as root without the sandbox, which refuses root."""
    quiet = ["disable-background-networking", "disable-component-update", "disable-sync", "no-first-run"]
    rest = ["headless", "disable-gpu", "disable-quic", *(["no-sandbox"] if os.geteuid() == 0 else [])]
    return [f"--{name}" for name in [*rest, *quiet]]


if __name__ == "__main__":
    if "--install" in sys.argv:
        install_chromium()
