"""The metrics by which goals can be set, in which direction, and how their figures are said and typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from measurement.metrics import METRICS
from measurement.pictures import duration, number, share

Kind = Literal["share", "seconds", "count"]


@dataclass(frozen=True)
class GoalMetric:
    """One of them: what is typed for it, and whether less is better; some are of the whole organization alone."""

    kind: Kind
    at_most: bool = False
    of_departments: bool = True

    def said(self, figure: float | None) -> str:
        """A figure as people say it."""
        if figure is None:
            return _("nothing to judge by")
        if self.kind == "share":
            return share(figure)
        return duration(figure) if self.kind == "seconds" else number(round(figure))

    def needed(self, target: float) -> str:
        """From which figure on the goal is reached."""
        bound = _("at most %(figure)s") if self.at_most else _("at least %(figure)s")
        return bound % {"figure": self.said(target)}

    def is_reached(self, figure: float | None, target: float) -> bool:
        """Whether the figure reaches the target; where there was nothing to judge by, it does not."""
        if figure is None:
            return False
        return figure <= target if self.at_most else figure >= target

    def taken(self, typed: float) -> float:
        """A target as it is typed (per cent, minutes, a number) in the unit of the metric."""
        return {"share": typed / 100, "seconds": typed * 60, "count": typed}[self.kind]

    def typed(self, target: float) -> float:
        """A target as people type it."""
        return round({"share": target * 100, "seconds": target / 60, "count": target}[self.kind], 2)


GOAL_METRICS: dict[str, GoalMetric] = {
    "targets_met": GoalMetric("share"),
    "answered": GoalMetric("share"),
    "first_response_median": GoalMetric("seconds", at_most=True),
    "first_response_p90": GoalMetric("seconds", at_most=True),
    "business_response_median": GoalMetric("seconds", at_most=True),
    "captured": GoalMetric("count", of_departments=False),
    "assigned": GoalMetric("count"),
    "backlog": GoalMetric("count", at_most=True),
    "overdue": GoalMetric("count", at_most=True),
}
CHOICES = [(key, METRICS[key].label) for key in GOAL_METRICS]
