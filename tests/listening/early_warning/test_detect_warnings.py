"""The command detect_warnings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.listening.early_warning.series import BEGIN, made

ROOT = Path(__file__).resolve().parents[3]
HEAD = "timestamp,value\n"


def run(*arguments: str, said: str = "") -> tuple[str, str]:
    """What the command says and what it notes; raises where it refuses."""
    out, notes = StringIO(), StringIO()
    with patch("sys.stdin", StringIO(said)):
        call_command("detect_warnings", *arguments, stdout=out, stderr=notes)
    return out.getvalue(), notes.getvalue()


def written(days: float) -> list[str]:
    bursts = {BEGIN + timedelta(days=days / 2): 800.0}
    return [f"{at:%Y-%m-%d %H:%M:%S},{value:.0f}\n" for at, value in made(days=days, level=9, bursts=bursts)]


def test_every_row_is_one_json_object_and_later_rows_change_no_earlier_score() -> None:
    rows = written(6)
    whole, notes = run("-", "--json", said=HEAD + "".join(rows))
    part, _notes = run("-", "--json", said=HEAD + "".join(rows[:1000]))
    said = [json.loads(line) for line in whole.splitlines()]
    assert not notes
    assert [f"{one['timestamp']},{one['value']}\n" for one in said] == rows
    assert all(0 <= one["score"] <= 1 for one in said)
    assert whole.splitlines()[:1000] == part.splitlines()
    assert max(said, key=lambda one: one["score"])["value"] == 800


def test_without_json_the_episodes_in_words(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    path.write_text(HEAD + "".join(written(20)))
    said, _notes = run(str(path))
    assert "800 at 00:00; usually " in said
    assert said.splitlines()[-1].startswith("5,760 rows, ")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "The file is empty"),
        ("time,count\n", "names no column timestamp and no column value: time, count"),
        (HEAD + "yesterday,3\n", "Line 2: 'yesterday' is not a time such as"),
        (HEAD + "2026-03-02 00:00:00,3\n2026-03-02 00:05:00,many\n", "Line 3: 'many' is not a number"),
        (HEAD + "2026-03-02 00:00:00,-3\n", "Line 2: '-3' is not a count"),
        (HEAD + "2026-03-02 00:00:00,inf\n", "Line 2: 'inf' is not a count"),
        (HEAD + "2026-03-02 00:00:00\n", "Line 2 has 1 columns"),
        (HEAD + "2026-03-02 00:00:00,3\n2026-03-02T00:05:00Z,3\n", "Line 3: some times have a zone and some have none"),
    ],
)
def test_says_where_and_why_a_file_cannot_be_read(said: str, why: str) -> None:
    with pytest.raises(CommandError, match=re.escape(why)):
        run("-", "--json", said=said)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv could not be read: No such file"):
        run("nowhere.csv")


def test_needs_no_database() -> None:
    without = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        [sys.executable, "manage.py", "detect_warnings", "-"],
        cwd=ROOT, env=without, input=HEAD + "".join(written(1)),
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.endswith("288 rows, 1 episodes.\n")


def test_rows_that_cannot_be_judged_have_the_score_0_and_are_counted() -> None:
    rows = ["2026-03-02 00:00:00,3", "2026-03-02 00:05:00,", "", "2026-03-02 00:00:00,900", "2026-03-02T00:10,4.5"]
    text = "\ufeffValue of nothing,Timestamp , VALUE\n" + "\n".join(f"x,{row}" if row else "" for row in rows)
    out, notes = run("-", "--json", said=text)
    said = [json.loads(line) for line in out.splitlines()]
    assert [(one["value"], one["score"] > 0) for one in said][1:3] == [(None, False), (900, False)]
    assert said[3]["value"] == 4.5
    assert "1 of 4 rows have no value." in notes
    assert "1 of 4 rows are not later than a row before them." in notes


def test_a_file_with_the_newest_row_first_is_named_as_such() -> None:
    _out, notes = run("-", said=HEAD + "".join(reversed(written(1))))
    assert "turn the file round" in notes
