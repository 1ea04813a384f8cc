"""What lay there at the end of past days: all that had come until then, without all that had ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Q, Sum

from measurement.metrics import ratio
from measurement.models import DailyFlow, RollUp, StaleHour
from measurement.selecting import Selection
from measurement.steps import StepOfDay
from measurement.windows import Window

_SUMMED = ("came", "came_made", "ended", "ended_made")
_NOTHING = (0,) * len(_SUMMED)
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
    where = Q(department_id__in=selection.departments or [0])
    flow = DailyFlow.objects.filter(where, selection.on_side(), day__lte=windows[-1].last).order_by()
    # What came before the first of them lies in step 0.
    rows: Any = flow.annotate(step=StepOfDay([window.first for window in windows]))
    sums = rows.values_list("step").annotate(**{f"all_{name}": Sum(name) for name in _SUMMED})
    moved: dict[int, Sequence[int]] = {step: found for step, *found in sums}
    so_far: Sequence[int] = moved.get(0, _NOTHING)
    result = []
    for step, window in enumerate(windows, start=1):
        so_far = [before + more for before, more in zip(so_far, moved.get(step, _NOTHING), strict=True)]
        came, came_made, ended, ended_made = so_far
        count, made = came - ended, came_made - ended_made
        moment = min(window.end, at).timestamp()
        age = ratio(count * moment - made, count)
        result.append(Lying(count, None if age is None else max(0.0, age)))
    return result


def _is_counted_anew(last: Window) -> bool:
    """Whether much of what came and ended until then is still to be counted: what is there adds up to nothing true."""
    stale = StaleHour.objects.filter(hour__lt=last.end).order_by().values("hour").distinct()
    counted = RollUp.objects.filter(time_zone=last.zone.key).values_list(Exists(stale[MANY : MANY + 1]))
    found = counted.first()
    return found is None or bool(found[0])
