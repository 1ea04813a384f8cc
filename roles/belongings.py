"""What a member has that must not stay with nobody when they leave or go away; each app names its own kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model
from django.utils.functional import Promise

from roles.audit import record_many
from roles.models import Member

MOST = 200


class Thing(NamedTuple):
    """One thing that somebody has, as a list shows it."""

    label: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Handing:
    """Whose things go to whom; `to` is None where nobody is named."""

    member: Member
    to: Member | None
    note: str
    by: Member | None
    at: datetime


@dataclass(frozen=True)
class Belonging:
    """A kind of thing: how it is found, who may have it, and how it is passed on, inside a transaction."""

    name: str
    title: str | Promise
    order: int
    things: Callable[[Member], Sequence[Thing]]
    pass_on: Callable[[Handing], int]
    # What whoever gets it must hold.
    capability: str
    # What happens where nobody is named; empty where somebody must be.
    with_nobody: str | Promise = ""
    # How many of them nobody would have if the member left now; by default all.
    stays: Callable[[Member], int] | None = None
    # What is held before anything of any kind is touched.
    holds: Callable[[], None] | None = None

    def hold(self) -> None:
        """Hold what must be held before any row that is passed on."""
        if self.holds is not None:
            self.holds()

    def left_alone(self, member: Member) -> int:
        """How many of the member's nobody would have if the member left now."""
        return self.stays(member) if self.stays is not None else len(self.things(member))


# The rows that somebody has, in their order.
Rows = Callable[[Member], Any]


def listed(rows: Rows, thing: Callable[[Any], Thing]) -> Callable[[Member], Sequence[Thing]]:
    """Show rows, one more at most than a list has place for."""
    return lambda member: [thing(row) for row in rows(member)[: MOST + 1]]


def in_column(
    rows: Rows, column: str, *, then: Callable[[Sequence[Any], datetime], None] | None = None
) -> Callable[[Handing], int]:
    """Pass on rows whose holder stands in a column; `then` tells of those that went."""

    def pass_on(handing: Handing) -> int:
        found = list(rows(handing.member).select_for_update(of=("self",), no_key=True))
        for row in found:
            setattr(row, column, handing.to)
        if found:
            type(found[0]).objects.bulk_update(found, [column])
            write_down(found, handing)
            if then is not None:
                then(found, handing.at)
        return len(found)

    return pass_on


def write_down(rows: Iterable[Model], handing: Handing) -> None:
    """Write down of each row who had it and who has it now."""
    found = list({row.pk: row for row in rows}.values())
    had = {row.pk: {"of": str(handing.member)} for row in found}
    has = {row.pk: {"to": str(handing.to or ""), "note": handing.note} for row in found}
    record_many("hand_over", found, by=handing.by, at=handing.at, before=had, after=has)


_kinds: list[Belonging] = []


def add_belonging(kind: Belonging) -> None:
    """Have a kind of thing handed over, and let nobody leave who has some."""
    if all(one.name != kind.name for one in _kinds):
        _kinds.append(kind)
        _kinds.sort(key=lambda one: one.order)


def belongings() -> tuple[Belonging, ...]:
    """All kinds, in the order in which they are shown and handed over."""
    return tuple(_kinds)


def left_alone(member: Member) -> list[tuple[Belonging, int]]:
    """The kinds of which something would stay with nobody if the member left now, and how much."""
    found = ((kind, kind.left_alone(member)) for kind in _kinds)
    return [(kind, count) for kind, count in found if count]
