"""Where each goal stands: the figures of the last four weeks, of the whole and of each department."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from engagement.models import Assignment
from maturity.evidence.asked import Asked, Figures
from maturity.goal_metrics import GOAL_METRICS, LYING
from maturity.goal_pictures import Way, way
from maturity.models import Goal
from measurement import metrics
from measurement.counts import READ, Counts, parts_of
from measurement.opening import rows_url
from measurement.reading import counts_of, split
from measurement.selecting import Selection


@dataclass(frozen=True)
class Standing:
    """One goal as it stands: its figure, what it needs, how far it has come, and the rows behind it."""

    goal: Goal
    label: str
    figure: float | None
    said: str
    needed: str
    began: str
    is_reached: bool
    per_cent: int
    url: str
    way: Way | None


def standings(goals: Iterable[Goal], asked: Asked) -> list[Standing]:
    """Where goals stand; as many statements as there are kinds of metrics, however many goals."""
    rows = list(goals)
    read = figures({goal.metric for goal in rows}, asked)
    return [_standing(goal, read[goal.metric].get(goal.department_id), asked) for goal in rows]


def figures(wanted: Iterable[str], asked: Asked) -> dict[str, Figures]:
    """The figures of some metrics, as measurement reads them, by department; None is the whole organization."""
    names = set(wanted)
    heard = {name for name in names if not GOAL_METRICS[name].of_departments}
    lying = names & set(LYING)
    found: dict[str, Figures] = {}
    if worked := names - heard - lying:
        selection = Selection(asked.window, asked.sides["answering"])
        wanted = parts_of(worked)
        parts = split(selection, "department", at=asked.at, parts=wanted)
        parts[None] = counts_of(selection, at=asked.at, parts=wanted)
        for key in asked.departments:
            parts.setdefault(key, Counts(asked.window))
        found |= {name: {key: READ[name](counts) for key, counts in parts.items()} for name in worked}
    if heard:
        whole = counts_of(Selection(asked.window, asked.sides["hearing"]), at=asked.at, parts=["heard"])
        found |= {name: {None: READ[name](whole)} for name in heard}
    return found | (_lying(asked) if lying else {})


def _lying(asked: Asked) -> dict[str, Figures]:
    rows = Assignment.objects.filter(metrics.UNRESOLVED, asked.answered("network")).order_by()
    counted = rows.values_list("department").annotate(
        every=Count("pk"), late=Count("pk", filter=metrics.overdue(asked.at))
    )
    read = asked.with_below({key: (every, late) for key, every, late in counted})
    return {
        name: {key: sum(row[place] for row in rows_of) for key, rows_of in read.items()}
        for place, name in enumerate(("backlog", "overdue"))
    }


def _standing(goal: Goal, figure: float | None, asked: Asked) -> Standing:
    metric = GOAL_METRICS[goal.metric]
    return Standing(
        goal,
        str(metrics.METRICS[goal.metric].label),
        figure,
        metric.said(figure),
        metric.needed(goal.target),
        metric.said(goal.began_at) if goal.began_at is not None else "",
        metric.is_reached(figure, goal.target),
        _come(goal, figure),
        _rows(goal, asked),
        way(goal, figure, asked.today),
    )


def _come(goal: Goal, figure: float | None) -> int:
    """How much of the way from where it began is done, in per cent; from nothing where nobody knows where it began."""
    if figure is None:
        return 0
    metric = GOAL_METRICS[goal.metric]
    if metric.is_reached(figure, goal.target):
        return 100
    began = goal.began_at
    if began is None or metric.is_reached(began, goal.target):
        began = 2 * goal.target if metric.at_most else 0.0
    way = goal.target - began
    return max(0, min(99, round(100 * (figure - began) / way))) if way else 0


def _rows(goal: Goal, asked: Asked) -> str:
    is_heard = not GOAL_METRICS[goal.metric].of_departments
    side = asked.sides["hearing" if is_heard else "answering"]
    return rows_url(goal.metric, Selection(asked.window, side, department=goal.department_id))
