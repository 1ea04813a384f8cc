"""What a metric should be: how a target is typed, said and judged, for goals and KPIs alike."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from measurement.metric import Metric
from measurement.metrics import METRICS
from measurement.saying import said

# What one types is a number of these: per cent of one, minutes of seconds.
PER_CENT, MINUTE = 100, 60


@dataclass(frozen=True)
class Aim:
    """A metric of which somebody says what it should be."""

    key: str

    @property
    def metric(self) -> Metric:
        """What measurement says of it."""
        return METRICS[self.key]

    @property
    def kind(self) -> str:
        """What is typed for it."""
        return self.metric.kind

    @property
    def at_most(self) -> bool:
        """Whether less is better."""
        return self.metric.better < 0

    @property
    def of_departments(self) -> bool:
        """Whether it is told of one department, too."""
        return self.metric.of_departments

    def said(self, figure: float | None, *, currency: str = "") -> str:
        """A figure as people say it."""
        if figure is None:
            return _("nothing to judge by")
        return said(self.metric.kind, round(figure) if self.kind == "count" else figure, currency=currency)

    def needed(self, target: float, *, currency: str = "") -> str:
        """From which figure on the goal is reached."""
        bound = _("at most %(figure)s") if self.at_most else _("at least %(figure)s")
        return bound % {"figure": self.said(target, currency=currency)}

    def is_reached(self, figure: float | None, target: float) -> bool:
        """Whether the figure reaches the target; where there was nothing to judge by, it does not."""
        if figure is None:
            return False
        return figure <= target if self.at_most else figure >= target

    def taken(self, typed: float) -> float:
        """A target as it is typed (per cent, minutes, a number) in the unit of the metric."""
        if self.kind in {"share", "balance"}:
            return typed / PER_CENT
        return typed * MINUTE if self.kind == "seconds" else typed

    def typed(self, target: float) -> float:
        """A target as people type it."""
        if self.kind in {"share", "balance"}:
            return round(target * PER_CENT, 2)
        return round(target / MINUTE if self.kind == "seconds" else target, 2)
