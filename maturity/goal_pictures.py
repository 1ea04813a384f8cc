"""The way of a goal's figure from the day it was set, as a line beside its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from maturity.goal_metrics import GOAL_METRICS
from maturity.models import Goal

WIDTH, HEIGHT, EDGE = 600, 60, 5


@dataclass(frozen=True)
class Way:
    """Strokes over the days from when it was set to when it is to be reached, the target's height, and each figure."""

    path: str
    points: Sequence[tuple[float, float]]
    target: float
    said: Sequence[tuple[date, str]]
    width: int = WIDTH
    height: int = HEIGHT


def way(goal: Goal, figure: float | None, today: date) -> Way | None:
    """Lay the kept figures and that of today on a drawing; None where there is one alone, or nothing to judge by."""
    kept = {row.day: row.figure for row in goal.figures.all()}
    if goal.ended_at is None:
        kept[today] = figure
    days = sorted(day for day, value in kept.items() if value is not None)
    if len(days) < 2:
        return None
    last = max(goal.reach_by, days[-1])
    span = max(1, (last - days[0]).days)
    highest = max(goal.target, *(kept[day] or 0.0 for day in days)) or 1.0

    def height(value: float) -> float:
        return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / highest, 1)

    points = [
        (round(EDGE + (WIDTH - 2 * EDGE) * (day - days[0]).days / span, 1), height(kept[day] or 0.0)) for day in days
    ]
    strokes = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    metric = GOAL_METRICS[goal.metric]
    return Way(strokes, points, height(goal.target), [(day, metric.said(kept[day])) for day in reversed(days)])
