"""The files for a machine of one's own: units with the commands of `make run`, and scripts that a shell can read."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.core.management import get_commands

from config import parts
from config.ports import Listening

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "docs" / "operations" / "production"
GUIDE = (ROOT / "docs" / "operations" / "production.md").read_text()
HERE = Listening("127.0.0.1", 8000, 8001)
BIN = "/srv/touchline/current/.venv/bin/"
NAMES = ("web", "events", "worker", "beat", "lines")


def unit(name: str) -> ConfigParser:
    found = ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read_string((FILES / name).read_text())
    return found


def command(name: str) -> list[str]:
    first, *rest = shlex.split(unit(f"touchline-{name}.service")["Service"]["ExecStart"])
    assert first.startswith(BIN)
    return [first.removeprefix(BIN), *rest]


def test_the_commands_are_those_of_make_run() -> None:
    web = parts.web(HERE)
    assert command("web") == [*web[:2], *web[4:]]  # where it listens, the socket says
    assert web[2:4] == ["--bind", unit("touchline-web.socket")["Socket"]["ListenStream"]]
    assert command("events") == parts.events(HERE)
    assert command("worker") == parts.worker("INFO")
    assert command("beat") == parts.beat(Path("/var/lib/touchline/beat-schedule"))
    assert command("lines") == ["python", *parts.lines()]


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_is_nobody_special_and_begins_again(name: str) -> None:
    service = unit(f"touchline-{name}.service")["Service"]
    assert (service["User"], service["CapabilityBoundingSet"], service["ProtectSystem"]) == ("touchline", "", "strict")
    assert (service["NoNewPrivileges"], service["Restart"]) == ("true", "always")
    assert service["EnvironmentFile"] == "/etc/touchline.env"
    assert unit(f"touchline-{name}.service")["Install"]["WantedBy"] == "touchline.target"
    assert f"touchline-{name}" in GUIDE


def test_the_environment_names_settings_that_are_read_and_holds_no_secret() -> None:
    explained = (ROOT / "docs" / "operations" / "settings.md").read_text()
    lines = [line for line in (FILES / "touchline.env").read_text().splitlines() if line and not line.startswith("#")]
    for name, _sign, value in (line.partition("=") for line in lines):
        assert f"`{name}`" in explained or name == "DJANGO_SETTINGS_MODULE", name
        assert not ("KEY" in name or "PASSWORD" in name) or not value, name


@pytest.mark.parametrize("name", ["touchline-manage", "touchline-release"])
def test_scripts_are_read_by_a_plain_shell(name: str) -> None:
    subprocess.run(["sh", "-n", str(FILES / name)], check=True, capture_output=True)
    assert (FILES / name).stat().st_mode & 0o111


def test_the_proxy_overwrites_what_is_believed_and_keeps_figures_to_itself() -> None:
    text = (FILES / "nginx.conf").read_text()
    for believed in ("X-Forwarded-Proto $scheme", "X-Forwarded-For $remote_addr", "Host $host"):
        assert f"proxy_set_header {believed};" in text
    figures = re.search(r"location = /metrics \{(.*?)\}", text, re.DOTALL)
    assert figures is not None
    assert "deny all;" in figures[1]


def test_the_guide_names_each_file_there_is() -> None:
    for file in FILES.iterdir():
        assert file.stem in GUIDE or file.name in GUIDE, file.name
    named = set(re.findall(r"touchline-manage ([a-z_]+)(?!-)\b", GUIDE)) - {"touchline"}
    assert {"migrate", "after_restore", "reseal", "doctor"} <= named <= set(get_commands())


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "operations").glob("*.md")), ids=lambda page: page.stem)
def test_every_command_of_the_pages_is_one(page: Path) -> None:
    named = re.findall(r"(?:manage\.py|touchline-manage) ([a-z_]+)\b(?!-)", page.read_text())
    assert set(named) <= {*get_commands()}, page.name


def test_nothing_is_asked_of_postgresql_that_came_after_15() -> None:
    """Debian's is 15, the one of the tests newer: functions that their release notes name as new."""
    newer = r"pg_input_(is_valid|error_info)|\b(any_value|random_normal|array_(shuffle|sample|sort)|uuidv[47])\("
    newer += r"|\b(JSON_TABLE|IS JSON|MERGE_ACTION|RETURNING (OLD|NEW))\b"
    rooms = ("config", "maturity", "roles", "listening", "engagement", "content", "measurement")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(files) > 500
    assert [str(path.relative_to(ROOT)) for path in files if re.search(newer, path.read_text())] == []


