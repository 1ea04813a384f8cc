"""Who gets what would have gone to somebody who is away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from roles.models import Member


class StandIn(NamedTuple):
    """Who stands in, and for whom."""

    member_id: int
    instead_of: str


def stand_ins(keys: Collection[int], *, at: datetime) -> dict[int, StandIn]:
    """Return who stands in for those of these members who are away and named somebody; a statement at most."""
    if not keys:
        return {}
    rows = Member.objects.filter(pk__in=keys, is_away=True, stand_in__is_active=True).select_related("user")
    return {
        row.pk: StandIn(row.stand_in_id, str(row))
        for row in rows
        if row.stand_in_id is not None and not row.is_available(at)
    }
