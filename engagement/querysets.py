"""Reads of engagement that have a name; the only place of the app for raw SQL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Assignment, Reply  # noqa: F401
    from roles.models import Member


class AssignmentQuerySet(OwnedQuerySet["Assignment"]):
    """Assignments of the active organization."""

    def unresolved(self) -> Self:
        """Everything that still has to be done, snoozed or not."""
        return self.exclude(state="resolved")

    def waiting(self) -> Self:
        """What waits for somebody now."""
        return self.filter(state__in=["open", "claimed"])

    def of(self, member: Member) -> Self:
        """Given to the member."""
        return self.filter(member=member)

    def left_over(self) -> Self:
        """Waiting with nobody to do it."""
        return self.filter(state="open", member=None)

    def overdue(self, at: datetime) -> Self:
        """Unanswered past the response target."""
        return self.waiting().filter(first_answered_at=None, due_at__lt=at)

    def most_urgent_first(self) -> Self:
        """By priority, then by response target."""
        return self.order_by("priority", "due_at", "pk")

    def with_mentions(self) -> Self:
        """With mention, post, author, department and member read along."""
        return self.select_related(
            "mention__post__author", "mention__source", "mention__channel", "department", "member__user", "rule"
        )


class ReplyQuerySet(OwnedQuerySet["Reply"]):
    """Replies of the active organization."""

    def under_way(self) -> Self:
        """Not yet at an end: nobody may send another to the same assignment meanwhile."""
        return self.filter(state__in=["ready", "sending", "unknown"])

    def in_trouble(self) -> Self:
        """Refused or of unknown outcome: somebody must look."""
        return self.filter(state__in=["refused", "unknown"])
