"""Small pictures of so many a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from roles import wording


@dataclass(frozen=True, slots=True)
class Bars:
    """A picture of bars, one a day, with its geometry and its text alternative."""

    bars: list[dict[str, Any]]
    width: int
    height: int
    label: str
    days: Sequence[tuple[date, int]]


def bars(days: Sequence[tuple[date, int]], *, width: int = 600, height: int = 80) -> Bars:
    """Draw numbers by day; the highest reaches the top."""
    highest = max((number for _day, number in days), default=0)
    step = width / max(1, len(days))
    drawn = []
    for place, (day, number) in enumerate(days):
        tall = max(1.5, number / highest * (height - 2)) if number else 0
        drawn.append(
            {
                "x": round(place * step + step * 0.1, 2),
                "y": round(height - tall, 2),
                "width": round(step * 0.8, 2),
                "height": round(tall, 2),
                "day": day,
                "number": number,
            }
        )
    total = sum(number for _day, number in days)
    label = _("{total} in {days} days, at most {highest} on one day.").format(
        total=wording.number(total), days=len(days), highest=wording.number(highest)
    )
    return Bars(drawn, width, height, label, days)
