"""Reads of trainings that have a name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Training  # noqa: F401
    from roles.models import Member


class TrainingQuerySet(OwnedQuerySet["Training"]):
    """Trainings of the active organization."""

    def running(self) -> Self:
        """Those that are neither finished nor at their end."""
        return self.filter(finished_at=None, ended_at=None)

    def of(self, member: Member) -> Self:
        """Those of one person."""
        return self.filter(member=member)

    def keeping_from_replying(self, day: date) -> Self:
        """Those of newcomers, and those that were let lapse, on paths that hold replies."""
        return self.running().filter(Q(round=1) | Q(due_on__lt=day), holds_replies=True)

    def with_steps(self) -> Self:
        """With path, person, the path's steps, and what is done."""
        rows = self.select_related("path__custom_role", "path__department", "member__user")
        return rows.prefetch_related("path__steps__section", "done__confirmed_by__user", "done__drill")
