"""Where we stand, for programs."""

from __future__ import annotations

from rest_framework.routers import BaseRouter

from maturity.api.assessments import AssessmentViewSet, AttestationViewSet, PracticeViewSet
from maturity.api.budget import EffortViewSet, TimeBudgetViewSet
from maturity.api.cadence import CadenceViewSet
from maturity.api.drills import DrillViewSet
from maturity.api.duties import DutyViewSet
from maturity.api.experts import ExpertViewSet
from maturity.api.gaps import GapReportViewSet
from maturity.api.guidelines import GuidelineViewSet
from maturity.api.huddle import HuddleEntryViewSet
from maturity.api.levels import LevelViewSet
from maturity.api.openings import EarlyOpeningViewSet
from maturity.api.presences import PresenceViewSet
from maturity.api.staffing import StaffingViewSet
from maturity.api.strategy import CanvasViewSet, GoalViewSet
from maturity.api.surges import SurgePlanViewSet
from maturity.api.time import SpentTimeViewSet, TimeEntryViewSet
from maturity.api.training import TrainingPathViewSet, TrainingViewSet


def register(router: BaseRouter) -> None:
    """Add what maturity has to the API."""
    router.register("guidelines", GuidelineViewSet, basename="guideline")
    router.register("gap-reports", GapReportViewSet, basename="gap-report")
    router.register("canvases", CanvasViewSet, basename="canvas")
    router.register("goals", GoalViewSet, basename="goal")
    router.register("huddle-entries", HuddleEntryViewSet, basename="huddle-entry")
    router.register("presences", PresenceViewSet, basename="presence")
    router.register("experts", ExpertViewSet, basename="expert")
    router.register("duties", DutyViewSet, basename="duty")
    router.register("levels", LevelViewSet, basename="level")
    router.register("practices", PracticeViewSet, basename="practice")
    router.register("attestations", AttestationViewSet, basename="attestation")
    router.register("assessments", AssessmentViewSet, basename="assessment")
    router.register("early-openings", EarlyOpeningViewSet, basename="early-opening")
    router.register("time-budget", TimeBudgetViewSet, basename="time-budget")
    router.register("efforts", EffortViewSet, basename="effort")
    router.register("training-paths", TrainingPathViewSet, basename="training-path")
    router.register("trainings", TrainingViewSet, basename="training")
    router.register("drills", DrillViewSet, basename="drill")
    router.register("staffing", StaffingViewSet, basename="staffing")
    router.register("time", SpentTimeViewSet, basename="time")
    router.register("time-entries", TimeEntryViewSet, basename="time-entry")
    router.register("surge-plans", SurgePlanViewSet, basename="surge-plan")
    router.register("cadence", CadenceViewSet, basename="cadence")
