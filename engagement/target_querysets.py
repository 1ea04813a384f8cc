"""Reads of response targets, promises and their events that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Promise, ResponseTarget, TargetEvent  # noqa: F401
    from roles.models import Member


class ResponseTargetQuerySet(OwnedQuerySet["ResponseTarget"]):
    """Response targets of the active organization."""

    def applying_by_themselves(self) -> Self:
        """Those that apply where no routing rule names a target."""
        return self.filter(is_default=True)


class PromiseQuerySet(OwnedQuerySet["Promise"]):
    """What response targets promise of the active organization's assignments."""

    def running(self) -> Self:
        """Neither kept nor at their end."""
        return self.filter(kept_at=None, ended_at=None)


class TargetEventQuerySet(OwnedQuerySet["TargetEvent"]):
    """Warnings and misses of the active organization."""

    def visible_to(self, member: Member) -> Self:
        """Those of the departments in which the member holds a position, and the member's own."""
        departments = {position.department_id for position in member.held_positions}
        if None in departments:
            return self
        return self.filter(Q(department__in=departments) | Q(member=member))

    def with_everything(self) -> Self:
        """With assignment, post, author, department and member read along."""
        return self.select_related(
            "promise", "assignment__mention__post__author", "department", "member__user", "assignment__department"
        )
