"""Who gets it: what the assignment policy chooses of those who respond there, are here and have room.

Two workers never fill one person twice over: whoever gives work first takes the organization's lock, and reads who is
here and what each has only afterwards. Members may work for several departments, so the lock is the organization's.
The choice itself stands in `choosing.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engagement import reasons
from engagement.changes import told
from engagement.choosing import LONG_AGO, Candidate, How, Staff, Wanted
from engagement.escalating import Escalating
from engagement.models import Assignment, AssignmentPolicy
from engagement.policy_querysets import known_to
from engagement.querysets import change_many, hold_lock, open_loads
from listening.models import Mention, Topic
from roles.audit import record_many
from roles.models import Department, Member, Position, Role
from roles.presence import seen

AT_ONCE = 500
CHANGED = ("member", "claimed_at", "assigned_at", "state", "reasons", "escalates_at", "version")
SEEN_WITHIN = timedelta(minutes=10)


def staff(*, at: datetime, policy: AssignmentPolicy | None = None, named: Collection[int] = ()) -> Staff:
    """Read who is here and what each has; inside a transaction, which holds the organization's lock until its end.

    Those who are `named` may be given work too where they may claim at all, and who is on call where the policy says.
    """
    hold_lock()
    policy = policy or AssignmentPolicy.objects.current()
    held = Position.objects.in_force().filter(member__is_active=True)
    may = held.responding() | held.carrying("engagement.claim").filter(member__in=named)
    called: set[int] = set()
    if policy.on_call_takes:
        called = set(Member.objects.on_call(at).values_list("pk", flat=True))
        may |= held.carrying("engagement.claim").filter(member__in=called)
    # The wider first: who answers in a department itself does so as it is said there.
    positions = sorted(
        may.select_related("member", "department"),
        key=lambda position: (position.department_id is not None, -len(position.reach)),
    )
    here = set(Member.objects.here(at).values_list("pk", flat=True))
    candidates: dict[int, Candidate] = {}
    skills: set[str] = set()
    for position in positions:
        skills.update(as_skill(skill) for skill in position.skills)
        if position.member_id in here:
            _add(candidates, position, is_called=position.member_id in called)
    since = at - timedelta(hours=policy.share_hours)
    for member_id, load, given_at, share in open_loads(list(candidates), since=since):
        who = candidates[member_id]
        who.load, who.given, who.share = load, (given_at or LONG_AGO, 0), share
    if policy.prefers_seen:
        for member_id in seen(candidates, since=at - SEEN_WITHIN):
            candidates[member_id].was_seen = True
    return Staff(candidates.values(), at, policy, skills)


def _add(candidates: dict[int, Candidate], position: Position, *, is_called: bool) -> None:
    key, is_responder = position.member_id, position.role in {Role.RESPONDER, ""}
    who = candidates.get(key)
    if who is None:
        who = candidates[key] = Candidate(key, 0, (LONG_AGO, 0), only_named=not is_called, is_last_resort=is_called)
    if is_responder:
        who.only_named = who.is_last_resort = False
    for place in position.reach:
        # Of two duties in one department that of a responder says how much, and in which languages.
        if is_responder or place not in who.capacities:
            who.capacities[place] = position.capacity
            who.languages[place] = frozenset(position.languages)
            who.skills[place] = frozenset(as_skill(skill) for skill in position.skills)


def as_skill(name: str) -> str:
    """A skill, or the name of a topic, as they are compared."""
    return name.strip().casefold()


def wanted_by(mentions: Iterable[Mention], *, policy: AssignmentPolicy, at: datetime) -> dict[int, Wanted]:
    """What each of these mentions asks of whoever gets it, by key; a few statements for all."""
    rows = list(mentions)
    known: dict[int, int] = {}
    topics: dict[int, str] = {}
    if policy.sticks_days:
        authors = {row.post.author_id for row in rows if row.post.author_id is not None}
        known = known_to(authors, since=at - timedelta(days=policy.sticks_days)) if authors else {}
    if policy.skills != How.IGNORE and (keys := {row.topic_id for row in rows if row.topic_id is not None}):
        topics = dict(Topic.objects.filter(pk__in=keys).values_list("pk", "name"))
    return {
        row.pk: Wanted(
            language=row.language,
            skills=frozenset(as_skill(name) for name in (topics.get(row.topic_id or 0, ""), row.network) if name),
            known_to=known.get(row.post.author_id or 0),
        )
        for row in rows
    }


def give(
    assignments: Sequence[Assignment], *, at: datetime, without: frozenset[int] = frozenset(),
    named: Mapping[int, int] | None = None, instead_of: Member | None = None,
) -> list[Assignment]:  # fmt: skip
    """Give open assignments that nobody has to people, the most urgent first; returns those that found somebody.

    `named` says for whom a rule means them, by their keys; `instead_of` is whoever is away and had them all, and for
    whom somebody may stand in.
    """
    policy, meant = AssignmentPolicy.objects.current(), named or {}
    if instead_of is not None and instead_of.stand_in_id is not None:
        meant = {row.pk: instead_of.stand_in_id for row in assignments}
    people = staff(at=at, policy=policy, named=set(meant.values()))
    wanted = wanted_by((row.mention for row in assignments), policy=policy, at=at)
    changes, given = [], []
    for row in sorted(assignments, key=lambda row: (row.priority, row.due_at, row.pk)):
        given_back = without | reasons.who_gave_it_back(row.reasons)
        asked = replace(wanted[row.mention_id], named=meant.get(row.pk), without=given_back)
        if instead_of is not None and asked.named is not None:
            asked = replace(asked, instead_of=str(instead_of))
        if choice := people.take_for(row.department_id, asked):
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
    do any more; of someone whose hours have ended what was given to them by no person; of someone who has left,
    everything.
    """
    hold_lock()
    rows = Assignment.objects.unresolved().filter(member=member)
    if why != "left":
        rows = rows.filter(state=Assignment.State.OPEN)
    if why == "position":
        rows = rows.exclude(department__in=_departments_of(member))
    taken = list(rows.select_for_update(no_key=True, of=("self",)).select_related("mention__post"))
    if why == "hours":
        taken = [row for row in taken if not (row.reasons and row.reasons[-1].get("kind") == "given")]
    if not taken:
        return 0
    escalating = Escalating(at=at)
    part = reasons.returned(member, why)
    for row in taken:
        row.member, row.claimed_at, row.assigned_at = None, None, None
        if row.state == Assignment.State.CLAIMED:
            row.state = Assignment.State.OPEN
        row.reasons = [*row.reasons, part]
        row.escalates_at = escalating.moment(row.department_id)
        row.version += 1
    Assignment.objects.bulk_update(
        taken,
        ["member", "claimed_at", "assigned_at", "state", "reasons", "escalates_at", "version"],
        batch_size=AT_ONCE,
    )
    record_many("return_to_pool", taken, by=None, at=at, before={row.pk: {"member": str(member)} for row in taken})
    waiting = [row for row in taken if row.state == Assignment.State.OPEN]
    given = give(waiting, at=at, instead_of=member if why == "away" else None)
    record_many("assign", given, by=None, at=at, after=_who_has_it(given))
    told(taken, at=at)
    return len(taken)


