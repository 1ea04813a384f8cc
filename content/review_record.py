"""What reviews changed, by what a policy would be for: the reason to relax it, or not to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q
from django.db.models.functions import Extract

from content.models import Review, ReviewedVariant, ReviewPolicy

WINDOW = timedelta(days=90)
State = Review.State


@dataclass(frozen=True)
class Record:
    """How many reviews there were, how many changed something, how many were sent back, and how long they took."""

    reviews: int = 0
    changed: int = 0
    sent_back: int = 0
    # Without a review there is no time that one took.
    hours: float | None = None

    @property
    def share(self) -> int:
        """How many of a hundred reviews changed something."""
        return round(100 * self.changed / self.reviews) if self.reviews else 0

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept of it beside the policy that it justified."""
        return asdict(self)


def record_of(policy: ReviewPolicy, *, at: datetime) -> Record:
    """What reviews changed in the last 90 days in what a policy, written or not, is for."""
    return records_of([policy], at=at)[0]


def records_of(policies: Sequence[ReviewPolicy], *, at: datetime) -> list[Record]:
    """The record of each policy's scope in the last 90 days, in one question for all of them.

    One look of reviewers at one variant counts once. It changed something where the variant was changed during it, or
    came back as something else after it was sent back.
    """
    if not policies:
        return []
    later = ReviewedVariant.objects.filter(variant=OuterRef("variant"), pk__gt=OuterRef("pk"))
    other = later.exclude(digest=OuterRef("digest"))
    rows = ReviewedVariant.objects.ended_since(at - WINDOW).annotate(came_back=Exists(other))
    is_back = Q(state=State.SENT_BACK)
    is_changed = Q(state=State.CHANGED) | is_back & Q(came_back=True)
    asked: dict[str, Any] = {}
    for number, policy in enumerate(policies):
        scope = scope_of(policy)
        asked[f"reviews_{number}"] = Count("pk", filter=scope)
        asked[f"changed_{number}"] = Count("pk", filter=scope & is_changed)
        asked[f"sent_back_{number}"] = Count("pk", filter=scope & is_back)
        asked[f"took_{number}"] = Avg(Extract(F("ended_at") - F("asked_at"), "epoch"), filter=scope)
    found = rows.aggregate(**asked)
    return [
        Record(
            found[f"reviews_{number}"], found[f"changed_{number}"], found[f"sent_back_{number}"],
            _hours(found[f"took_{number}"]),
        )
        for number in range(len(policies))
    ]  # fmt: skip


def scope_of(policy: ReviewPolicy) -> Q:
    """What a policy is for, as a condition on variants that were reviewed; the base is for all of it."""
    scope = Q(pk__gt=0)
    if policy.kind:
        scope &= Q(variant__piece__kind=policy.kind)
    if policy.channel_id:
        scope &= Q(variant__channel=policy.channel_id)
    if policy.author_id:
        scope &= Q(variant__piece__author=policy.author_id)
    if policy.topic_id:
        scope &= Q(variant__piece__topic=policy.topic_id)
    return scope


def _hours(seconds: float | None) -> float | None:
    return round(seconds / 3600, 1) if seconds is not None else None