def moved(name: str, to: Path) -> str:
    """A script that finds below `to` what it finds on a machine of its own."""
    text = (FILES / name).read_text()
    for place in ("/srv/touchline", "/etc/touchline.env"):
        assert place in text
        text = text.replace(place, f"{to}{place}")
    return text


def call(script: Path, *words: str, **environment: str) -> tuple[int, str]:
    """How it ended, and what it said on the error output."""
    everything = {**os.environ, **environment}
    ended = subprocess.run([script, *words], check=False, capture_output=True, text=True, env=everything)
    return ended.returncode, ended.stderr


def test_a_version_is_made_ready_only_where_it_is_that_version_and_does_not_run(tmp_path: Path) -> None:
    mine, releases = tmp_path / "repository", tmp_path / "srv" / "touchline" / "releases"
    script = mine / "docs" / "operations" / "production" / "touchline-release"
    script.parent.mkdir(parents=True)
    script.write_text(moved(script.name, tmp_path))
    script.chmod(0o755)
    stub = tmp_path / "bin" / "python3"  # what comes after the looks takes long and asks the network
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\necho "made ready: $PWD" >&2\nexit 9\n')
    stub.chmod(0o755)

    def git(*words: str) -> None:
        name = ["-c", "user.name=Olga", "-c", "user.email=olga@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", mine, *name, *words], check=True, capture_output=True)

    def release(tag: str) -> tuple[int, str]:
        return call(script, mine.as_uri(), tag, PATH=f"{stub.parent}:{os.environ['PATH']}")

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "One")
    git("tag", "v1")
    git("commit", "--quiet", "--allow-empty", "--message", "Two")
    git("tag", "--annotate", "--message", "The second", "v2")
    for tag in ("v1", "v2", "v2"):  # what was broken off goes on
        assert release(tag) == (9, f"made ready: {releases / tag}\n")
    (releases.parent / "current").symlink_to(releases / "v1")
    code, said = release("v1")
    assert code == 1 and "v1 is the version that runs" in said
    assert release("v2")[0] == 9
    git("tag", "v3", "v1")
    (releases / "v2").rename(releases / "v3")
    code, said = release("v3")
    assert code == 1 and "is not v3" in said and "Remove it" in said
    (releases / "v4").mkdir()
    git("tag", "v4")
    code, said = release("v4")
    assert code == 1 and "is not v4" in said


def test_mail_is_kept_by_the_mail_server_while_there_is_nobody_to_take_it(tmp_path: Path) -> None:
    """75 is what a mail server takes as “later”; whatever else it is told, it sends the mail back."""
    script, settings = tmp_path / "touchline-manage", tmp_path / "etc" / "touchline.env"
    script.write_text(moved(script.name, tmp_path))
    script.chmod(0o755)
    code, said = call(script, "receive_mail")
    assert code == 75 and f"{settings} cannot be read" in said
    settings.parent.mkdir()
    settings.write_text("SITE_URL=https://touchline.example.org\n")
    assert call(script, "receive_mail")[0] == 75
    here = tmp_path / "srv" / "touchline" / "current"
    here.mkdir(parents=True)
    code, said = call(script, "receive_mail")
    assert code == 75 and f"{here}/.venv/bin/python" in said
