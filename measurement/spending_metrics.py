"""What is measured of what it costs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from measurement.metric import COST, Metric

_STATED = _("Only where somebody stated what an hour costs, for each day on which hours were spent.")

SPENDING: dict[str, Metric] = {
    "cost": Metric(
        _("Cost of the hours"), "money", _("money"), COST,
        formula=_("sum of hours × what an hour cost on that day"),
        counts=_("Hours spent on these days, at the cost of an hour that was stated for the day."),
        exclusions=_STATED,
        source="Assumption, MeasuredTime, TimeEntry",
        better=-1,
    ),
    "cost_per_answer": Metric(
        _("Cost of an answer"), "money", _("money"), COST,
        formula=_("cost of the hours ÷ answered assignments"),
        counts=_("All hours of these days over the assignments made on these days that were answered: listening and"
                 " measuring are in it, too."),
        denominator=_("Assignments made on these days that were answered."),
        exclusions=_STATED,
        source="Assumption, MeasuredTime, TimeEntry, Assignment.first_answered_at",
        better=-1,
    ),
}  # fmt: skip
