"""Reads of positions that have a name."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.db.models import Q
from django.db.models.functions import Now

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from roles.models import Position  # noqa: F401


class PositionQuerySet(OwnedQuerySet["Position"]):
    """Positions of the active organization."""

    def in_force(self) -> Self:
        """Those that have not ended."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=Now()))

    def carrying(self, capability: str) -> Self:
        """Those whose role, built in or composed here, has the capability."""
        from roles.permissions import CAPABILITIES

        return self.filter(Q(role__in=CAPABILITIES[capability]) | Q(custom_role__capabilities__contains=[capability]))

    def responding(self) -> Self:
        """Those whose duty it is to answer: responders, and roles composed here whose holders may claim."""
        return self.filter(Q(role="responder") | Q(custom_role__capabilities__contains=["engagement.claim"]))

    def reaching(self, *department_ids: int) -> Self:
        """Those for the whole organization, for one of these departments, or for one that it lies below."""
        return self.filter(_reach(department_ids))


def _reach(department_ids: Collection[int]) -> Q:
    keys = list(department_ids)
    return Q(department=None) | Q(department__in=keys) | Q(department__below__overlap=keys)
