"""Where we stand, and how we take part."""

from maturity.models.assessments import Assessment, Attestation
from maturity.models.budget import BudgetedTime, Effort, Line
from maturity.models.cadence import CadenceSetting
from maturity.models.drills import Drill, DrillLine
from maturity.models.duties import DutyNote
from maturity.models.experts import Expert, ExpertTopic
from maturity.models.gaps import GapReport
from maturity.models.guidelines import GuidelineSection, GuidelineTopic, GuidelineVersion
from maturity.models.huddle import HuddleDigest, HuddleEntry, HuddleReader
from maturity.models.presences import Presence
from maturity.models.reading import Acknowledgement, GuidelineAddress, ReadingReminder
from maturity.models.strategy import Canvas, Goal, GoalFigure
from maturity.models.surges import SurgePart, SurgePlan
from maturity.models.time import LastSign, MeasuredTime, TimeEntry
from maturity.models.training import StepDone, Training, TrainingPath, TrainingStep
from roles.activities import Activity

__all__ = [
    "Acknowledgement",
    "Activity",
    "Assessment",
    "Attestation",
    "BudgetedTime",
    "CadenceSetting",
    "Canvas",
    "Drill",
    "DrillLine",
    "DutyNote",
    "Effort",
    "Expert",
    "ExpertTopic",
    "GapReport",
    "Goal",
    "GoalFigure",
    "GuidelineAddress",
    "GuidelineSection",
    "GuidelineTopic",
    "GuidelineVersion",
    "HuddleDigest",
    "HuddleEntry",
    "HuddleReader",
    "LastSign",
    "Line",
    "MeasuredTime",
    "Presence",
    "ReadingReminder",
    "StepDone",
    "SurgePart",
    "SurgePlan",
    "TimeEntry",
    "Training",
    "TrainingPath",
    "TrainingStep",
]
