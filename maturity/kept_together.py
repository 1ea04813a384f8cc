"""How blocks were kept by many together: whoever may see the total sees what it is made of, and nobody alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from content.calendar_days import monday_of
from maturity.keeping import KEPT, MISSED, Told, told
from maturity.teams import FEWEST_PEOPLE, coaches_all, is_nobodys_own, only_in
from roles.models import Department, Member


@dataclass(frozen=True)
class KeptSpan:
    """Some weeks, with the blocks that there were to keep in them and how many were kept."""

    first: date
    last: date
    due: int
    kept: int
    people: frozenset[int]


@dataclass(frozen=True)
class KeptBlocks:
    """The blocks of some days that are over, of those who are told of together."""

    # Each block with whose it is, in no order.
    blocks: Sequence[tuple[Member, Told]]
    # Whether each may be shown by itself: whoever looks coaches all of these people.
    by_person: bool

    def within(self, first: date, last: date) -> KeptBlocks:
        """Those of fewer days."""
        return replace(self, blocks=[one for one in self.blocks if first <= one[1].occurrence.day <= last])

    @property
    def kept(self) -> int:
        """How many were kept."""
        return sum(row.state == KEPT for _member, row in self.blocks)

    @property
    def are_shown(self) -> bool:
        """Whether they are of so many people that they tell of none of them, or whoever looks coaches these."""
        return self.by_person or not self.blocks or len({member.pk for member, _row in self.blocks}) >= FEWEST_PEOPLE


def kept_blocks(
    department: Department | None, viewer: Member | None, first: date, last: date, *, at: datetime
) -> KeptBlocks | None:
    """The blocks behind the share of them that was kept; None where whoever looks may not see that."""
    by_person = viewer is not None and coaches_all(viewer, department)
    if not by_person and not is_nobodys_own(department):
        return None
    rows = Member.objects.active().select_related("user").prefetch_related("positions")
    if department is not None:
        rows = rows.filter(pk__in=only_in(department).values("pk"))
    people = list(rows)
    found = told(people, first, last, at=at)
    blocks = [(member, row) for member in people for row in found[member.pk] if row.state in (KEPT, MISSED)]
    return KeptBlocks(blocks, by_person)


def spans(found: KeptBlocks, first: date, last: date) -> list[KeptSpan]:
    """Its weeks, the newest first, joined where fewer than three people had a block to keep in one alone."""
    joined: list[KeptSpan] = []
    for week in _weeks(found, first, last):
        if joined and len(joined[-1].people) < FEWEST_PEOPLE and not found.by_person:
            joined[-1] = _both(joined[-1], week)
        else:
            joined.append(week)
    if len(joined) > 1 and len(joined[-1].people) < FEWEST_PEOPLE and not found.by_person:
        rest = joined.pop()
        joined[-1] = _both(joined[-1], rest)
    return [span for span in reversed(joined) if span.due]


def _weeks(found: KeptBlocks, first: date, last: date) -> list[KeptSpan]:
    weeks, monday = [], monday_of(first)
    while monday <= last:
        sunday = monday + timedelta(days=6)
        own = [(member, row) for member, row in found.blocks if monday <= row.occurrence.day <= sunday]
        kept = sum(row.state == KEPT for _member, row in own)
        people = frozenset(member.pk for member, _row in own)
        weeks.append(KeptSpan(max(monday, first), min(sunday, last), len(own), kept, people))
        monday += timedelta(days=7)
    return weeks


def _both(one: KeptSpan, other: KeptSpan) -> KeptSpan:
    people = one.people | other.people
    return KeptSpan(one.first, other.last, one.due + other.due, one.kept + other.kept, people)
