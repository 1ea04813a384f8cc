"""Reads of gap reports that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import GapReport  # noqa: F401

OPEN_GAPS = "SELECT 1 FROM maturity_gapreport WHERE organization_id = %(organization)s AND closed_at IS NULL"
ANY_GAPS = "SELECT 1 FROM maturity_gapreport WHERE organization_id = %(organization)s"


class GapReportQuerySet(OwnedQuerySet["GapReport"]):
    """Places of the active organization where the guidelines gave no answer."""

    def open(self) -> Self:
        """Those that no coach has closed, the oldest first."""
        return self.filter(closed_at=None).order_by("pk")

    def closed(self) -> Self:
        """Those that a coach has closed, the newest first."""
        return self.exclude(closed_at=None).order_by("-pk")

    def with_everything(self) -> Self:
        """With people, the mention and what closed it."""
        return self.select_related(
            "reported_by__user", "closed_by__user", "version", "mention__post__author", "mention__topic"
        )
