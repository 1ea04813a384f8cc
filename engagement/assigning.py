"""Who gets it: someone who responds there, is here, has room, and has the least to do for what they can carry.

Two workers never fill one person twice over: whoever gives work first takes the organization's lock, and reads who is
here and what each has only afterwards. Members may work for several departments, so the lock is the organization's.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from engagement import reasons
from engagement.changes import told
from engagement.models import Assignment
from engagement.querysets import change_many, hold_lock, open_loads
from roles.audit import record_many
from roles.models import Department, Member, Position, Role
from roles.permissions import CAPABILITIES

LONG_AGO = datetime.min.replace(tzinfo=UTC)
AT_ONCE = 500


@dataclass
class Candidate:
    """Someone who may be given work, and what they have: `given` says when, and in which turn, they last got some."""

    member_id: int
    load: int
    given: tuple[datetime, int]
    # By department; the position for the whole organization stands under None.
    capacities: dict[int | None, int] = field(default_factory=dict)
    # Whether a rule may name them, and nothing else brings them work.
    only_named: bool = False

    def capacity_in(self, department_id: int) -> int:
        """How many open assignments they can carry when the next one comes from this department."""
        return self.capacities.get(department_id, self.capacities.get(None, 0))


class Staff:
    """Everyone who may be given work at one moment; what is given out is counted as it goes."""

    def __init__(self, candidates: Iterable[Candidate], at: datetime) -> None:
        self.candidates = sorted(candidates, key=lambda candidate: candidate.member_id)
        self.at = at
        self.turn = 0

    def take_for(
        self, department_id: int, *, named: int | None = None, without: Container[int] = ()
    ) -> tuple[int, reasons.Part] | None:
        """Choose who gets the next assignment of a department, and say why; None where nobody has room.

        Who is `named` gets it if they are here and have room.
        """
        free = [
            who for who in self.candidates if who.load < who.capacity_in(department_id) and who.member_id not in without
        ]
        meant = next((who for who in free if who.member_id == named), None)
        free = [who for who in free if not who.only_named]
        if meant is None and not free:
            return None
        chosen = meant or min(
            free, key=lambda who: (who.load / who.capacity_in(department_id), who.given, who.member_id)
        )
        load, capacity = chosen.load, chosen.capacity_in(department_id)
        why = reasons.named_by_rule(load, capacity) if meant else reasons.least_load(load, capacity)
        chosen.load += 1
        self.turn += 1
        chosen.given = (self.at, self.turn)
        return chosen.member_id, why

    def room_in(self, department_id: int) -> int:
        """How many more assignments of a department its people could carry now."""
        return sum(max(0, who.capacity_in(department_id) - who.load) for who in self.candidates)


def staff(*, at: datetime, named: Collection[int] = ()) -> Staff:
    """Read who is here and what each has; inside a transaction, which holds the organization's lock until its end.

    Those who are `named` may be given work too where they may claim at all.
    """
    hold_lock()
    may = Q(role=Role.RESPONDER) | Q(role__in=CAPABILITIES["engagement.claim"], member__in=named)
    here = Position.objects.filter(may, member__in=Member.objects.available(at))
    candidates: dict[int, Candidate] = {}
    for member_id, department_id, role, capacity in here.values_list("member_id", "department_id", "role", "capacity"):
        who = candidates.setdefault(member_id, Candidate(member_id, 0, (LONG_AGO, 0), only_named=True))
        who.only_named = who.only_named and role != Role.RESPONDER
        who.capacities[department_id] = max(capacity, who.capacities.get(department_id, 0))
    for member_id, load, given_at in open_loads(list(candidates)):
        candidates[member_id].load = load
        candidates[member_id].given = (given_at or LONG_AGO, 0)
    return Staff(candidates.values(), at)


def give(assignments: Sequence[Assignment], *, at: datetime) -> list[Assignment]:
    """Give open assignments that nobody has to people, the most urgent first; returns those that found somebody."""
    people = staff(at=at)
    changes, given = [], []
    for row in sorted(assignments, key=lambda row: (row.priority, row.due_at, row.pk)):
        if choice := people.take_for(row.department_id, without=reasons.who_gave_it_back(row.reasons)):
            row.member_id, why = choice
            row.assigned_at = at
            row.reasons = [*(part for part in row.reasons if part.get("kind") != "nobody"), why]
            row.version += 1
            changes.append({"id": row.pk, "member_id": row.member_id, "reasons": row.reasons})
            given.append(row)
    if changes:
        change_many(changes, at=at)
    return given


def sweep_left_overs(*, at: datetime) -> int:
    """Give what waits in the active organization to whoever is here with room, in a transaction; returns how many."""
    if not Assignment.objects.left_over().exists():
        return 0
    people = staff(at=at)
    waiting: list[Assignment] = []
    for department_id in Assignment.objects.departments_with_left_overs():
        if room := min(people.room_in(department_id), AT_ONCE):
            rows = Assignment.objects.left_over().filter(department_id=department_id).most_urgent_first()
            rows = rows.select_related("mention__post")
            waiting += rows.select_for_update(skip_locked=True, no_key=True, of=("self",))[:room]
    given = give(waiting, at=at)
    record_many("assign", given, by=None, at=at, after=_who_has_it(given))
    told(given, at=at)
    return len(given)


def take_back(member: Member, *, why: str, at: datetime) -> int:
    """Give to others what a member has and will not do; inside a transaction. Returns how many came back.

    Of someone who is away only what they have not claimed, and of someone with other positions only what they may not
    do any more; of someone who has left, everything.
    """
    hold_lock()
    rows = Assignment.objects.unresolved().filter(member=member)
    if why != "left":
        rows = rows.filter(state=Assignment.State.OPEN)
    if why == "position":
        rows = rows.exclude(department__in=_departments_of(member))
    taken = list(rows.select_for_update(no_key=True, of=("self",)).select_related("mention__post"))
    if not taken:
        return 0
    part = reasons.returned(member, why)
    for row in taken:
        row.member, row.claimed_at, row.assigned_at = None, None, None
        if row.state == Assignment.State.CLAIMED:
            row.state = Assignment.State.OPEN
        row.reasons = [*row.reasons, part]
        row.version += 1
    Assignment.objects.bulk_update(
        taken, ["member", "claimed_at", "assigned_at", "state", "reasons", "version"], batch_size=AT_ONCE
    )
    record_many("return_to_pool", taken, by=None, at=at, before={row.pk: {"member": str(member)} for row in taken})
    given = give([row for row in taken if row.state == Assignment.State.OPEN], at=at)
    record_many("assign", given, by=None, at=at, after=_who_has_it(given))
    told(taken, at=at, members=[member.pk])
    return len(taken)


def give_anew(member: Member, *, at: datetime) -> None:
    """Put right who has what after a member came, went, left, or got other positions; inside a transaction."""
    if not member.is_active:
        take_back(member, why="left", at=at)
    elif not member.is_available(at):
        take_back(member, why="away", at=at)
    else:
        take_back(member, why="position", at=at)
        sweep_left_overs(at=at)


def _departments_of(member: Member) -> list[int]:
    """Departments in which the member may still claim; all of them with a position for the whole organization."""
    able = CAPABILITIES["engagement.claim"]
    may = {position.department_id for position in member.held_positions if position.role in able}
    if None in may:
        return list(Department.objects.values_list("pk", flat=True))
    return [key for key in may if key is not None]


def _who_has_it(rows: Sequence[Assignment]) -> Mapping[int, dict[str, Any]]:
    if not rows:
        return {}
    found = Member.objects.filter(pk__in={row.member_id for row in rows}).select_related("user")
    names = {member.pk: str(member) for member in found}
    return {row.pk: {"member": row.member_id, "member_name": names.get(row.member_id or 0, "")} for row in rows}
