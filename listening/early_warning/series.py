"""A series of counts in a CSV file, row by row, so that the next row is not known while one is judged."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

COLUMNS = ("timestamp", "value")


class UnreadableSeries(Exception):
    """The file is not a series of counts; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the moment as it was written and as it is; no value where none was counted."""

    written: str
    at: datetime
    value: float | None


def read_series(lines: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a CSV with the columns `timestamp` and `value`, in the order of the file."""
    rows = csv.reader(lines, strict=True)
    try:
        at_column, value_column = _columns(next(rows, None))
        is_aware: bool | None = None
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) <= max(at_column, value_column):
                raise UnreadableSeries(
                    f"Line {rows.line_num} has {len(cells)} columns and no {' or no '.join(COLUMNS)}."
                )
            written = cells[at_column].strip()
            at = _moment(written, rows.line_num)
            if is_aware is None:
                is_aware = at.tzinfo is not None
            elif is_aware != (at.tzinfo is not None):
                raise UnreadableSeries(f"Line {rows.line_num}: some times have a zone and some have none: {written!r}.")
            yield Row(written=written, at=at, value=_count(cells[value_column].strip(), rows.line_num))
    except csv.Error as error:
        raise UnreadableSeries(f"Line {rows.line_num} is not CSV: {error}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableSeries(f"After line {rows.line_num} the file is not text in UTF-8.") from error


def _columns(head: list[str] | None) -> tuple[int, int]:
    if head is None:
        raise UnreadableSeries("The file is empty.")
    names = [name.strip().lstrip("\ufeff").lower() for name in head]
    if missing := [column for column in COLUMNS if column not in names]:
        raise UnreadableSeries(f"The first line names no column {' and no column '.join(missing)}: {', '.join(head)}.")
    return names.index(COLUMNS[0]), names.index(COLUMNS[1])


def _moment(written: str, line: int) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise UnreadableSeries(
            f"Line {line}: {written!r} is not a time such as 2026-01-31 13:05:00 or 2026-01-31T13:05:00+01:00."
        ) from error


def _count(written: str, line: int) -> float | None:
    """The number; None for a cell that is empty or says that nothing is known."""
    if written.lower() in {"", "nan", "null", "na", "none"}:
        return None
    try:
        count = float(written)
    except ValueError as error:
        raise UnreadableSeries(f"Line {line}: {written!r} is not a number.") from error
    if not math.isfinite(count) or count < 0:
        raise UnreadableSeries(f"Line {line}: {written!r} is not a count; counts are numbers from 0 up.")
    return int(count) if count.is_integer() else count
