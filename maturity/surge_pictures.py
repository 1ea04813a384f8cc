"""Surge plans on a time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maturity.models import SurgePlan

WIDTH = 1000
# What ended longer ago is found in the list; a line of years would show nothing of today.
LATELY = timedelta(weeks=12)


@dataclass(frozen=True)
class Stretch:
    """A plan on the line: where it begins and how wide it is."""

    plan: SurgePlan
    begins_at: datetime
    ends_at: datetime
    x: float
    width: float


@dataclass(frozen=True)
class Timeline:
    """Plans with times, the earliest first, and where now is."""

    now: float
    stretches: Sequence[Stretch]


def timeline(plans: Sequence[SurgePlan], *, at: datetime) -> Timeline | None:
    """Lay those plans that have times, and did not end long ago, on one line around the present; None without any."""
    spans = []
    for plan in plans:
        begins = plan.on_at or plan.starts_at
        ends = plan.off_at or plan.ends_at or (at if plan.is_on else None)
        if begins is None or ends is None or plan.state == SurgePlan.State.DROPPED:
            continue
        if begins < ends and ends >= at - LATELY:
            spans.append((begins, ends, plan))
    if not spans:
        return None
    first, last = min(at, *(span[0] for span in spans)), max(at, *(span[1] for span in spans))
    margin = max((last - first) / 20, timedelta(hours=1))
    first, last = first - margin, last + margin

    def place(moment: datetime) -> float:
        return round(WIDTH * ((moment - first) / (last - first)), 1)

    stretches = [
        Stretch(plan, begins, ends, place(begins), max(4.0, round(place(ends) - place(begins), 1)))
        for begins, ends, plan in sorted(spans, key=lambda span: (span[0], span[2].pk))
    ]
    return Timeline(place(at), stretches)
