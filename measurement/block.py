"""One block of a report as it is told, whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from measurement import pictures
from measurement.headlines import Headline
from measurement.pictures import Cell, Picture
from roles.markdown import markdown

MOST_IN_MAIL = 12


@dataclass(frozen=True)
class Block:
    """One block as it is told: every way of showing it (page, paper, mail, file, program) shows these same values."""

    kind: str
    title: str
    # Whole sentences, or why there is nothing to tell.
    lines: Sequence[str] = ()
    headlines: Sequence[Headline] = ()
    picture: Picture | None = None
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    # Of each row how long its bar is, of a hundred; empty: there are none.
    bars: Sequence[float] = ()
    # Days of the week, each with its hours: what is said there, and its tone from 0 to 5, or from less-1 to less-5.
    week: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    # In Markdown, as somebody wrote it.
    text: str = ""
    # What a row is counted in, for files: text says it with its figure.
    units: Sequence[str] = ()

    @property
    def is_plain(self) -> bool:
        """Whether its table is what is to be seen, and not the numbers behind a picture."""
        return bool(self.rows) and not (self.headlines or self.picture or self.week)

    @property
    def words(self) -> int:
        """How many columns at the front are words; the rest are figures."""
        return 2 if self.kind in pictures.PICTURES or self.kind == "kpis" else 1

    @property
    def lined_up(self) -> list[tuple[Sequence[Cell], float]]:
        """Its rows, each with how long its bar is."""
        return list(zip(self.rows, self.bars or [0.0] * len(self.rows), strict=True))

    @property
    def file_heads(self) -> Sequence[str]:
        """Its heads where its numbers stand alone."""
        if self.kind != "first-response":
            return self.heads
        return [*self.heads[:3], *(f"{head} ({_('seconds')})" for head in self.heads[3:])]

    @property
    def in_short(self) -> Sequence[Sequence[Cell]]:
        """As much of its rows as a mail has room for; of days the newest."""
        if self.week:
            return ()
        rows = self.rows[-MOST_IN_MAIL:] if self.kind in pictures.PICTURES else self.rows[:MOST_IN_MAIL]
        return [_narrowed(self.kind, row) for row in rows]

    @property
    def heads_in_short(self) -> Sequence[str]:
        """The heads of these."""
        return _narrowed(self.kind, self.heads) if self.in_short else ()

    @property
    def more(self) -> int:
        """How many rows a mail leaves out."""
        return max(0, len(self.rows) - MOST_IN_MAIL) if not self.week else 0

    @property
    def shown(self) -> SafeString:
        """Its text as HTML, nothing of what the writer gave taken for markup but Markdown's own."""
        return markdown(self.text)

    @property
    def said(self) -> str:
        """What its picture shows, for whoever does not see it."""
        return " ".join((self.title, *([self.picture.summary] if self.picture else self.lines)))


def _narrowed(kind: str, row: Sequence[Any]) -> Sequence[Any]:
    """What of a row a mail has room for: of KPIs what they are, where they stand, and where they should."""
    return [row[0], row[2], row[5], row[6]] if kind == "kpis" else row
