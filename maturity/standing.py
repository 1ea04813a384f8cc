"""Where each goal stands: the figures of the last four weeks, of the whole and of each department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.urls import reverse

from engagement.models import Assignment
from maturity.evidence.asked import Asked, Figures
from maturity.goal_metrics import GOAL_METRICS
from maturity.goal_pictures import Way, way
from maturity.models import Goal
from measurement import metrics, pictures
from measurement.figures import ADDED
from measurement.histogram import added, percentile
from measurement.models import DailyMentions, HourlyResponses

# Of which histogram, and at which share.
PERCENTILES = {
    "first_response_median": ("first_response", 0.5),
    "first_response_p90": ("first_response", 0.9),
    "business_response_median": ("business_response", 0.5),
}
# What is counted as it lies there now, whenever it was made.
NOW = {"backlog": "unresolved", "overdue": "overdue"}
Counts = dict[int, dict[str, int]]


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
    """The figures of some metrics, by department; None is the whole organization."""
    names = set(wanted)
    found: dict[str, Figures] = {}
    if names & {"targets_met", "answered", "assigned"}:
        found |= _answers(asked)
    if names & set(NOW):
        found |= _lying(asked)
    if "captured" in names:
        rows = DailyMentions.objects.filter(
            asked.heard("network"), query_id=0, day__gte=asked.window.first, day__lte=asked.window.last
        )
        found["captured"] = {None: rows.aggregate(count=Sum("captured", default=0))["count"]}
    for column in {PERCENTILES[name][0] for name in names & set(PERCENTILES)}:
        found |= _percentiles(column, asked)
    return found


def _responses(asked: Asked) -> Any:
    window = asked.window
    rows = HourlyResponses.objects.filter(asked.answered("network"), hour__gte=window.start, hour__lt=window.end)
    return rows.order_by()


def _answers(asked: Asked) -> dict[str, Figures]:
    counts: Counts = defaultdict(lambda: defaultdict(int))
    for row in (
        _responses(asked).values("department_id").annotate(**{f"all_{name}": Sum(name, default=0) for name in ADDED})
    ):
        for name in ADDED:
            counts[row["department_id"]][name] += row[f"all_{name}"]
    made = Q(created_at__gte=asked.window.start, created_at__lt=asked.window.end)
    late = Assignment.objects.filter(made, metrics.overdue(asked.at), asked.answered("mention__network")).order_by()
    for key, count in late.values_list("department").annotate(Count("pk")):
        counts[key]["overdue"] += count
    sums = {
        key: {name: sum(row[name] for row in read) for name in (*ADDED, "overdue")}
        for key, read in asked.with_below(counts).items()
    }
    return {
        "assigned": {key: row["assigned"] for key, row in sums.items()},
        "answered": {key: _ratio(row["answered"], row["assigned"]) for key, row in sums.items()},
        "targets_met": {key: _ratio(row["in_time"], row["answered"] + row["overdue"]) for key, row in sums.items()},
    }


def _lying(asked: Asked) -> dict[str, Figures]:
    rows = Assignment.objects.filter(metrics.UNRESOLVED, asked.answered("mention__network")).order_by()
    counted = rows.values_list("department").annotate(
        every=Count("pk"), late=Count("pk", filter=metrics.overdue(asked.at))
    )
    read = asked.with_below({key: (every, late) for key, every, late in counted})
    return {
        name: {key: sum(row[place] for row in rows_of) for key, rows_of in read.items()}
        for place, name in enumerate(("backlog", "overdue"))
    }


def _percentiles(column: str, asked: Asked) -> dict[str, Figures]:
    by_department: defaultdict[int, list[list[int]]] = defaultdict(list)
    for key, histogram in _responses(asked).values_list("department", column):
        by_department[key].append(histogram)
    own = {key: added(histograms) for key, histograms in by_department.items()}
    whole = {key: added(histograms) for key, histograms in asked.with_below(own).items()}
    return {
        name: {key: percentile(histogram, share) for key, histogram in whole.items()}
        for name, (one, share) in PERCENTILES.items()
        if one == column
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


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
    filters: dict[str, object] = {"department": goal.department_id} if goal.department_id else {}
    if goal.metric in NOW:
        said = {"of": asked.sides["answering"], "state": NOW[goal.metric], **filters}
        return f"{reverse('measurement:assignments')}?{urlencode(said)}"
    if goal.metric == "captured":
        return pictures.mentions_url(asked.window, asked.sides["hearing"])
    if goal.metric == "targets_met":
        filters["target"] = "met"
    elif goal.metric != "assigned":
        filters["answered"] = "yes"
    return pictures.assignments_url(asked.window, asked.sides["answering"], **filters)
