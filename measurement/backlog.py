"""What lay there at the end of past days: all that had come until then, without all that had ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Sum

from measurement.metrics import ratio
from measurement.models import DailyFlow, RollUp, StaleHour
from measurement.selecting import Selection
from measurement.windows import Window

_SUMMED = ("came", "came_made", "ended", "ended_made")
# More hours than a worker takes at once are stale only while all is counted anew.
MANY = 200


@dataclass(frozen=True)
class Lying:
    """What was not resolved at a moment, and how old it was on average, in seconds; None where nobody knows."""

    count: int | None
    age: float | None


# How a metric is read from it.
AT_ENDS: Mapping[str, Callable[[Lying], float | None]] = {
    "backlog_at_end": lambda lying: lying.count,
    "backlog_age": lambda lying: lying.age,
}


def backlog_at_ends(selection: Selection, windows: Sequence[Window], *, at: datetime) -> list[Lying]:
    """The backlog when each of some windows ended, or now where it has not; they follow each other in time."""
    if _is_counted_anew(windows[-1]):
        return [Lying(None, None) for _window in windows]
    first, last = windows[0].first, windows[-1].last
    where = Q(department_id__in=selection.departments or [0])
    rows = DailyFlow.objects.filter(where, selection.on_side(), day__lte=last).order_by()
    sums = {name: Sum(name, default=0) for name in _SUMMED}
    so_far = list(rows.filter(day__lt=first).aggregate(**{f"all_{name}": sums[name] for name in _SUMMED}).values())
    by_day = rows.filter(day__gte=first).values_list("day").annotate(**{f"all_{name}": sums[name] for name in _SUMMED})
    days: dict[date, Sequence[Any]] = {day: found for day, *found in by_day}
    result = []
    for window in windows:
        for day, found in days.items():
            if window.first <= day <= window.last:
                so_far = [before + more for before, more in zip(so_far, found, strict=True)]
        came, came_made, ended, ended_made = so_far
        count, made = came - ended, came_made - ended_made
        moment = min(window.end, at).timestamp()
        age = ratio(count * moment - made, count)
        result.append(Lying(count, None if age is None else max(0.0, age)))
    return result


def _is_counted_anew(last: Window) -> bool:
    """Whether much of what came and ended until then is still to be counted: what is there adds up to nothing true."""
    if not RollUp.objects.filter(time_zone=last.zone.key).exists():
        return True
    stale = StaleHour.objects.filter(hour__lt=last.end).order_by().values("hour").distinct()
    return stale[: MANY + 1].count() > MANY
