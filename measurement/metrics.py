"""What each figure means, said once: roll-ups, lists, pages, CSV, the API, goals and evidence use these definitions.

What counts rows is a condition (`Q`), so the rows behind a figure are found by the very condition that counted them.
What divides is a function, so that a share has one denominator everywhere. `METRICS` says all of it in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Q

from engagement.models.joinings import ASKED_FOR
from measurement.answering_metrics import ANSWERING
from measurement.hearing_metrics import HEARING
from measurement.metric import GROUPS, Metric, Text
from measurement.publishing_metrics import PUBLISHING
from measurement.spending_metrics import SPENDING

# Conditions on assignments. A reopened assignment keeps its first answer; a second answer changes nothing.
ANSWERED = Q(first_answered_at__isnull=False)
# Answers that came before business hours were counted have no time in them.
TIMED = Q(answered_in_seconds__isnull=False)
IN_TIME = Q(first_answered_at__lte=F("first_due_at")) | ANSWERED & Q(first_due_at=None)
LATE = Q(first_answered_at__gt=F("first_due_at"))
UNRESOLVED = ~Q(state="resolved")
RESOLVED = Q(state="resolved")
UNANSWERED = RESOLVED & Q(first_answered_at=None)
REOPENED = Q(reopened_count__gt=0)
# Whose work has a length: from a claim to the answer or the end that came after it.
HANDLED = Q(first_answered_at__gte=F("claimed_at")) | Q(first_answered_at=None, resolved_at__gte=F("claimed_at"))
# What the roll-ups count of the assignments made in an hour: a column each, called as it is here.
COUNTED = {
    "answered": ANSWERED, "in_time": IN_TIME, "resolved": RESOLVED, "unanswered": UNANSWERED, "reopened": REOPENED,
}  # fmt: skip

# Conditions on mentions. What a new source brought along from long before its first poll is not counted as said today.
NEWS = Q(is_old=False)
NEGATIVE, NEUTRAL, POSITIVE = Q(sentiment=-1), Q(sentiment=0), Q(sentiment=1)

# Conditions on stories: told at least twice, and part of no other.
TOLD = Q(size__gte=2, merged_into=None)

# Conditions on promises that were kept, on replies and on approvals.
KEPT_IN_TIME = Q(kept_at__lte=F("due_at"))
SENT = Q(state="accepted")
IN_TROUBLE = Q(state__in=["refused", "unknown"])
OUTCOME_UNKNOWN = Q(state="unknown")
BY_PROGRAM = Q(is_automatic=True)
DECIDED = Q(state__in=["approved", "sent_back"])
APPROVED = Q(state="approved")

# Conditions on publications: a network has them, and their pieces are about ourselves.
PUBLISHED = Q(state="accepted", accepted_at__isnull=False)
ABOUT_OURSELVES = Q(variant__piece__step__in=ASKED_FOR)

METRICS: dict[str, Metric] = {**HEARING, **ANSWERING, **PUBLISHING, **SPENDING}


def define(metrics: Mapping[str, Metric]) -> None:
    """Add metrics of an app above, which reads them itself; see `measurement.measuring`."""
    METRICS.update(metrics)


def in_groups() -> dict[Text, dict[str, Metric]]:
    """All metrics, under the questions that they answer."""
    return {
        label: {key: metric for key, metric in METRICS.items() if metric.group == group}
        for group, label in GROUPS.items()
    }


def overdue(at: datetime) -> Q:
    """Unresolved, without an answer, and past the first response that was promised; put away until later or not."""
    passed = Q(paused_at=None, first_due_at__lt=at) | Q(first_due_at__lt=F("paused_at"))
    return UNRESOLVED & passed & Q(first_answered_at=None, first_due_at__lt=at)


def lying_at(moment: datetime) -> Q:
    """Made before a moment and not resolved then; what was taken up again after it had been, counts all the while."""
    return Q(created_at__lt=moment) & (Q(resolved_at=None) | Q(resolved_at__gte=moment))


def target_missed(at: datetime) -> Q:
    """Answered after the response target, or not answered though it has passed."""
    return LATE | overdue(at)


def ratio(part: float, whole: float) -> float | None:
    """A share; None where there is nothing of which it would be one."""
    return part / whole if whole else None


def share_in_time(in_time: int, answered: int, overdue_now: int) -> float | None:
    """Response targets met, of those that were met or missed."""
    return ratio(in_time, answered + overdue_now)


def net_sentiment(positive: int, negative: int, judged: int) -> float | None:
    """Positive without negative, of what was judged, from -1 to 1."""
    return ratio(positive - negative, judged)
