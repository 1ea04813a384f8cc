"""How long one piece of work takes whoever does it: from the claim to the first answer, or to the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from django.db.models import Q

from engagement.models import Assignment
from measurement import metrics
from roles.business_hours import Calendars
from roles.clock import seconds_between
from roles.models import AuditEntry

SAMPLE = 500
FEWEST = 5
TRIMMED = 0.1


@dataclass(frozen=True)
class Handling:
    """How long one piece took, in minutes: the mean without the longest and shortest tenth, the median, and the time
    that nine of ten did not exceed."""

    minutes: float | None
    median: float | None
    sample: int
    p90: float | None = None


def handling(wanted: Q, *, at: datetime) -> Handling:
    """Measure the newest of some assignments, in business hours, snoozed time taken off."""
    rows = Assignment.objects.filter(wanted, metrics.HANDLED)
    sample = list(
        rows.order_by("-created_at").values_list("pk", "department", "claimed_at", "first_answered_at", "resolved_at")[
            :SAMPLE
        ]
    )
    slept = _snoozed([row[0] for row in sample])
    calendars = Calendars()
    took = []
    for pk, where, claimed_at, answered_at, resolved_at in sample:
        end = answered_at or resolved_at
        if end is None or claimed_at is None or end > at:
            continue
        hours = calendars.hours(calendars.of_department(where))
        took.append(seconds_between(claimed_at, end, hours=hours, pauses=slept.get(pk, [])) / 60)
    if len(took) < FEWEST:
        return Handling(None, None, len(took))
    took.sort()
    cut = int(len(took) * TRIMMED)
    kept = took[cut : len(took) - cut]
    p90 = quantiles(took, n=10, method="inclusive")[-1]
    return Handling(max(0.1, sum(kept) / len(kept)), median(took), len(took), p90)


def _snoozed(keys: Sequence[int]) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """When each of the assignments slept, as the audit log has it."""
    spans: defaultdict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    entries = AuditEntry.objects.filter(subject_kind="assignment", subject_id__in=keys, verb__in=("snooze", "wake"))
    for key, verb, at in entries.order_by("pk").values_list("subject_id", "verb", "at"):
        if key is None:
            continue
        open_ended = spans[key] and spans[key][-1][1] is None
        if verb == "snooze" and not open_ended:
            spans[key].append((at, None))
        elif verb == "wake" and open_ended:
            spans[key][-1] = (spans[key][-1][0], at)
    return dict(spans)
