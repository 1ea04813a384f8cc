"""Reads of attestations and assessments that have a name."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Assessment, Attestation  # noqa: F401


class AttestationQuerySet(OwnedQuerySet["Attestation"]):
    """What the active organization's coaches attest."""

    def standing(self, at: datetime, day: date) -> Self:
        """Those that stand at a moment, which lies on this day: not withdrawn and not lapsed; the newest first."""
        known = self.filter(attested_at__lte=at, lapses_on__gte=day).filter(
            Q(withdrawn_at=None) | Q(withdrawn_at__gt=at)
        )
        return known.select_related("attested_by__user").order_by("-pk")

    def of_practice(self, key: str) -> Self:
        """Everything that was attested of one practice, the newest first."""
        rows = self.filter(practice=key).order_by("-pk")
        return rows.select_related("department", "attested_by__user", "withdrawn_by__user")


class AssessmentQuerySet(OwnedQuerySet["Assessment"]):
    """What was judged when."""

    def of(self, department_id: int | None) -> Self:
        """Those of a department, or, without one, of the whole organization; the newest first."""
        return self.filter(department=department_id).select_related("department", "assessed_by__user").order_by("-pk")