def give_anew(member: Member, *, at: datetime) -> None:
    """Put right who has what after a member came, went, left, or got other positions; inside a transaction."""
    if not member.is_active:
        take_back(member, why="left", at=at)
    elif not member.is_available(at):
        take_back(member, why="away", at=at)
    elif not member.is_here(at):
        take_back(member, why="hours", at=at)
    else:
        take_back(member, why="position", at=at)
        sweep_left_overs(at=at)


def clear_ended_hours(*, at: datetime) -> int:
    """Give to others what lies unclaimed with people whose hours have ended; inside a transaction."""
    open_with = Assignment.objects.filter(
        state=Assignment.State.OPEN, member__in=Member.objects.outside_their_hours(at)
    )
    keys = sorted(set(open_with.values_list("member_id", flat=True).distinct()))
    return sum(take_back(member, why="hours", at=at) for member in Member.objects.filter(pk__in=keys).order_by("pk"))


def _departments_of(member: Member) -> list[int]:
    """Departments in which the member may still claim; all of them with a position for the whole organization."""
    may = {key for position in member.held_positions if position.carries("engagement.claim") for key in position.reach}
    if None in may:
        return list(Department.objects.values_list("pk", flat=True))
    return [key for key in may if key is not None]


def _who_has_it(rows: Sequence[Assignment]) -> Mapping[int, dict[str, Any]]:
    if not rows:
        return {}
    found = Member.objects.filter(pk__in={row.member_id for row in rows}).select_related("user")
    names = {member.pk: str(member) for member in found}
    return {row.pk: {"member": row.member_id, "member_name": names.get(row.member_id or 0, "")} for row in rows}
