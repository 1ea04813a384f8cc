"""The glossary of the docs, read for the page that shows it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"


@cache
def terms() -> dict[str, str]:
    """Return the meaning of each term: a heading of the second rank, and the text below it."""
    sections = SOURCE.read_text(encoding="utf-8").split("\n## ")[1:]
    pairs = (section.partition("\n") for section in sections)
    return {term.strip(): meaning.strip() for term, _, meaning in pairs}
