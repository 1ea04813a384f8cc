"""The commands that judge without a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run manage.py where no database can be reached."""
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        env=environment,
        check=False,
    )


def here(*arguments: str, given: bytes = b"") -> tuple[str, str]:
    """Call the command in this process, which has no database either: what it says and what it notes."""
    said, notes = StringIO(), StringIO()
    with patch("sys.stdin", TextIOWrapper(BytesIO(given))):
        call_command(*arguments, stdout=said, stderr=notes)
    return said.getvalue(), notes.getvalue()


def lines(rows: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_judge_answers_each_line() -> None:
    rows = [{"id": "a", "text": "I love it"}, {"id": 2, "text": "Der Kuchen war schlecht"}, {"id": "c", "text": ""}]
    said, _notes = here("judge", given=lines(rows))
    first, second, third = map(json.loads, said.splitlines())
    assert (first["id"], first["language"], first["sentiment"]) == ("a", "en", "positive")
    assert (second["id"], second["language"], second["sentiment"]) == (2, "de", "negative")
    assert third == {"id": "c", "language": "und", "sentiment": "neutral", "score": 0.0}


def test_bad_lines_are_named_and_do_not_stop_the_others() -> None:
    done = run(
        "judge", given=b'{"id": 1, "text": "fine"}\nnot json\n[1]\n{"id": 4}\n\xff\n\n{"id": 7, "text": "bad"}\n'
    )
    assert done.returncode != 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 7]
    said = done.stderr.decode()
    for number in (2, 3, 4, 5):
        assert f"Line {number}:" in said
    assert "4 of 6 lines" in said


def test_judge_learns_from_corrections_first(tmp_path: Path) -> None:
    words = {"negative": "choppy", "positive": "glassy", "neutral": "moored"}
    names = list(words)
    rows = [{"text": f"{words[names[n % 3]]} sea number {n}", "sentiment": names[n % 3]} for n in range(60)]
    place = tmp_path / "corrections.jsonl"
    place.write_bytes(lines(rows))
    said, notes = here("judge", "--corrections", str(place), given=lines([{"id": 1, "text": "choppy today"}]))
    assert json.loads(said)["sentiment"] == "negative"
    assert "Learned from 60 corrections" in notes


def test_topics_are_suggested_from_a_file(tmp_path: Path) -> None:
    place = tmp_path / "examples.jsonl"
    place.write_bytes(
        lines(
            [{"text": f"my refund {n}", "topic": "Refunds"} for n in range(6)]
            + [{"text": f"late boat {n}", "topic": "Delays"} for n in range(6)]
        )
    )
    said, _notes = here(
        "suggest_topics", "--examples", str(place), "--explain", given=lines([{"id": 1, "text": "a refund"}])
    )
    answer = json.loads(said)
    assert answer["topic"] == "Refunds" and 0.5 < answer["score"] <= 1
    assert any(word == "refund" and weight > 0 for word, weight in answer["why"])


def test_a_missing_file_is_said() -> None:
    with pytest.raises(CommandError, match="could not be read"):
        here("judge", "/nowhere/at/all.jsonl")
