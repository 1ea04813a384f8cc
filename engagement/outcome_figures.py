"""What came of what was said with saved replies: used, changed first, accepted, resolved, reopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from engagement.models import Reply

WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class Outcome:
    """Of the replies that came from one saved reply in the last 90 days, how many..."""

    used: int = 0
    edited: int = 0
    accepted: int = 0
    resolved: int = 0
    reopened: int = 0
    last_used_at: datetime | None = None


def outcomes_of(keys: Sequence[int], *, at: datetime) -> dict[int, Outcome]:
    """Count for some saved replies in one question."""
    rows = (
        Reply.objects.filter(saved_reply__in=keys, written_at__gt=at - WINDOW)
        .order_by()
        .values("saved_reply")
        .annotate(
            used=Count("pk"),
            edited=Count("pk", filter=Q(is_edited=True)),
            accepted=Count("pk", filter=Q(state="accepted")),
            resolved=Count("pk", filter=Q(state="accepted", assignment__state="resolved")),
            reopened=Count("pk", filter=Q(state="accepted", assignment__reopened_count__gt=0)),
            last_used_at=Max("written_at"),
        )
    )
    found = {
        row["saved_reply"]: Outcome(
            row["used"], row["edited"], row["accepted"], row["resolved"], row["reopened"], row["last_used_at"]
        )
        for row in rows
    }
    return {key: found.get(key, Outcome()) for key in keys}
