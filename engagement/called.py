"""What assignments and joinings are called now, for the audit log, which keeps no words of others."""

from __future__ import annotations

from collections.abc import Collection

from engagement.models import Assignment, Joining
from listening.naming import mentions


def assignments(keys: Collection[int]) -> dict[int, str]:
    """Assignments by what their posts say."""
    by_row = dict(Assignment.objects.filter(pk__in=keys).values_list("pk", "mention_id"))
    names = mentions(set(by_row.values()))
    return {key: names[mention] for key, mention in by_row.items() if mention in names}


def joinings(keys: Collection[int]) -> dict[int, str]:
    """Joinings by what the posts of their assignments say."""
    by_row = dict(Joining.objects.filter(pk__in=keys).values_list("pk", "assignment_id"))
    names = assignments(set(by_row.values()))
    return {key: names[assignment] for key, assignment in by_row.items() if assignment in names}
