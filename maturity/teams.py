"""Whose time is a department's, who sees whose, and which totals are of so many that they are nobody's own."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, QuerySet

from roles.models import Department, Member, Position
from roles.statements import Statement

# Of fewer people no total is shown to those who do not coach them: it would be somebody's own time.
FEWEST_PEOPLE = 3


def only_in(department: Department) -> QuerySet[Member]:
    """Those whose positions all lie in a department or below it: their time is its time, and nobody else's is."""
    held = Position.objects.filter(member=OuterRef("pk"))
    keys = department.with_below
    return Member.objects.filter(Exists(held.filter(department__in=keys))).exclude(
        Exists(held.exclude(department__in=keys))
    )


def coached_by(member: Member) -> QuerySet[Member]:
    """Those whose time a member sees: the people of the departments where their role lets them, or everybody."""
    where = _coaches(member)
    people = Member.objects.active().select_related("user").by_name()
    if None in where:
        return people
    return people.filter(Exists(Position.objects.filter(member=OuterRef("pk"), department__in=where)))


def _coaches(member: Member) -> set[int | None]:
    return {key for row in member.held_positions if row.carries("maturity.read_time") for key in row.reach}


def may_see_total(member: Member, department: Department | None) -> bool:
    """Whether a total tells nothing of one person, or tells it to somebody who coaches them."""
    return is_nobodys_own(department) or coaches_all(member, department)


def coaches_all(member: Member, department: Department | None) -> bool:
    """Whether a member coaches everybody whose time is that of a department, or everybody."""
    if department is None and not _coaches(member):
        # Among all people is at least whoever looks.
        return False
    people = Member.objects.active()
    if department is not None:
        people = people.filter(pk__in=only_in(department).values("pk"))
    return not people.exclude(pk__in=coached_by(member).order_by().values("pk")).exists()


def is_nobodys_own(department: Department | None) -> bool:
    """Whether the total of a department, or of everybody, may be shown to all who read totals."""
    return (department.pk if department else None) in _shown_to_all()


def _shown_to_all() -> set[int | None]:
    """The departments, None being everybody, whose totals are of enough people; the wider before the narrower.

    What is left of a total when others that are shown are taken off it must be of enough people too, or of nobody.
    """
    reach: dict[int, set[int]] = {key: {key, *below} for key, below in _BELOW.rows()}
    people = _people(reach)
    below: dict[int | None, set[int]] = {None: set(reach), **{key: keys - {key} for key, keys in reach.items()}}
    shown: set[int | None] = set()
    for key in (None, *sorted(reach, key=lambda one: (-len(reach[one]), one))):
        told = shown | {key}
        left = [
            people[wide].difference(*(people[one] for one in told if one in below[wide]))
            for wide in told
            if wide == key or key in below[wide]
        ]
        if all(not rest or len(rest) >= FEWEST_PEOPLE for rest in left) and people[key]:
            shown.add(key)
    return shown


def _people(reach: Mapping[int, set[int]]) -> dict[int | None, set[int]]:
    """The keys of those who are only in each department, and of everybody."""
    held: dict[int, set[int | None]] = {}
    everybody: set[int] = set()
    for member, position, place in _HELD.rows():
        everybody.add(member)
        if position is not None:
            held.setdefault(member, set()).add(place)
    found: dict[int | None, set[int]] = {
        key: {member for member, places in held.items() if places <= keys} for key, keys in reach.items()
    }
    return found | {None: everybody}


_BELOW = Statement(lambda: Department.objects.order_by().values_list("pk", "below"))
# Whoever holds no position has a row, too.
_HELD = Statement(lambda: Member.objects.active().order_by().values_list("pk", "positions", "positions__department"))
