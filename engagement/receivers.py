"""News from listening and roles that engagement acts on, one call each; all inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from engagement.assigning import give_anew
from engagement.models import Assignment
from engagement.routing import assign_triaged, route
from engagement.taking_back import take_back
from listening.models import Mention
from listening.retention import hold
from listening.signals import mentions_captured, mentions_taken_back, mentions_triaged
from roles.models import Member
from roles.signals import availability_changed, member_left


@receiver(mentions_captured, dispatch_uid="engagement.route_captured")
def route_captured(sender: Any, *, mentions: Sequence[Mention], at: datetime, **_later: object) -> None:
    """Route what was captured."""
    route(mentions, at=at)


@receiver(mentions_triaged, dispatch_uid="engagement.assign_by_hand")
def assign_by_hand(
    sender: Any, *, mentions: Sequence[Mention], at: datetime, by: Member | None = None, **_later: object
) -> None:
    """Give out what a gatherer sent to a department."""
    assign_triaged(mentions, by=by, at=at)


@receiver(mentions_taken_back, dispatch_uid="engagement.take_back")
def clear_away(sender: Any, *, mentions: Sequence[Mention], at: datetime, **_later: object) -> set[int]:
    """Clear away assignments that nobody has begun; returns the mentions of the others."""
    return take_back(mentions, at=at)


@receiver(availability_changed, dispatch_uid="engagement.give_work_anew")
def give_work_anew(sender: Any, *, member: Member, at: datetime, **_later: object) -> None:
    """Give others what the member will not do, and the member what waits."""
    give_anew(member, at=at)


@receiver(member_left, dispatch_uid="engagement.nothing_stays")
def nothing_stays(sender: Any, *, member: Member, at: datetime, **_later: object) -> None:
    """Give others everything that the member had."""
    give_anew(member, at=at)


@hold
def unresolved(mentions: QuerySet[Mention]) -> QuerySet[Mention]:
    """Those that somebody still works on."""
    return mentions.filter(assignments__in=Assignment.objects.unresolved())
