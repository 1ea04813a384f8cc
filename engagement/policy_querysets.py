"""Reads of the assignment policy that have a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import AssignmentPolicy


class AssignmentPolicyQuerySet(OwnedQuerySet["AssignmentPolicy"]):
    """The active organization's policy."""

    def current(self) -> AssignmentPolicy:
        """The policy as it stands, or, where nobody has set one, the usual."""
        return self.first() or self.model()


def known_to(author_ids: Iterable[int], *, since: datetime) -> dict[int, int]:
    """Who of us spoke last with each of these authors, and not before a moment."""
    from engagement.models import Contact

    rows = Contact.objects.filter(author__in=list(author_ids), last_at__gte=since, member__isnull=False)
    found: dict[int, int] = dict(rows.values_list("author_id", "member_id"))
    return found
