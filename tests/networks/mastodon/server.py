"""snac, a small real server of the Fediverse: unpacked from Debian's package, run on loopback.

It knows no port in the names of people, so it listens at port 80 of an address of its own, which wants root.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from tests.networks.installing import FOLDER

PLACE = FOLDER / "snac"
PROGRAM = PLACE / "usr" / "bin" / "snac"
HOST = "127.0.0.2"
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_APT = "apt-get -qq -o Dir::Etc::sourceparts=/dev/null"


def install(folder: Path) -> None:
    """Fetch the package with lists of its own, so that the system's stay as they are, and unpack it."""
    if PROGRAM.exists():
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise RuntimeError("snac needs Debian's apt-get and root")
    work = folder / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True, exist_ok=True)
    (work / "trixie.list").write_text(_source())
    options = f"-o Dir::Etc::sourcelist={work}/trixie.list -o Dir::State::lists={work}/lists -o Dir::Cache={work}/cache"
    for command in ("update", "download snac2"):
        subprocess.run(f"{_APT} {options} {command}".split(), cwd=work, check=True, timeout=300)
    [package] = work.glob("snac2*.deb")
    PLACE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", package, PLACE], check=True)


def _source() -> str:
    """The system's own source of packages, for the release that has snac; which mirror that is, differs."""
    for path in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        written = path.read_text() if path.is_file() else ""
        if found := re.search(r"(?m)^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(\S+/debian/?)(?:\s|$)", written):
            options = f"[signed-by={_KEYS}] " if Path(_KEYS).exists() else ""
            return f"deb {options}{found[1]} trixie main\n"
    raise RuntimeError("no source of Debian's packages is named on this system")


@dataclass(frozen=True)
class Snac:
    """A running server with people and their passwords."""

    address: str
    passwords: dict[str, str]

    def sign_in(self, address: str, user: str) -> dict[str, str]:
        """Sign in on the page that an application sent us to; returns what its address is called with."""
        page = _patiently(lambda: httpx.get(address, timeout=10)).text
        form = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', page))
        action = re.search(r'action="([^"]+)"', page)
        assert action is not None, page
        filled = {**form, "login": user, "passwd": self.passwords[user]}
        answer = _patiently(lambda: httpx.post(urljoin(self.address, action[1]), data=filled, timeout=10))
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def delete(self, user: str, uri: str) -> None:
        """Delete a post on the person's own page: the interface for programs has no word for it."""
        said = {"id": uri, "action": "Delete"}
        whose = (user, self.passwords[user])
        answer = _patiently(
            lambda: httpx.post(f"{self.address}/{user}/admin/action", data=said, auth=whose, timeout=10)
        )
        assert answer.status_code in {200, 302, 303}, answer.text[:300]


@contextlib.contextmanager
def running(data: Path, *people: str) -> Iterator[Snac]:
    """Run a server for these people; skips where another server has the port that it needs."""
    with socket.socket() as probe:
        if probe.connect_ex((HOST, 80)) == 0:
            pytest.skip(f"Another server listens at port 80 of {HOST}, which snac needs.")
    say = f"{HOST}\n80\n{HOST}\n\n\n"
    subprocess.run([PROGRAM, "init", data], input=say.encode(), check=True, capture_output=True)
    settings = data / "server.json"
    told = json.loads(settings.read_text())
    settings.write_text(json.dumps(told | {"protocol": "http"}))
    passwords = {}
    for name in people:
        made = subprocess.run([PROGRAM, "adduser", data, name], check=True, capture_output=True, text=True, input="")
        found = re.search(r"password is (\S+)", made.stdout + made.stderr)
        assert found is not None, made.stdout + made.stderr
        passwords[name] = found[1]
    with (data / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "httpd", data], stdout=log, stderr=log)
    try:
        _await(f"http://{HOST}/api/v1/instance")
        yield Snac(f"http://{HOST}", passwords)
    finally:
        process.terminate()
        process.wait(10)


def _patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask again where the server breaks a connection off, as this one does now and then."""
    for _try in range(4):
        with contextlib.suppress(httpx.TransportError):
            return ask()
        time.sleep(0.3)
    return ask()


def _await(address: str) -> None:
    for _try in range(100):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(address, timeout=1).status_code < 500:
                return
        time.sleep(0.05)
    raise AssertionError("snac did not start.")
