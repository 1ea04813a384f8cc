"""The production files: valid, careful, and every command in them one that works."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from config import celery, parts, processes
from config.ports import Listening
from roles import live

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("migrate", "web", "events", "worker", "beat", "lines")
INSIDE = Listening("0.0.0.0", 8000, 8001)


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_the_file_obeys_the_schema_of_compose() -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_service_is_watched_and_waits_for_what_it_needs() -> None:
    assert set(services()) == {*OURS, "postgres", "valkey"}
    for name, service in services().items():
        assert service["healthcheck"].get("test") or name == "migrate", name
        assert "latest" not in service["image"] or service["pull_policy"] == "never", name
    for name in OURS[1:]:
        waits = {other: how["condition"] for other, how in services()[name]["depends_on"].items()}
        healthy = "service_healthy"
        assert waits == {"migrate": "service_completed_successfully", "postgres": healthy, "valkey": healthy}, name


def test_no_log_fills_the_disk() -> None:
    for name, service in services().items():
        assert service["logging"] == {"driver": "local", "options": {"max-size": "20m", "max-file": "5"}}, name


def test_the_image_is_built_once_and_never_fetched() -> None:
    assert [name for name, service in services().items() if "build" in service] == ["migrate"]
    assert {services()[name]["image"] for name in OURS} == {"touchline:${TOUCHLINE_VERSION:-latest}"}
    # Whatever runs one command has the image built on the way there.
    assert all("migrate" in services()[name]["depends_on"] for name in OURS[1:])


def test_every_setting_of_the_file_reaches_our_processes() -> None:
    """What stands in .env alone is not known inside; what has another meaning there is said anew."""
    example = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    of_this_machine = {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "TOUCHLINE_VERSION", "PUBLISH_ON", "PORT"}
    for name in OURS:
        assert services()[name]["env_file"] == [{"path": ".env", "required": False}], name
        said = services()[name]["environment"]
        assert set(example) - of_this_machine <= set(said), name
    # Pages name the published port, and the doctor asks by the name of the service.
    published = services()["events"]["ports"][0].split(":", 1)[1].split("}:", 1)[1]
    assert published == f"{said['EVENTS_PORT']}:8001"
    assert said["EVENTS_INSIDE_URL"] == "http://events:8001"


def test_nothing_is_published_beyond_this_machine_unless_asked() -> None:
    published = [port for service in services().values() for port in service.get("ports", [])]
    assert len(published) == 2
    assert all(port.startswith("${PUBLISH_ON:-127.0.0.1}:") for port in published)


def test_secrets_come_from_the_environment_and_their_absence_is_said_in_words() -> None:
    text = COMPOSE.read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SITE_URL"):
        uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", text)
        assert uses, name
        assert all(use.startswith(":?Set ") for use in uses), name
        assert re.search(rf"^{name}=$", (ROOT / ".env.example").read_text(), re.MULTILINE), name


def test_our_processes_are_nobody_special() -> None:
    assert re.search(r"^USER touchline$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for name in OURS:
        service = services()[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service
    # PostgreSQL's image changes its user by itself; Valkey's does not where a shell is asked for.
    broker = services()["valkey"]
    assert (broker["user"], broker["read_only"], broker["cap_drop"]) == ("valkey", True, ["ALL"])
    assert broker["command"][0] == "sh"


def test_the_image_gets_every_app_and_no_secret() -> None:
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert allowed[0] == "*"
    settings = (ROOT / "config" / "settings.py").read_text()
    apps = [app for app in re.findall(r'^    "(\w+)",$', settings, re.MULTILINE) if (ROOT / app).is_dir()]
    assert len(apps) == 7
    for needed in (*apps, "templates", "docs", "requirements"):
        assert f"!{needed}/" in allowed
    assert not [line for line in allowed if "var" in line or ".env" in line]


def test_the_commands_are_those_of_make_run() -> None:
    assert services()["web"]["command"] == parts.web(INSIDE)
    assert services()["events"]["command"] == parts.events(INSIDE)
    assert services()["worker"]["command"] == parts.worker("${LOG_LEVEL:-INFO}")
    assert services()["beat"]["command"] == parts.beat(Path("/var/lib/touchline/beat-schedule"))
    assert services()["lines"]["command"] == ["python", *parts.lines()]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert json.loads(dockerfile[dockerfile.rindex("CMD ") + 4 :]) == parts.web(INSIDE)


def test_the_commands_of_the_page_are_ones_that_compose_has() -> None:
    """Each names a service, and bytes go through no terminal."""
    page = (ROOT / "docs" / "operations" / "compose.md").read_text()
    commands = re.findall(r"^docker compose (.+)$", page, re.MULTILINE)
    assert len(commands) > 10
    for command in commands:
        words = command.split()
        if words[0] in {"exec", "run"}:
            assert next(word for word in words[1:] if not word.startswith("-")) in services(), command
        assert words[0] != "exec" or not re.search(r" [<>] ", command) or words[1] == "-T", command
    stopped = {word for command in commands if command.startswith("stop ") for word in command.split()[1:]}
    assert stopped == set(OURS) - {"migrate"}


@contextmanager
def started(name: str, var: Path) -> Iterator[Callable[[Callable[[], object]], None]]:
    """A service's own command, with another folder than a container has; the others run in `tests/faults/house.py`."""
    command = [part.replace("${LOG_LEVEL:-INFO}", "INFO") for part in services()[name]["command"]]
    log = var / f"{name}.log"
    with log.open("wb") as output:
        environment = {**os.environ, "VAR_DIR": str(var), "SECRET_KEY": "x" * 50, "PATH": f"{BIN}:{os.environ['PATH']}"}
        process = processes.start(command, directory=ROOT, output=output, environment=environment)

    def until(true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not true():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)

    try:
        yield until
        assert process.poll() is None, log.read_text()
    finally:
        processes.stop([(process, processes.signal.SIGTERM)], within=10)


def test_the_worker_starts_drops_what_is_too_late_without_a_word_and_its_own_health_check_passes(
    tmp_path: Path,
) -> None:
    celery.app.send_task("roles.tasks.heartbeat", kwargs={"queue": "celery"}, queue="celery", expires=-1)
    assert live.waiting_messages("celery")
    with started("worker", tmp_path) as until:
        until(lambda: "ready." in (tmp_path / "worker.log").read_text())
        check(services()["worker"]["healthcheck"]["test"], tmp_path)
        until(lambda: not live.waiting_messages("celery"))
    assert "heartbeat" not in (tmp_path / "worker.log").read_text()


def test_lines_are_held_and_their_own_health_check_passes(tmp_path: Path) -> None:
    with started("lines", tmp_path) as until:
        until((tmp_path / "lines-held").exists)
        check(services()["lines"]["healthcheck"]["test"], tmp_path)


def check(test: list[str], var: Path) -> None:
    """Ask what a service is asked in its container, with another folder."""
    assert test[0] == "CMD-SHELL"
    shell = test[1].replace("$$", "$").replace("/var/lib/touchline", str(var))
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOSTNAME": os.uname().nodename}
    subprocess.run(["sh", "-c", shell], cwd=ROOT, env=environment, check=True, capture_output=True)


def test_files_are_collected_under_names_that_follow_their_contents(tmp_path: Path) -> None:
    collected = tmp_path / "static"
    collected.mkdir()
    environment = {**os.environ, "STATIC_ROOT": str(collected)}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    ours = [name for name in names if (ROOT / "config" / "static" / name).is_file()]
    assert ours
    assert all(names[name] != name and (collected / names[name]).is_file() for name in ours)
