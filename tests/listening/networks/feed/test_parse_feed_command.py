"""The command parse_feed, without any database; where that matters, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from tests.listening.networks.servers import saying, serving

ROOT = Path(__file__).resolve().parents[4]
SAMPLE = Path(__file__).parent / "samples" / "rss2.xml"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    without = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "FETCH_ALLOWED_PRIVATE_HOSTS"}
    }
    return subprocess.run(
        [sys.executable, "manage.py", "parse_feed", *arguments],
        cwd=ROOT, env=without | environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_one_json_object_a_line() -> None:
    done = run(str(SAMPLE), "--json")
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["harbour-101", "https://harbour.example/2026/fish", "notices/7"]
    pieces = rows[0].pop("piece")
    assert pieces
    assert rows[0] == {
        "id": "harbour-101",
        "url": "https://harbour.example/2026/ferry",
        "author": "Ida Holm",
        "title": "The ferry is late & nobody knows why",
        "text": "The ferry is late.\n\nAgain.",
        "published_at": "2026-03-02T07:15:00Z",
        "updated_at": None,
        "language": "en-GB",
        "problems": [],
    }


def test_a_list_for_people() -> None:
    said = StringIO()
    call_command("parse_feed", str(SAMPLE), stdout=said)
    assert said.getvalue().startswith("Harbour Notes\n3 posts\n")
    assert "2026-03-02 07:15  The ferry is late & nobody knows why" in said.getvalue()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["no-such-file.xml"], "could not be read"),
        ([str(Path(__file__))], "not a feed"),
        (["http://127.0.0.1:1/feed", "--json"], "FETCH_ALLOWED_PRIVATE_HOSTS"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], reason: str, settings: Settings) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(CommandError, match=reason):
        call_command("parse_feed", *arguments)


def test_what_is_wrong_goes_to_stderr_with_a_failing_exit() -> None:
    done = run("no-such-file.xml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "could not be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_is_fetched_where_the_operator_allows_it() -> None:
    async def go() -> subprocess.CompletedProcess[str]:
        async with serving({"/feed": saying(SAMPLE.read_bytes(), Content_Type="text/xml")}) as address:
            port = address.rpartition(":")[2]
            return await asyncio.to_thread(
                run, f"{address}/feed", "--json", FETCH_ALLOWED_PRIVATE_HOSTS=f"127.0.0.1:{port}"
            )

    done = asyncio.run(go())
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
