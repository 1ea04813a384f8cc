"""Evidence of having read the guidelines."""

from __future__ import annotations

from collections import defaultdict

from maturity.evidence.asked import Asked, Figures
from maturity.models import Acknowledgement, GuidelineSection
from roles.models import Position


def guidelines_read(asked: Asked) -> Figures:
    """Share of those who are asked that have said yes to everything the guidelines say now; small changes aside."""
    sections = set(GuidelineSection.objects.in_force().filter(created_at__lte=asked.at).values_list("pk", flat=True))
    said: defaultdict[int, set[int]] = defaultdict(set)
    rows = Acknowledgement.objects.that_count().filter(acknowledged_at__lte=asked.at)
    for member, section in rows.values_list("member", "version__section"):
        said[member].add(section)
    held: defaultdict[int | None, set[int]] = defaultdict(set)
    positions = Position.objects.in_force().carrying("maturity.acknowledge").filter(member__is_active=True)
    for position in positions.select_related("department"):
        for department in position.reach:
            held[department].add(position.member_id)
    everywhere = held.pop(None, set())

    def share(people: set[int]) -> float | None:
        if not sections or not people:
            return None
        return sum(sections <= said[member] for member in people) / len(people)

    found: dict[int | None, float | None] = {key: share(held.get(key, set()) | everywhere) for key in asked.departments}
    return found | {None: share(everywhere.union(*held.values()))}
