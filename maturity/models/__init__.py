"""Where we stand, and how we take part."""

from maturity.models.assessments import Assessment, Attestation
from maturity.models.budget import Activity, BudgetedTime, Effort, Line
from maturity.models.guidelines import GuidelineSection, GuidelineTopic, GuidelineVersion

__all__ = [
    "Activity",
    "Assessment",
    "Attestation",
    "BudgetedTime",
    "Effort",
    "GuidelineSection",
    "GuidelineTopic",
    "GuidelineVersion",
    "Line",
]
