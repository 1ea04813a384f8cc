"""Evidence of having what we say seen by somebody else, within the time that was agreed."""

from __future__ import annotations

from django.db.models import Count, F, Q

from content.models import ReviewStep
from maturity.evidence.asked import Asked, Figures

QUARTER = 90
DECIDED = (ReviewStep.State.APPROVED, ReviewStep.State.SENT_BACK)


def reviewed_in_time(asked: Asked) -> Figures:
    """Share of the steps of reviews due in the last 90 days that were decided in the time that the policy gives."""
    rows = ReviewStep.objects.filter(due_at__gte=asked.since(QUARTER), due_at__lte=asked.at)
    in_time = Q(state__in=DECIDED, ended_at__lte=F("due_at"))
    counts = (
        rows.exclude(state=ReviewStep.State.WITHDRAWN)
        .order_by()
        .values_list("review__piece__department")
        .annotate(every=Count("pk"), kept=Count("pk", filter=in_time))
    )
    by_department = {key: (every, kept) for key, every, kept in counts}
    # What belongs to no department counts for the whole.
    whole = [by_department.pop(None, (0, 0)), *by_department.values()]
    found: dict[int | None, float | None] = {None: _share(whole)}
    for key, read in asked.with_below(by_department).items():
        if key is not None and read:
            found[key] = _share(read)
    return found


def _share(rows: list[tuple[int, int]]) -> float | None:
    every = sum(row[0] for row in rows)
    return sum(row[1] for row in rows) / every if every else None
