"""A report as it is told at one moment: the same blocks for the page, paper, mails, files and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from django.utils.translation import gettext as _

from measurement import timeline
from measurement.block import Block
from measurement.blocks import BLOCKS, Asked
from measurement.figures import Figures, figures
from measurement.models import Report
from measurement.only import Named, Names, Only, both
from measurement.periods import DAY, period, said, said_before
from measurement.pictures import Cell, Picture
from measurement.selecting import Side, usual_side
from measurement.windows import Window
from roles.models import Member
from roles.tenancy import active_organization
from roles.wording import labelled

# Nobody measured before.
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Told:
    """A report of some days: who made it is of no matter to what it says."""

    report: Report
    window: Window
    side: Side
    blocks: Sequence[Block]
    at: datetime
    # Of which part of everything it tells, in words.
    part: Named
    # Blocks that do not go where anybody may read.
    left_out: int = 0

    @property
    def days(self) -> str:
        """Its days, as people call them."""
        return said(self.window)

    @property
    def beside(self) -> str:
        """What they are laid beside."""
        return said_before(self.window)

    @property
    def lead(self) -> str:
        """Its days, what they are laid beside, and of what it tells where that is not everything."""
        days = _("%(days)s, beside %(beside)s") % {"days": self.days, "beside": self.beside}
        return f"{days}. {self.part.sentence}" if self.part.sentence else days

    @property
    def name(self) -> str:
        """What a file of it is called."""
        return f"report-{self.report.pk}-{self.window.first}-{self.window.last}"


def days_of(report: Report, at: datetime, until: date | None = None) -> Window:
    """The newest days of a report that are over: now, or as they were on the day after `until`."""
    zone = active_organization().zone
    today = at.astimezone(zone).date()
    day = min(max(until, EARLIEST), today - DAY) + DAY if until else today
    return period(report.period, day, zone)


def tell(report: Report, *, at: datetime, viewer: Member | None, until: date | None = None) -> Told:
    """Read what a report shows; the viewer changes no figure, but which ways lead on: without one there are none."""
    window = days_of(report, at, until)
    side = cast(Side, report.side) if report.side else usual_side(at)
    # A kind or a metric that is no more is left out.
    chosen = [one for one in report.blocks if _is_known(one)]
    parts = [both(report.only, one.get("only", {})) for one in chosen]
    names = Names.of([report.only, *parts])
    # What is read of a part, once for all blocks that tell of it.
    read: dict[str, tuple[Figures, dict[str, Any]]] = {}
    blocks = []
    for number, (one, only) in enumerate(zip(chosen, parts, strict=True)):
        kind, named = BLOCKS[one["kind"]], names.of_part(only)
        if named.is_gone and one["kind"] != "text":
            # To tell of all instead would tell something else under the same name.
            block = Block(one["kind"], str(kind.label), lines=[named.sentence])
        else:
            key = repr(sorted(only.items()))
            if key not in read:
                read[key] = _figures(window, side, only, at=at, viewer=viewer), {}
            found, shared = read[key]
            # The head of the report says its own part.
            own_part = named if one.get("only") else Named([])
            asked = Asked(found, at, own_part, one.get("metric", ""), one.get("text", ""), shared)
            block = kind.told(one["kind"], asked)
        if block.title and (own := names.of_part(one.get("only", {})).short):
            block = replace(block, title=labelled(block.title, own))
        picture = replace(block.picture, key=f"{block.kind}-{number}") if block.picture else None
        blocks.append(replace(block, picture=picture))
    shown = blocks if viewer else [without_ways(block) for block in blocks]
    return Told(report, window, side, shown, at, names.of_part(report.only))


def _is_known(chosen: Mapping[str, Any]) -> bool:
    kind = BLOCKS.get(chosen["kind"])
    return kind is not None and chosen.get("metric", "") in (kind.metrics or [""])


def _figures(window: Window, side: Side, only: Only, *, at: datetime, viewer: Member | None) -> Figures:
    found = figures(window, at=at, side=side, only=only)
    found.marks = [(mark, mark.url_for(viewer)) for mark in timeline.marks(window, only.get("department"))]
    return found


def for_anybody(told: Told) -> Told:
    """What of it goes where anybody may read: no words of other people, no news of the house, no way into it."""
    kept = [_without_news(without_ways(block)) for block in told.blocks if not BLOCKS[block.kind].is_of_others]
    return replace(told, blocks=kept, left_out=len(told.blocks) - len(kept))


def without_ways(block: Block) -> Block:
    """A block without a single address of the application."""
    return replace(
        block,
        headlines=[replace(one, url="") for one in block.headlines],
        picture=_drawn_only(block.picture) if block.picture else None,
        rows=_said_only(block.rows),
    )


def _without_news(block: Block) -> Block:
    """A block without warnings, plans, guidelines and levels; what somebody noted for its readers stays."""
    if block.picture is None:
        return block
    numbers: dict[int, int] = {}
    notes = tuple(
        replace(note, number=numbers.setdefault(note.step, len(numbers) + 1))
        for note in block.picture.notes
        if note.kind == "note"
    )
    return replace(block, picture=replace(block.picture, notes=notes))


def _drawn_only(picture: Picture) -> Picture:
    return replace(
        picture,
        steps=tuple(("", words) for _url, words in picture.steps),
        rows=tuple(map(tuple, _said_only(picture.rows))),
        notes=tuple(replace(note, url="") for note in picture.notes),
    )


def _said_only(rows: Iterable[Sequence[Cell]]) -> list[list[Cell]]:
    return [[replace(cell, url="") for cell in row] for row in rows]


def as_rows(told: Told) -> list[list[Any]]:
    """All of it as one table for a file: each block with its title, its head, its rows and in what they are counted."""
    rows: list[list[Any]] = [[told.report.name], [told.days, told.window.first, told.window.last]]
    rows += [[told.part.sentence], []] if told.part.sentence else [[]]
    for block in told.blocks:
        rows += [[block.title]] if block.title else []
        rows += [[line] for line in (*block.lines, *([block.text] if block.text else []))]
        if block.rows:
            heads = list(block.file_heads)
            rows.append([*heads, _("Unit")] if block.units else heads)
            units = [[unit] for unit in block.units] or [[] for _row in block.rows]
            rows += [[*(cell.raw for cell in row), *unit] for row, unit in zip(block.rows, units, strict=True)]
        rows.append([])
    return rows


def as_data(told: Told) -> Mapping[str, Any]:
    """All of it as plain data: what is said, and the number behind it."""
    return {
        "report": told.report.pk,
        "name": told.report.name,
        "first_day": told.window.first,
        "last_day": told.window.last,
        "days": told.days,
        "beside": told.beside,
        "of": told.side,
        "only": dict(told.report.only),
        "part": told.part.sentence,
        "told_at": told.at,
        "blocks": [
            {
                "kind": block.kind, "title": block.title, "lines": list(block.lines), "text": block.text,
                "heads": list(block.heads), "units": list(block.units),
                "rows": [[{"said": cell.text, "value": cell.raw} for cell in row] for row in block.rows],
            }
            for block in told.blocks
        ],
    }  # fmt: skip
