"""What lay there at the end of past days: all that had come until then, without all that had ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, Q, QuerySet, Sum

from measurement.metrics import ratio
from measurement.models import DailyFlow, RollUp, StaleHour
from measurement.selecting import Selection, Side, on_side
from measurement.steps import StepOfDay
from measurement.windows import Window
from roles.statements import Statement

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
    part = (selection.side, selection.network, *selection.departments)
    sums = _FLOW.rows(*part, last=windows[-1].last, starts=[window.first for window in windows])
    moved: dict[int, Sequence[int]] = {step: [int(count) for count in found] for step, *found in sums}
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
    found = _COUNTED.rows(last.zone.key, ends=last.end)
    return not found or bool(found[0][0])


def _flow(side: Side, network: str, *departments: int, last: date, starts: list[date]) -> QuerySet[Any, Any]:
    where = on_side(side, network) & Q(department_id__in=departments or [0], day__lte=last)
    # What came before the first of them lies in step 0.
    rows = DailyFlow.objects.filter(where).order_by().annotate(step=StepOfDay(starts))
    return rows.values_list("step").annotate(**{f"all_{name}": Sum(name) for name in _SUMMED})


def _counted(zone: str, *, ends: datetime) -> QuerySet[Any, Any]:
    stale = StaleHour.objects.filter(hour__lt=ends).order_by().values("hour").distinct()
    return RollUp.objects.filter(time_zone=zone).values_list(Exists(stale[MANY : MANY + 1]))


_FLOW, _COUNTED = Statement(_flow), Statement(_counted)
