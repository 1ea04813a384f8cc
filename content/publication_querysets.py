"""Reads of publications that have a name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q

from roles.models import Member
from roles.tenancy import OwnedQuerySet


class PublicationQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Publications of the active organization."""

    def under_way(self) -> Self:
        """Those that may still go out, or may have gone out without our knowing."""
        from content.models.publications import UNDER_WAY

        return self.filter(state__in=UNDER_WAY)

    def before_a_person(self) -> Self:
        """Those about which a person must say how they go on."""
        return self.filter(put_before_person_at__isnull=False)

    def not_begun(self) -> Self:
        """Those whose turn has not come yet, or that were put off."""
        return self.filter(state__in=("waiting", "held", "ready"))

    def too_late(self, at: datetime) -> Self:
        """Those that are late by more than their grace."""
        grace = ExpressionWrapper(F("grace_minutes") * timedelta(minutes=1), output_field=DurationField())
        until = ExpressionWrapper(F("due_at") + grace, output_field=DateTimeField())
        return self.alias(until=until).filter(due_at__lt=at, until__lt=at)

    def within_reach_of(self, member: Member) -> Self:
        """Those of the departments in which a member holds a position, those of no department, and their own."""
        departments = member.reach
        if None in departments:
            return self
        inside = Q(variant__piece__department__in=departments) | Q(variant__piece__department=None)
        return self.filter(inside | Q(planned_by=member) | Q(owner=member))

    def between(self, begins: datetime, ends: datetime) -> Self:
        """Those due from one moment until before another."""
        return self.filter(due_at__gte=begins, due_at__lt=ends)

    def on_calendar(self) -> Self:
        """Leave out what was taken off the plan."""
        return self.exclude(state="cancelled")

    def with_everything(self) -> Self:
        """Bring along what a page shows of each."""
        return self.select_related(
            "channel", "planned_by__user", "owner__user", "variant__piece__author__user", "variant__piece__department",
            "variant__piece__campaign", "variant__piece__topic", "variant__channel",
        )  # fmt: skip
