"""What the documents name is there: where links lead, the pictures, and the lines of the table of features."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.e2e.pictures import PICTURES

LINK = re.compile(r"!?\[(?P<words>[^\]]*)\]\((?P<to>[^)\s]+)\)")
FEATURES = ROOT / "docs" / "features.md"
FOLDER = ROOT / "docs" / "pictures"
# Lines of the table that are no page of their own, by how they begin.
NO_PAGE = (
    "Several organizations", "Internal listening", "Conversations of our own to start",
    "An API", "English, German", "Keyboard,", "Containers", "Security",
)  # fmt: skip


@cache
def documents() -> tuple[Path, ...]:
    """Every page of the documentation that is kept, and those that stand beside the code."""
    named = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tuple(ROOT / name for name in named.stdout.splitlines())


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Where a page leads within the project: words and address, leaving out what stands in code."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    for found in LINK.finditer(text):
        if not re.match(r"[a-z]+:", found["to"]):
            yield found["words"], found["to"]


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors of a page, as its headings make them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)


def test_every_link_leads_somewhere() -> None:
    lost, followed = [], 0
    for page in documents():
        for _words, to in links(page):
            path, _, anchor = to.partition("#")
            place = (page.parent / path).resolve() if path else page
            followed += 1
            if not place.exists() or (anchor and anchor not in headings(place)):
                lost.append(f"{page.relative_to(ROOT)}: {to}")
    assert followed > 300 and lost == []


def test_every_picture_is_taken_by_the_suite_and_named_by_a_page() -> None:
    there = {path.name for path in FOLDER.iterdir()}
    assert there == {f"{picture.name}.png" for picture in PICTURES}
    named = {Path(to).name for page in documents() for _words, to in links(page) if to.endswith(".png")}
    assert there - named == set()


def rows() -> list[list[str]]:
    """The lines of the table of features whose columns are those of a feature."""
    found: list[list[str]] = []
    counted = False
    for line in FEATURES.read_text().splitlines():
        if line.startswith("| feature"):
            counted = True
        elif not line.startswith("|"):
            counted = False
        elif counted and "---" not in line:
            found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def test_every_feature_says_whether_it_is_there_where_it_is_told_and_done_and_what_it_looks_like() -> None:
    assert len(rows()) > 70
    assert [row for row in rows() if len(row) != 5] == []
    for feature, there, guide, done, page in rows():
        assert re.match(r"(yes|partly: .+|no)\b", there), feature
        assert re.match(r"\[[^\]]+\]\([\w./-]+\.md(#[\w-]+)?\)$", guide), feature
        places = [to for _words, to in LINK.findall(done)]
        assert len(places) == 2 and "/tests/" in places[1], feature
        assert "](pictures/" in page or (page == "–" and feature.startswith(NO_PAGE)), feature
