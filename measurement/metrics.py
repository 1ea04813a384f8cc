"""What each figure means, said once: roll-ups, lists, the page, CSV and the API all use these definitions.

A metric is a condition on rows (`Q`), so the rows behind a figure are found by the very condition that counted them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Conditions on assignments. A reopened assignment keeps its first answer; a second answer changes nothing.
ANSWERED = Q(first_answered_at__isnull=False)
# Answers that came before business hours were counted have no time in them.
TIMED = Q(answered_in_seconds__isnull=False)
IN_TIME = Q(first_answered_at__lte=F("first_due_at")) | ANSWERED & Q(first_due_at=None)
LATE = Q(first_answered_at__gt=F("first_due_at"))
UNRESOLVED = ~Q(state="resolved")
RESOLVED = Q(state="resolved")
# What the roll-ups count of the assignments made in an hour: a column each, called as it is here.
COUNTED = {"answered": ANSWERED, "in_time": IN_TIME, "resolved": RESOLVED}


def overdue(at: datetime) -> Q:
    """Unresolved, without an answer, and past the first response that was promised; put away until later or not."""
    passed = Q(paused_at=None, first_due_at__lt=at) | Q(first_due_at__lt=F("paused_at"))
    return UNRESOLVED & passed & Q(first_answered_at=None, first_due_at__lt=at)


def target_missed(at: datetime) -> Q:
    """Answered after the response target, or not answered though it has passed."""
    return LATE | overdue(at)


@dataclass(frozen=True)
class Metric:
    """A measured figure: its name, its unit, what it counts, and from which rows."""

    label: str | Promise
    unit: str
    counts: str | Promise
    source: str


METRICS: dict[str, Metric] = {
    "captured": Metric(
        _("Mentions"),
        "mentions",
        _("Mentions captured on these days, each once; without what a new source brought along from long before."),
        "Mention.captured_at",
    ),
    "captured_by_query": Metric(
        _("Mentions by query"),
        "mentions",
        _("Mentions captured on these days, once for each query that matched; so the rows can add up to more."),
        "MentionMatch, Mention.captured_at",
    ),
    "assigned": Metric(_("Assignments"), "assignments", _("Assignments made on these days."), "Assignment.created_at"),
    "answered": Metric(
        _("Share answered"),
        "share",
        _("Of the assignments made on these days, those that have had a first answer by now."),
        "Assignment.first_answered_at",
    ),
    "first_response_median": Metric(
        _("First response, median"),
        "seconds",
        _(
            "Half of the answered assignments made on these days were answered within this time of the capture of the"
            " mention, nights and weekends included. At most 5 % off."
        ),
        "Mention.captured_at, Assignment.first_answered_at",
    ),
    "first_response_p90": Metric(
        _("First response, 90th percentile"),
        "seconds",
        _(
            "Nine of ten answered assignments made on these days were answered within this time of the capture of the"
            " mention. At most 5 % off."
        ),
        "Mention.captured_at, Assignment.first_answered_at",
    ),
    "business_response_median": Metric(
        _("First response in business hours"),
        "seconds",
        _(
            "Half of the answered assignments made on these days were answered within this time of the capture of the"
            " mention, counting only the business hours of their department. At most 5 % off."
        ),
        "Assignment.answered_in_seconds",
    ),
    "targets_met": Metric(
        _("Targets met"),
        "share",
        _(
            "Of the assignments made on these days that were answered or are overdue, those answered by the response"
            " target. What was resolved without an answer does not count; an answer that nobody promised is in time."
        ),
        "Assignment.first_answered_at, Assignment.first_due_at",
    ),
    "backlog": Metric(
        _("Backlog now"), "assignments", _("Assignments that are not resolved now, whenever made."), "Assignment.state"
    ),
    "overdue": Metric(
        _("Overdue now"),
        "assignments",
        _("Assignments that are not resolved, have had no answer, and whose response target has passed."),
        "Assignment.first_due_at",
    ),
}
