"""Run the benchmarks on servers of their own, and print or write what they measured.

    python -m benchmarks                       all of them, but for those that are run when they are named
    python -m benchmarks queue_page claims     some
    python -m benchmarks --write               and put the figures into benchmarks/RESULTS.md
    python -m benchmarks queue_page -- --mentions 1000    what follows the dashes goes to the benchmarks

Each runs in a process of its own on a database of its own, copied from one that is migrated once. One that fails is
named at the end and leaves its former figures in RESULTS.md as they were.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from benchmarks.report import machine
from config.services import Services, start_services

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
# In this order, as far as they are there; then whatever else there is.
ORDER = (
    *("matching", "feeds", "ingest", "polling", "claims", "deliveries", "publishing", "queue_page", "events"),
    *("executive", "early_warning", "judgements", "time_beat", "stress"),
)
# Takes an hour and servers of its own: run when it is named.
APART = {"networks"}
NOT_BENCHMARKS = {
    *("__init__", "__main__", "report", "patience"),
    *("city", "clock_changes", "crew", "killing", "filled", "raw_figures", "year"),
}
# What it has made goes with its database: taking millions of rows away first only costs.
ARGUMENTS = {"executive": ["--mentions", "1000000", "--keep"]}
SECONDS_AT_MOST = 3600
PREAMBLE = """# What was measured

`make bench ARGS=--write` makes this page; `make bench ARGS=queue_page` runs one of them. Each benchmark has a process
and a database of its own, on PostgreSQL and Valkey that are started for it. The machine is noisy: figures of one run
compare with each other, not with those of another day, so each stands beside its floor, its limit or the plain way of
doing the same.
"""


def main() -> int:
    """Run what was asked for; the status says whether all of it worked."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of: {', '.join(found())}")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/RESULTS.md")
    parser.add_argument("--durable", action="store_true", help="let PostgreSQL wait for the disk")
    ours, _dashes, theirs = split(sys.argv[1:])
    asked = parser.parse_args(ours)
    if unknown := set(asked.names) - set(found()):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(found())}")
    failed = []
    with tempfile.TemporaryDirectory(prefix="touchline-bench-") as folder:
        services = start_services(Path(folder), durable=asked.durable)
        try:
            environment = prepare(services, Path(folder))
            version = ask(services.database_url, "SHOW server_version")
            for name in asked.names or [name for name in found() if name not in APART]:
                said = run(name, [*ARGUMENTS.get(name, []), *theirs], services, environment)
                if said is None:
                    failed.append(name)
                elif asked.write:
                    write(name, said, machine(version, durable=asked.durable))
        finally:
            services.stop()
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nAll of them ran.")
    return 1 if failed else 0


def split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    """What is ours, and what goes to the benchmarks."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], "--", arguments[at + 1 :]


def found() -> list[str]:
    """The benchmarks that there are."""
    names = {path.stem for path in HERE.glob("*.py")} - NOT_BENCHMARKS
    return [name for name in ORDER if name in names] + sorted(names - set(ORDER))


def prepare(services: Services, var: Path) -> dict[str, str]:
    """Migrate once, and return the environment in which each benchmark runs."""
    environment = {**os.environ, **services.environment, "VAR_DIR": str(var), "SECRET_KEY": secrets.token_hex(32)}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING", "DEBUG": ""}
    # Counted as anywhere, but one person here asks for as many as a hundred do.
    environment |= {"PAGES_PER_MINUTE": "1000000"}
    command = [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity", "0"]
    subprocess.run(command, cwd=HERE.parent, env=environment, check=True)
    return environment


def run(name: str, arguments: list[str], services: Services, environment: dict[str, str]) -> str | None:
    """Run one benchmark, showing what it says; None where it failed."""
    print(f"\n## {title(name)}\n", flush=True)
    begun, lines = time.monotonic(), []
    with own_database(services, name) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{name}", *arguments],
            cwd=HERE.parent,
            env={**environment, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line)
                if time.monotonic() - begun > SECONDS_AT_MOST:
                    print("It took too long.")
                    process.kill()
            process.wait()
        finally:
            process.kill()
            process.wait()
    print(f"\n({name}: {time.monotonic() - begun:.0f} s)", flush=True)
    return None if process.returncode else "".join(lines).strip()


@contextmanager
def own_database(services: Services, name: str) -> Iterator[str]:
    """Lend a copy of the migrated database."""
    server, _slash, migrated = services.database_url.rpartition("/")
    url = f"{server}/bench_{name}"
    ask(f"{server}/postgres", f"CREATE DATABASE bench_{name} TEMPLATE {migrated}")
    try:
        yield url
    finally:
        ask(f"{server}/postgres", f"DROP DATABASE bench_{name} WITH (FORCE)")


def ask(url: str, statement: str) -> str:
    """Run one statement outside any transaction; returns the first value that it answers."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return str(cursor.fetchall()[0][0]) if cursor.description else ""
    finally:
        connection.close()


def write(name: str, said: str, where: str) -> None:
    """Put one benchmark's figures into RESULTS.md, in place of its former ones."""
    former = RESULTS.read_text() if RESULTS.exists() else ""
    sections = {part.splitlines()[0]: part for part in re.split(r"^## ", former, flags=re.MULTILINE)[1:]}
    day = datetime.now(UTC).date()
    sections[title(name)] = f"{title(name)}\n\n{day}; {where}.\n\n{as_markdown(said)}\n\n"
    order = [title(known) for known in found()]
    kept = sorted((heading for heading in sections if heading in order), key=order.index)
    # What people wrote by hand stays, at the end.
    kept += [heading for heading in sections if heading not in order]
    RESULTS.write_text((PREAMBLE + "\n" + "".join(f"## {sections[heading]}" for heading in kept)).rstrip() + "\n")


def as_markdown(said: str) -> str:
    """What a benchmark printed: as it is where it wrote tables, else as it stood on the screen."""
    return said if re.search(r"^\| ?-", said, flags=re.MULTILINE) else f"```text\n{said}\n```"


def title(name: str) -> str:
    """A benchmark's name as a heading."""
    return name.replace("_", " ").capitalize()


if __name__ == "__main__":
    sys.exit(main())
