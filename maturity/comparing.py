"""Read assessments that were kept: what changed from one to the next, and how they lie in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from maturity.figures_in_words import needed, said
from maturity.models import Assessment
from measurement import charts
from roles.models import Level
from roles.wording import in_order, labelled

WIDE, NARROW = (1000, 240), (340, 200)
DRAWN = 26


@dataclass(frozen=True)
class Kept:
    """One verdict as it was kept, in words, beside the one before."""

    title: str
    level: Level
    holds: bool
    held: bool | None
    said: str
    before: str

    @property
    def change(self) -> str:
        """Better, worse, or nothing where it is as it was."""
        if self.held is None or self.held == self.holds:
            return ""
        return "better" if self.holds else "worse"


@dataclass(frozen=True)
class History:
    """Practices that held at each assessment, stacked by level: a picture, its words and its table."""

    key: str
    title: str
    summary: str
    series: tuple[tuple[int, str], ...]
    steps: tuple[tuple[str, str], ...]
    wide: charts.Chart
    narrow: charts.Chart
    rows: tuple[tuple[Assessment, str, tuple[int, ...], int], ...]


def compare(now: Assessment, before: Assessment | None) -> list[Kept]:
    """Lay an assessment beside an earlier one, practice by practice."""
    earlier = {verdict["practice"]: verdict for verdict in before.verdicts} if before else {}
    found = []
    for verdict in now.verdicts:
        was: dict[str, Any] | None = earlier.get(verdict["practice"])
        found.append(
            Kept(
                verdict["title"],
                Level(verdict["level"]),
                verdict["holds"],
                was["holds"] if was else None,
                in_words(verdict),
                in_words(was, short=True) if was else "",
            )
        )
    return found


def in_words(verdict: dict[str, Any], *, short: bool = False) -> str:
    """What a kept verdict rests on: its figure and threshold, or who attested it."""
    if "unit" in verdict:
        figure = said(verdict["figure"], verdict["unit"])
        if short:
            return figure
        bound = needed(verdict["threshold"], verdict["unit"], at_most=verdict["at_most"])
        return _("%(figure)s; needed: %(bound)s") % {"figure": figure, "bound": bound}
    if verdict["holds"]:
        return _("attested by %(name)s") % {"name": verdict.get("attested_by", "")}
    return _("not attested")


def history(rows: Sequence[Assessment], addresses: Sequence[str]) -> History | None:
    """Draw assessments, the oldest first; one alone is no history."""
    if len(rows) < 2:
        return None
    counts = [_held(row) for row in rows]
    values = [[float(held[place]) for held in counts] for place in range(len(Level))]
    days = [formats.date_format(timezone.localtime(row.assessed_at), in_order("j M")) for row in rows]
    wide, narrow = (charts.columns(values, days, width=width, height=height) for width, height in (WIDE, NARROW))
    labels = [str(level.label) for level in Level]
    spoken = [
        f"{day}\n" + "\n".join(labelled(label, n) for label, n in zip(labels, held, strict=True))
        for day, held in zip(days, counts, strict=True)
    ]
    summary = _("%(now)s of %(all)s practices hold; %(then)s held on %(day)s") % {
        "now": sum(counts[-1]),
        "all": len(rows[-1].verdicts),
        "then": sum(counts[0]),
        "day": days[0],
    }
    table = zip(rows, counts, strict=True)
    return History(
        "practices",
        _("Practices that held, by level"),
        summary,
        tuple((place + 1, label) for place, label in enumerate(labels)),
        tuple(zip(addresses, spoken, strict=True)),
        wide,
        narrow,
        tuple((row, str(Level(row.suggested).label), held, sum(held)) for row, held in table),
    )


def _held(row: Assessment) -> tuple[int, ...]:
    return tuple(
        sum(verdict["holds"] for verdict in row.verdicts if verdict["level"] == level.value) for level in Level
    )
