"""What each level opens, and whether it is open somewhere: the one rule that pages, programs and workers ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q

from roles.models.organization import Department, Level
from roles.tenancy import active_organization

if TYPE_CHECKING:
    from roles.models import Member

# What a level opens; everything that is not named is open from the first.
OPENED_BY: dict[str, Level] = {
    "engagement.assign": Level.RESPONSIVE,
    "engagement.claim": Level.RESPONSIVE,
    "engagement.reply": Level.RESPONSIVE,
    "engagement.manage_targets": Level.RESPONSIVE,
    "engagement.join": Level.ENGAGING,
    "engagement.start": Level.ENGAGING,
    "content.plan": Level.CREATING,
}
# What cannot be done without something else opens that with it, where a coach opens it early.
BRINGS: dict[str, frozenset[str]] = {
    "engagement.reply": frozenset({"engagement.assign", "engagement.claim"}),
    "engagement.claim": frozenset({"engagement.assign"}),
    "engagement.assign": frozenset({"engagement.claim"}),
    "engagement.join": frozenset({"engagement.reply"}),
}
# Whether mentions become assignments at all, by whatever way they come.
ASSIGNMENTS = "engagement.assign"


def level_of(department: Department | None) -> Level:
    """The level that counts in a department, or, with none named, for the whole organization."""
    return department.effective_level if department else Level(active_organization().level)


def needed_for(capability: str) -> Level:
    """The level that opens a capability."""
    return OPENED_BY.get(capability, Level.PASSIVE)


def opening(capability: str) -> frozenset[str]:
    """The capabilities of which each opens this one where it is opened early: itself, and what cannot be without it."""
    return frozenset({capability, *(name for name, brought in BRINGS.items() if capability in brought)})


def is_open(capability: str, department: Department | None) -> bool:
    """Whether the level of a department, or of the whole, has opened it, or a coach before its level."""
    from roles.models import EarlyOpening

    if level_of(department).rank >= needed_for(capability).rank:
        return True
    return EarlyOpening.objects.reaching(capability, department).exists()


def is_open_for(member: Member, capability: str) -> bool:
    """Whether it is open in one of the departments in which the member may do it, whatever holds for the whole."""
    from roles.models import EarlyOpening

    needed = needed_for(capability)
    holding = {key for row in member.held_positions if row.carries(capability) for key in row.reach}
    mine = Department.objects.all()
    if None not in holding:
        mine = mine.filter(pk__in=[key for key in holding if key])
    early = EarlyOpening.objects.in_force().opening(capability)
    higher = [level for level in Level if level.rank >= needed.rank]
    return mine.filter(Q(level__in=higher) | Q(pk__in=early.values("department"))).exists()


def closed_among(capability: str, departments: Iterable[Department]) -> frozenset[int]:
    """The keys of those departments in which it is not open; nothing is asked where every level has opened it."""
    from roles.models import EarlyOpening

    below = [row for row in departments if row.effective_level.rank < needed_for(capability).rank]
    if not below:
        return frozenset()
    early = set(EarlyOpening.objects.in_force().opening(capability).values_list("department_id", flat=True))
    return frozenset(row.pk for row in below if row.pk not in early and (row.level or None not in early))
