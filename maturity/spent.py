"""Time that was spent, as pages show it: a person's week, what a team adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Min, Sum

from content.calendar_days import monday_of
from maturity.models import MeasuredTime, TimeEntry
from maturity.teams import only_in
from roles.activities import Activity
from roles.models import Department, Member
from roles.tenancy import active_organization

WEEKS = 4
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Spent:
    """Seconds of one activity: what was measured, what was entered beside it, and how far a correction moves both."""

    measured: float = 0.0
    added: float = 0.0
    corrected: float = 0.0

    @property
    def seconds(self) -> float:
        """What counts."""
        return max(0.0, self.measured + self.added + self.corrected)

    @property
    def is_corrected(self) -> bool:
        """Whether the person said that it was otherwise."""
        return round(self.corrected) != 0


NOTHING = Spent()


@dataclass(frozen=True)
class Line:
    """One line of a week: a day or a person, with its five activities."""

    of: date | Member
    cells: Sequence[Spent]

    @property
    def by_activity(self) -> list[tuple[Activity, Spent]]:
        """Each activity with what was spent on it."""
        return list(zip(Activity, self.cells, strict=True))

    @property
    def seconds(self) -> float:
        """All of them together."""
        return sum(cell.seconds for cell in self.cells)


@dataclass(frozen=True)
class Week:
    """Lines over the five activities, and what they add up to."""

    monday: date
    lines: Sequence[Line]

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def totals(self) -> list[float]:
        """Seconds of each activity."""
        return [sum(line.cells[number].seconds for line in self.lines) for number in range(len(Activity))]

    @property
    def by_activity(self) -> list[tuple[Activity, float]]:
        """Each activity with its seconds."""
        return list(zip(Activity, self.totals, strict=True))

    @property
    def seconds(self) -> float:
        """Everything."""
        return sum(self.totals)


@dataclass(frozen=True)
class Actual:
    """Hours a week by activity, on average over so many weeks."""

    hours: Mapping[str, float]
    first: date
    last: date
    weeks: int

    @property
    def total(self) -> float:
        """All hours a week."""
        return sum(self.hours.values())


def day_of(at: datetime) -> date:
    """The day of a moment, by the organization's calendar."""
    return at.astimezone(active_organization().zone).date()


def week_of(member: Member, monday: date) -> Week:
    """What a member spent on each day of a week."""
    found = _cells([member.pk], monday, monday + timedelta(days=6))
    days = [monday + timedelta(days=number) for number in range(7)]
    return Week(
        monday, [Line(day, [found.get((member.pk, day, one.value), NOTHING) for one in Activity]) for day in days]
    )


def week_of_people(members: Sequence[Member], monday: date) -> Week:
    """What each of some members spent in a week."""
    sums: dict[tuple[int, str], Spent] = {}
    for (key, _day, activity), cell in _cells([one.pk for one in members], monday, monday + timedelta(days=6)).items():
        so_far = sums.get((key, activity), NOTHING)
        # Days are summed as they count, so that no correction reaches another day.
        sums[key, activity] = Spent(measured=so_far.measured + cell.seconds)
    return Week(monday, [Line(one, [sums.get((one.pk, kind.value), NOTHING) for kind in Activity]) for one in members])


def _cells(members: Sequence[int], first: date, last: date) -> dict[tuple[int, date, str], Spent]:
    entries = TimeEntry.objects.filter(member__in=members).between(first, last)
    measured = MeasuredTime.objects.filter(member__in=members).between(first, last).by_cell()
    added = entries.filter(kind=TimeEntry.Kind.ADDED).by_cell()
    corrected = entries.filter(kind=TimeEntry.Kind.CORRECTED).by_cell()
    return {
        key: Spent(measured.get(key, 0.0), added.get(key, 0.0), corrected.get(key, 0.0))
        for key in {*measured, *added, *corrected}
    }


def actual(today: date, department: Department | None = None) -> Actual | None:
    """Hours a week of the last four whole weeks, or of those since time is measured; None where nothing was."""
    last = monday_of(today) - timedelta(days=1)
    first = last - WEEKS * WEEK + timedelta(days=1)
    sets = _between(first, last)
    begun = [day for day in (rows.aggregate(day=Min("day"))["day"] for rows in sets) if day]
    if not begun:
        return None
    if department is not None:
        sets = [rows.filter(member__in=only_in(department)) for rows in sets]
    weeks = min(WEEKS, ceil(((last - min(begun)).days + 1) / 7))
    hours: dict[str, float] = {}
    for rows in sets:
        for activity, seconds in rows.by_activity().items():
            hours[activity] = hours.get(activity, 0.0) + seconds / 3600 / weeks
    return Actual({key: round(count, 2) for key, count in hours.items()}, first, last, weeks)


def spent_on(activity: str, first: date, last: date, department: Department | None) -> dict[int, float]:
    """Seconds of one activity by member, of those who spent any; of a department's own people where one is named."""
    return _by_member([rows.filter(activity=activity) for rows in _between(first, last)], department)


def spent_in(first: date, last: date, department: Department | None) -> dict[int, float]:
    """Seconds of all activities by member, of those who spent any; of a department's own people where one is named."""
    return _by_member(_between(first, last), department)


def _between(first: date, last: date) -> list[Any]:
    return [MeasuredTime.objects.between(first, last), TimeEntry.objects.between(first, last)]


def _by_member(sets: list[Any], department: Department | None) -> dict[int, float]:
    sums: dict[int, float] = {}
    for rows in sets:
        found = rows if department is None else rows.filter(member__in=only_in(department))
        for member, seconds in found.order_by().values_list("member").annotate(sum=Sum("seconds")):
            sums[member] = sums.get(member, 0.0) + seconds
    return {member: seconds for member, seconds in sums.items() if seconds > 0}
