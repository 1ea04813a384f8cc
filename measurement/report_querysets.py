"""Reads of reports that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet


class ReportQuerySet(OwnedQuerySet[Any]):
    """Reports that are kept."""

    def kept(self) -> Self:
        """Those that were not dropped, by name."""
        return self.filter(dropped_at=None).order_by("name", "pk")

    def behind(self, key: int) -> Self:
        """Those that come after another in the order of names; all where there is none of this key."""
        last = self.model._default_manager.filter(pk=key).values_list("name", flat=True).first()
        return self.all() if last is None else self.filter(Q(name__gt=last) | Q(name=last, pk__gt=key))


class ReportReaderQuerySet(OwnedQuerySet[Any]):
    """Readers of reports."""

    def wanting(self) -> Self:
        """Those who want its mails."""
        return self.filter(wants_it=True)


class ReportAddressQuerySet(OwnedQuerySet[Any]):
    """Addresses at which anybody may read a report."""

    def open(self, at: datetime) -> Self:
        """Those that open something at a moment."""
        return self.filter(revoked_at=None, expires_at__gt=at, report__dropped_at=None)
