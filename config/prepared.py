"""Whether a database is as this code wants it, told without loading the code; and how to wait until it is.

`prepare` leaves a mark in the database when it is done. It names the code that did it and the migrations that were in
place then, so that neither newer code, nor a backup that was put back, nor a migration that was undone by hand is taken
for prepared. A start that finds the mark need not load everything only to learn that there is nothing to do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("config", "content", "engagement", "listening", "maturity", "measurement", "roles", "requirements")
_FOUND = """
    SELECT obj_description('django_migrations'::regclass), md5(string_agg(app || ' ' || name, ',' ORDER BY app, name)),
        EXISTS (SELECT FROM roles_organization)
    FROM django_migrations
"""
_MARK = """
DO $$ BEGIN
    EXECUTE format('COMMENT ON TABLE django_migrations IS %%L', %s || ' ' || (
        SELECT md5(string_agg(app || ' ' || name, ',' ORDER BY app, name)) FROM django_migrations
    ));
END $$
"""


def is_prepared(url: str) -> bool:
    """Whether this code has nothing to do in the database any more; False also where it does not answer."""
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.Error:
        return False
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(_FOUND)
            mark, migrations, has_organization = cursor.fetchone()
    except psycopg2.Error:  # there are no tables yet
        return False
    finally:
        connection.close()
    return bool(has_organization) and mark == f"{code()} {migrations}"


def wait_for_our_turn() -> None:
    """Wait as long as the file exists that WAITS_WHILE names: whoever started us is not ready for what we do.

    So a process loads its code while the servers that it needs start.
    """
    file = os.environ.get("WAITS_WHILE")
    while file and Path(file).exists():
        time.sleep(0.02)


def mark(cursor: Any, by: str) -> None:
    """Write down that this code has prepared the database."""
    cursor.execute(_MARK, [by])


def code() -> str:
    """A digest of which code this is: every file's name, size and time, and what is installed beside it."""
    digest = blake2b(digest_size=16)
    for path, size, changed in sorted(found for part in PARTS for found in _files(str(ROOT / part))):
        digest.update(f"{path}\n{size}\n{changed}\n".encode())
    return digest.hexdigest()


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    """All that matters of a folder: code, and lists of what is to be installed."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in {"__pycache__", "static"}:
                yield from _files(entry.path)
        elif entry.name.endswith((".py", ".txt")):
            found = entry.stat()
            yield entry.path, found.st_size, found.st_mtime_ns
