"""Who is asked for a yes, step by step, who stands in for whom, and when what they said is enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q

from roles.models import AskedStep, Member, Needs, Position, Role


@dataclass(frozen=True)
class Step:
    """Who is asked, and how many of them must say yes."""

    policy_name: str = ""
    needs: str = Needs.ANY
    roles: tuple[str, ...] = ()
    member_ids: tuple[int, ...] = ()

    @property
    def who(self) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
        """What makes it the same step, whichever policy asks for it."""
        return self.needs, self.roles, self.member_ids

    @property
    def names_somebody(self) -> bool:
        """Whether anybody is asked."""
        return bool(self.roles or self.member_ids)


S = TypeVar("S", bound=Step)
A_COACH = Step(roles=(Role.COACH,))


@dataclass(frozen=True)
class Matter:
    """What is to be decided: what one must hold for it, the department in which, and whose it is: they never decide."""

    capability: str
    department_id: int | None
    makers: frozenset[int]


def is_asked(member: Member, step: Step | AskedStep, matter: Matter) -> bool:
    """Whether the member is one of those who are named, directly or by a role where the matter belongs."""
    return member.pk in step.member_ids or not member.roles_in(matter.department_id).isdisjoint(step.roles)


def asked(step: Step | AskedStep, matter: Matter) -> list[Member]:
    """Return everybody who may say yes or no in the step: never those whose matter it is."""
    held = Position.objects.in_force().filter(role__in=step.roles)
    if matter.department_id is not None:
        held = held.reaching(matter.department_id)
    named = Q(pk__in=step.member_ids) | Exists(held.filter(member=OuterRef("pk")))
    rows = list(Member.objects.active().filter(named).exclude(pk__in=matter.makers).with_positions().by_name())
    for member in rows:
        member.held_positions = list(member.positions.all())
    # Who is named may belong to another department; who may not decide any more may be named still.
    return [member for member in rows if member.holds(matter.capability)]


def with_somebody(step: S, matter: Matter) -> S:
    """The step, or, where nobody but its makers could say yes, one that asks the coaches or the owner."""
    others = [replace(step, needs=Needs.ANY, member_ids=(), roles=roles) for roles in COACHES_THEN_OWNER]
    return next((one for one in (step, *others) if asked(one, matter)), step)


COACHES_THEN_OWNER: tuple[tuple[str, ...], ...] = ((Role.COACH,), (Role.COACH, Role.OWNER))


def with_stand_ins(
    meant: S, matter: Matter, *, at: datetime, said_yes: Collection[int] = (), before: Mapping[str, int] | None = None
) -> tuple[S, dict[str, int]]:
    """The step as it is asked now, and who stands in by what is meant: the key of a person, or the name of a role.

    Where anybody's yes is enough, stand-ins are asked beside the others, and only if none of those is here. Where each
    must say yes they are asked instead: of those who are named for each, of a role whose holders are all away for one.
    Nobody stands in for those who said yes before they went; and where a stand-in said yes `before` somebody came back,
    that yes stands for both.
    """
    people = asked(meant, matter)
    here = {member.pk for member in people if member.pk in said_yes or member.is_available(at)}
    wanted = {member.pk: member.stand_in_id for member in people if member.pk not in here and member.stand_in_id}
    others = asked(Step(member_ids=tuple(wanted.values())), matter) if wanted else []
    able = {member.pk for member in others if member.is_available(at)}
    free = {key: other for key, other in wanted.items() if other in able}
    if meant.needs == Needs.ANY:
        free = {} if here else free
        asked_too = tuple(dict.fromkeys([*meant.member_ids, *free.values()]))
        return replace(meant, member_ids=asked_too), {str(key): other for key, other in free.items()}
    instead = {name: other for name, other in (before or {}).items() if other in said_yes}
    for key in meant.member_ids:
        if key in free:
            instead.setdefault(str(key), free[key])
    for role in meant.roles:
        holders = [member.pk for member in people if role in member.roles_in(matter.department_id)]
        other = None if here.intersection(holders) else next((free[key] for key in holders if key in free), None)
        if other is not None:
            instead.setdefault(role, other)
    keys = [instead.get(str(key), key) for key in meant.member_ids]
    keys += [instead[role] for role in meant.roles if role in instead]
    roles = tuple(role for role in meant.roles if role not in instead)
    return replace(meant, roles=roles, member_ids=tuple(dict.fromkeys(keys))), instead


def is_enough(step: AskedStep, matter: Matter, *, said_yes: Iterable[Member]) -> bool:
    """Whether those who said yes suffice: anybody, or each who is named and one of each role, as far as there are any.

    Who has left, or may not decide any more, is waited for no longer.
    """
    yes = list(said_yes)
    if step.needs == Needs.ANY or not yes:
        return bool(yes)
    here = asked(step, matter)
    said = {member.pk for member in yes}
    if any(member.pk in step.member_ids and member.pk not in said for member in here):
        return False
    held = {role for member in yes for role in member.roles_in(matter.department_id)}
    there_are = {role for member in here for role in member.roles_in(matter.department_id)}
    return set(step.roles) & there_are <= held


def step_of(row: AskedStep) -> Step:
    """Who is asked by a step on the way of something."""
    return Step(row.policy_name, row.needs, tuple(row.roles), tuple(row.member_ids))


def meant_by(row: AskedStep) -> Step:
    """Who is meant by a step, whoever stands in for them now."""
    return replace(step_of(row), roles=tuple(row.roles_meant), member_ids=tuple(row.member_ids_meant))


def address(row: AskedStep, meant: Step, found: Step, instead: Mapping[str, int]) -> None:
    """Write down whom a step means and whom it asks now; inside the transaction that holds it."""
    row.needs, row.roles, row.member_ids = found.needs, list(found.roles), list(found.member_ids)
    row.roles_meant, row.member_ids_meant = list(meant.roles), list(meant.member_ids)
    row.instead = dict(instead)
    names = ("state", "asked_at", "needs", "roles", "member_ids", "roles_meant", "member_ids_meant", "instead")
    row.save(update_fields=names)


def address_anew(row: AskedStep, matter: Matter, *, said_yes: Collection[int], at: datetime) -> list[Member]:
    """Ask others where those who are asked cannot decide, or are back; returns whom, or nobody where all stays so."""
    now, meant = step_of(row), with_somebody(meant_by(row), matter)
    found, instead = with_stand_ins(meant, matter, at=at, said_yes=said_yes, before=row.instead)
    people = asked(found, matter)
    if not people or (found.who, instead) == (now.who, row.instead):
        return []
    row.asked_at = at
    address(row, meant, found, instead)
    return people


def pass_step_on(
    row: AskedStep, matter: Matter, *, of: Member, to: Member | None, said_yes: Collection[int], at: datetime
) -> list[Member]:
    """Ask somebody else, or nobody, instead of one who is named; returns all whom the step asks now."""
    meant = found = _without(row, of, to, matter)
    instead: dict[str, int] = {}
    if row.state == AskedStep.State.WAITING:
        said = {name: key for name, key in row.instead.items() if key != of.pk}
        found, instead = with_stand_ins(meant, matter, at=at, said_yes=said_yes, before=said)
    address(row, meant, found, instead)
    return asked(found, matter)


def _without(row: AskedStep, of: Member, to: Member | None, matter: Matter) -> Step:
    """Whom a step means when somebody is in it no more, and another, or nobody, in their place."""
    meant, gone = meant_by(row), {str(of.pk)}
    if row.needs == Needs.ALL:
        gone |= {name for name, key in row.instead.items() if key == of.pk}
    kept = [key for key in meant.member_ids if str(key) not in gone]
    roles = tuple(role for role in meant.roles if role not in gone)
    wanted = tuple(dict.fromkeys([*kept, *([to.pk] if to else [])]))
    return with_somebody(replace(meant, roles=roles, member_ids=wanted), matter)
