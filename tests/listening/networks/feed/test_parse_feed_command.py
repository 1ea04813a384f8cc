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
from django.core.management import call_command, execute_from_command_line
from django.core.management.base import CommandError
from pytest_django import Settings

from tests.listening.networks.servers import saying, serving

ROOT = Path(__file__).resolve().parents[4]
SAMPLE = Path(__file__).parent / "samples" / "rss2.xml"


def read(*arguments: str) -> str:
    """What the command says."""
    said = StringIO()
    call_command("parse_feed", *arguments, stdout=said)
    return said.getvalue()


def test_one_json_object_a_line() -> None:
    rows = [json.loads(line) for line in read(str(SAMPLE), "--json").splitlines()]
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
    said = read(str(SAMPLE))
    assert said.startswith("Harbour Notes\n3 posts\n")
    assert "2026-03-02 07:15  The ferry is late & nobody knows why" in said


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


def test_it_reads_where_there_is_no_server_at_all() -> None:
    without = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "FETCH_ALLOWED_PRIVATE_HOSTS"}
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "parse_feed", str(SAMPLE)],
        cwd=ROOT, env=without, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout == read(str(SAMPLE))


def test_what_is_wrong_goes_to_stderr_with_a_failing_exit(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "parse_feed", "no-such-file.xml"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert "could not be read" in err
    assert "Traceback" not in err


def test_an_address_is_fetched_where_the_operator_allows_it(settings: Settings) -> None:
    async def go() -> str:
        async with serving({"/feed": saying(SAMPLE.read_bytes(), Content_Type="text/xml")}) as address:
            settings.FETCH_ALLOWED_PRIVATE_HOSTS = [f"127.0.0.1:{address.rpartition(':')[2]}"]
            return await asyncio.to_thread(read, f"{address}/feed", "--json")

    assert len(asyncio.run(go()).splitlines()) == 3
