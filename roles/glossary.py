"""The glossary of the docs, read for the page that shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language, pgettext

# Under this its terms and what they mean stand in catalogues.
CONTEXT = "glossary"
SOURCE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"


@cache
def terms() -> dict[str, str]:
    """Return the meaning of each term: a heading of the second rank, and the text below it."""
    sections = SOURCE.read_text(encoding="utf-8").split("\n## ")[1:]
    pairs = (section.partition("\n") for section in sections)
    return {term.strip(): " ".join(meaning.split()) for term, _, meaning in pairs}


@dataclass(frozen=True, slots=True)
class Term:
    """A term and what it means in the reader's language, if it was translated; `name` is what programs call it."""

    name: str
    said: str
    meaning: str
    is_translated: bool


def in_words() -> list[Term]:
    """Return the terms in the reader's language, in its order."""
    return sorted(_in_words(), key=lambda term: _folded(term.said))


def term_in_words(name: str) -> str:
    """Return what a term is called in the reader's language; the name itself where there is no such term."""
    return pgettext(CONTEXT, name)


def _in_words() -> Iterator[Term]:
    # A catalogue that waits for a translator says it in English, and so does the page.
    is_english = (get_language() or "en").startswith("en")
    for name, meaning in terms().items():
        said = pgettext(CONTEXT, meaning)
        yield Term(name, term_in_words(name), said, is_english or said != meaning)


def _folded(text: str) -> str:
    """A text without what stands above its letters, as dictionaries sort it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
