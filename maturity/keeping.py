"""Which blocks of a cadence come, which fall away, and which were kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from content.calendar_days import monday_of
from maturity.cadence import Occurrence, occurrences
from maturity.models import MeasuredTime, TimeEntry
from maturity.spent import day_of
from roles.business_hours import Calendars
from roles.clock import BusinessHours
from roles.models import Absence, Member, TimeBlock
from roles.tenancy import active_organization

WEEKS = 8
# A block is kept where on its day this share of it was spent on its activity, whenever that was.
ENOUGH = 0.5
KEPT, MISSED, HOLIDAY, AWAY, TO_COME = "kept", "missed", "holiday", "away", "to_come"
EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """One block on one day, and what became of it."""

    occurrence: Occurrence
    state: str
    spent: float = 0.0


@dataclass(frozen=True)
class KeptWeek:
    """One week: how many blocks there were to keep, and how many were kept."""

    monday: date
    due: int
    kept: int

    @property
    def state(self) -> str:
        """None to keep; enough: all; tight: half or more; short: fewer."""
        if not self.due:
            return "none"
        if self.kept == self.due:
            return "enough"
        return "tight" if 2 * self.kept >= self.due else "short"


@dataclass(frozen=True)
class Record:
    """How a member kept their cadence."""

    member: Member
    weeks: Sequence[KeptWeek]

    @property
    def due(self) -> int:
        """All blocks that there were to keep."""
        return sum(week.due for week in self.weeks)

    @property
    def kept(self) -> int:
        """Those that were."""
        return sum(week.kept for week in self.weeks)

    @property
    def in_a_row(self) -> int:
        """Weeks kept whole up to the last one in which there was anything to keep."""
        count = 0
        for week in reversed([week for week in self.weeks if week.due]):
            if week.kept < week.due:
                break
            count += 1
        return count


def told(members: Sequence[Member], first: date, last: date, *, at: datetime) -> dict[int, list[Told]]:
    """What becomes, and became, of the blocks of members on some days, in a number of queries that does not grow."""
    keys = [member.pk for member in members]
    blocks: defaultdict[int, list[TimeBlock]] = defaultdict(list)
    for block in TimeBlock.objects.filter(member__in=keys):
        blocks[block.member_id].append(block)
    spent: defaultdict[tuple[int, date, str], float] = defaultdict(float)
    for model in (MeasuredTime, TimeEntry):
        for cell, seconds in model.objects.filter(member__in=keys).between(first, last).by_cell().items():
            spent[cell] += seconds
    away, calendars, zone = _away(keys, first, last), Calendars(), active_organization().zone
    found = {}
    for member in members:
        hours = calendars.hours(calendars.of_department(_department_of(member)))
        needed: defaultdict[tuple[date, str], float] = defaultdict(float)
        rows = []
        for one in occurrences(blocks[member.pk], first, last, zone):
            cell = (member.pk, one.day, one.block.activity)
            if isinstance(hours, BusinessHours) and hours.is_holiday(one.day):
                rows.append(Told(one, HOLIDAY))
            elif any(begins <= one.begins_at < ends for begins, ends in away.get(member.pk, ())):
                rows.append(Told(one, AWAY))
            elif one.ends_at > at:
                rows.append(Told(one, TO_COME))
            else:
                # Two blocks of a day for the same need both their shares.
                needed[cell[1:]] += one.seconds
                enough = spent[cell] >= ENOUGH * needed[cell[1:]]
                rows.append(Told(one, KEPT if enough else MISSED, spent[cell]))
        found[member.pk] = rows
    return found


def records(members: Sequence[Member], *, at: datetime) -> list[Record]:
    """How members kept their cadence in the last eight weeks, this one included up to now."""
    this = monday_of(day_of(at))
    mondays = [this - timedelta(days=7 * number) for number in range(WEEKS - 1, -1, -1)]
    found = told(members, mondays[0], this + timedelta(days=6), at=at)
    result = []
    for member in members:
        states: defaultdict[date, list[str]] = defaultdict(list)
        for row in found[member.pk]:
            states[monday_of(row.occurrence.day)].append(row.state)
        weeks = [
            KeptWeek(monday, sum(state in (KEPT, MISSED) for state in states[monday]), states[monday].count(KEPT))
            for monday in mondays
        ]
        result.append(Record(member, weeks))
    return result


def days_off(member: Member, first: date, last: date) -> set[date]:
    """The holidays of a member between two days."""
    calendars = Calendars()
    hours = calendars.hours(calendars.of_department(_department_of(member)))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {day for day in days if isinstance(hours, BusinessHours) and hours.is_holiday(day)}


def _department_of(member: Member) -> int | None:
    """The department by whose calendar a member works: their only one, else none, which is the default calendar's."""
    where = {position.department_id for position in member.positions.all()}
    return where.pop() if len(where) == 1 else None


def _away(keys: Sequence[int], first: date, last: date) -> dict[int, list[tuple[datetime, datetime]]]:
    """When members were, are and will be away, within some days."""
    spans: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    zone = active_organization().zone
    begins_at = datetime.combine(first, time.min, zone)
    rows = Absence.objects.filter(member__in=keys).between(begins_at, datetime.combine(last, time.max, zone))
    for key, begins_at, ends_at in rows.values_list("member", "begins_at", "ends_at"):
        spans[key].append((begins_at, ends_at or EVER))
    return dict(spans)
