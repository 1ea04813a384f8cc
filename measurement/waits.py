"""Waits by hour of the day, packed sparsely: in one hour few answers lie in few of the four hundred steps.

Six bytes for each step that holds something: the hour times 512 and the step, then how many, as PostgreSQL sends
whole numbers of two bytes and of four. A year of five departments is added up in the time in which a list for each hour
would only be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from measurement.histogram import LAST

HOURS_A_WEEK = 168
PLACES = 512
_FORM = [("cell", ">i2"), ("held", ">i4")]


def by_hour_of_week(rows: Iterable[tuple[date, Any]]) -> list[list[int]]:
    """A histogram of each of the 168 hours of the week, Monday first, of packed days."""
    import numpy as np

    packs: defaultdict[int, list[bytes]] = defaultdict(list)
    for day, pack in rows:
        packs[day.weekday()].append(bytes(pack))
    week = np.zeros((HOURS_A_WEEK, LAST + 1), dtype=np.int64)
    for weekday, held in packs.items():
        cells = np.frombuffer(b"".join(held), dtype=_FORM)
        hours, places = np.divmod(cells["cell"].astype(np.int64), PLACES)
        np.add.at(week, (24 * weekday + hours, places), cells["held"])
    found: list[list[int]] = week.tolist()
    return found


def unpacked_waits(pack: bytes) -> dict[tuple[int, int], int]:
    """How many lie in each step of each hour of one packed day."""
    import numpy as np

    cells = np.frombuffer(bytes(pack), dtype=_FORM)
    return {divmod(int(cell), PLACES): int(held) for cell, held in cells}
