"""The page about security names tests that are there, and counts its own verdicts right."""

from __future__ import annotations

import re
from collections import Counter

from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([a-z' ]+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_its_tests_modules_and_pages_are_there() -> None:
    tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    missing = [
        (file, test)
        for file, test in tests
        if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text())
    ]
    assert len(tests) > 80 and missing == []
    modules = re.findall(r"`((?:roles|config|content|listening)/[\w/]+\.py)`", PAGE)
    links = re.findall(r"\]\(((?:operations|decisions|guide)/[\w./-]+|architecture\.md)", PAGE)
    assert [path for path in modules if not (ROOT / path).exists()] == []
    assert [path for path in links if not (ROOT / "docs" / path).exists()] == []


def test_every_line_of_the_list_has_one_verdict_and_they_are_counted() -> None:
    assert len(ROWS) == len({number for number, *_ in ROWS}) == 246
    counted = Counter(verdict for _, _, verdict, _ in ROWS)
    assert counted.keys() == {"holds", "partly", "not applicable", "the operator's"}
    holds, partly, none, theirs = (counted[one] for one in ("holds", "partly", "not applicable", "the operator's"))
    said = f"{holds} hold, {partly} are there in part, {theirs} are the operator's, {none} do not apply"
    assert said in PAGE


def test_what_is_there_in_part_stands_in_the_summary() -> None:
    summary = PAGE[PAGE.index("## What is missing") : PAGE.index("## Signing in")]
    assert [number for number, _, verdict, _ in ROWS if verdict == "partly" and number not in summary] == []
