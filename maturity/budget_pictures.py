"""The picture of the budget: what is planned beside what is usual, as bars of parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maturity.models import Activity

WIDTH, HEIGHT = 1000, 34


@dataclass(frozen=True)
class Part:
    """One part of a bar: which series, where it begins, how wide it is, and what it says."""

    series: int
    x: float
    width: float
    text: str


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its parts, and the same in words."""

    name: str
    parts: tuple[Part, ...]

    @property
    def said(self) -> str:
        """All parts in a sentence."""
        return "; ".join(part.text for part in self.parts)


def bar(name: str, values: Mapping[str, float], *, unit: str) -> Bar:
    """Draw values as parts of one bar of full width."""
    whole = sum(values.values())
    parts, x = [], 0.0
    for series, activity in enumerate(Activity, start=1):
        value = values.get(activity, 0)
        if whole <= 0 or value <= 0:
            continue
        width = WIDTH * value / whole
        parts.append(Part(series, round(x, 1), round(width, 1), f"{activity.label}: {value:g} {unit}"))
        x += width
    return Bar(name, tuple(parts))
