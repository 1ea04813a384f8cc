"""What a member has that must not stay with nobody when they leave or go away; each app names its own kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise

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
