"""An organization's calendars, ready to be counted with: stored rows as hours that the clock understands."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from roles.clock import ALWAYS, BusinessHours, Hours, NeverOpen, Spans, due
from roles.models import Calendar, Department

KEPT = 64
_kept: OrderedDict[tuple[int, datetime], BusinessHours] = OrderedDict()


class Calendars:
    """The calendars of the active organization and which department uses which, read in two queries."""

    def __init__(self) -> None:
        rows = list(Calendar.objects.by_name())
        self._rows = {row.pk: row for row in rows}
        self._default = next((row.pk for row in rows if row.is_default), None)
        self._of_departments = dict(
            Department.objects.filter(calendar__isnull=False).values_list("pk", "calendar_id") if rows else ()
        )

    def of_department(self, department_id: int | None) -> int | None:
        """The key of the calendar that a department uses: its own, or the default one; None where there is none."""
        own = self._of_departments.get(department_id or 0)
        return own if own is not None else self._default

    def hours(self, calendar_id: int | None) -> Hours:
        """The hours of a calendar; where there is none, it is always open."""
        row = self._rows.get(calendar_id or 0)
        return ALWAYS if row is None else hours_of(row)

    def hours_from(self, at: datetime, department_id: int | None) -> Hours:
        """The hours in which a department works from a moment on; where none ever come, it is always open."""
        hours = self.hours(self.of_department(department_id))
        try:
            due(at, 1, hours=hours)
        except NeverOpen:
            return ALWAYS
        return hours


def hours_of(calendar: Calendar) -> BusinessHours:
    """The calendar as the clock counts with it; kept in memory until it changes."""
    key = (calendar.pk, calendar.changed_at)
    if (found := _kept.get(key)) is None:
        found = _kept[key] = _read(calendar)
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _read(calendar: Calendar) -> BusinessHours:
    week: list[list[tuple[int, int]]] = [[] for _day in range(7)]
    for row in calendar.open_hours.all():
        week[row.weekday].append((row.opens, row.closes))
    days: dict[date, Spans] = {}
    yearly: dict[tuple[int, int], tuple[int, Spans]] = {}
    # Imported ones first: what a person has written of a day counts.
    for holiday in sorted(calendar.holidays.all(), key=lambda row: (not row.uid, row.pk)):
        spans: Spans = ()
        if holiday.opens is not None and holiday.closes is not None:
            spans = ((holiday.opens, holiday.closes),)
        if holiday.is_yearly:
            yearly[holiday.day.month, holiday.day.day] = (holiday.day.year, spans)
        else:
            days[holiday.day] = spans
    first, *rest = (tuple(sorted(spans)) for spans in week)
    return BusinessHours(ZoneInfo(calendar.time_zone), (first, *rest), days, yearly)  # type: ignore[arg-type]
