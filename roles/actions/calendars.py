"""Business hours: calendars, their weeks and holidays, and which department uses which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles import holiday_files
from roles.audit import record
from roles.clock import Spans
from roles.models import Calendar, Department, Holiday, Member, OpenHours, Organization
from roles.opening_words import spans_in_words, week_in_words
from roles.permissions import allowed
from roles.signals import calendar_changed

MOST_HOLIDAYS = 5000


@dataclass
class Imported:
    """What an import did: names of what it left out come with the reason."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)


@allowed("roles.manage_calendars")
@transaction.atomic
def add_calendar(
    organization: Organization,
    *,
    name: str,
    time_zone: str,
    week: Sequence[Spans],
    is_default: bool = False,
    by: Member | None,
    at: datetime,
) -> Calendar:
    """Add business hours: for each weekday from Monday on the hours in which somebody is there.

    The first calendar is the default one.
    """
    calendar = Calendar(organization=organization, name=name, time_zone=time_zone, created_at=at, changed_at=at)
    calendar.is_default = not Calendar.objects.exists()
    calendar.full_clean()
    _check_week(week)
    calendar.save()
    _write_week(calendar, week)
    if is_default and not calendar.is_default:
        _make_default(calendar)
    record("add_calendar", calendar, by=by, at=at, after=_facts(calendar, week))
    calendar_changed.send(Calendar, calendar=calendar, at=at)
    return calendar


@allowed("roles.manage_calendars")
@transaction.atomic
def change_calendar(
    calendar: Calendar,
    *,
    name: str | None = None,
    time_zone: str | None = None,
    week: Sequence[Spans] | None = None,
    is_default: bool = False,
    by: Member | None,
    at: datetime,
) -> Calendar:
    """Change the hours of a calendar, what it is called, or make it the default; what runs is counted anew.

    What is not said stays as it is.
    """
    row = _hold(calendar)
    was = week_of(row)
    before = _facts(row, was)
    row.name = row.name if name is None else name
    row.time_zone = row.time_zone if time_zone is None else time_zone
    week = was if week is None else week
    row.full_clean()
    _check_week(week)
    if is_default and not row.is_default:
        _make_default(row)
    if _facts(row, week) == before:
        return row
    if list(week) != was:
        row.open_hours.all().delete()
        _write_week(row, week)
    _save_changed(row, at=at)
    record("change_calendar", row, by=by, at=at, before=before, after=_facts(row, week))
    return row


@allowed("roles.manage_calendars")
@transaction.atomic
def remove_calendar(calendar: Calendar, *, by: Member | None, at: datetime) -> None:
    """Remove a calendar; departments that used it use the default one, which cannot be removed itself."""
    row = _hold(calendar)
    if row.is_default:
        raise ValidationError(_("This is the default calendar. Make another one the default first."))
    record("remove_calendar", row, by=by, at=at, before=_facts(row, week_of(row)))
    default = Calendar.objects.filter(is_default=True).first()
    row.delete()
    if default is not None:
        _save_changed(default, at=at)


@allowed("roles.manage_calendars")
@transaction.atomic
def choose_calendar(department: Department, *, calendar: Calendar | None, by: Member | None, at: datetime) -> None:
    """Say by whose hours a department works; without a calendar by the default one. It counts from then on."""
    row = (
        Department.objects.select_for_update(no_key=True, of=("self",)).select_related("calendar").get(pk=department.pk)
    )
    if row.calendar == calendar:
        return
    before = {"calendar": str(row.calendar or "")}
    row.calendar = department.calendar = calendar
    row.save(update_fields=["calendar"])
    record("choose_calendar", row, by=by, at=at, before=before, after={"calendar": str(calendar or "")})


@allowed("roles.manage_calendars")
@transaction.atomic
def add_holiday(
    calendar: Calendar,
    *,
    name: str,
    day: date,
    is_yearly: bool = False,
    hours: Spans = (),
    by: Member | None,
    at: datetime,
) -> Holiday:
    """Add a day on which it is otherwise: closed, or open for one span of other hours; once or every year."""
    row = _hold(calendar)
    if len(hours) > 1:
        raise ValidationError({"hours": _("A holiday has one span of hours at most.")})
    opens, closes = hours[0] if hours else (None, None)
    holiday = Holiday(calendar=row, name=name.strip(), day=day, is_yearly=is_yearly, opens=opens, closes=closes)
    holiday.full_clean()
    if row.holidays.count() >= MOST_HOLIDAYS:
        raise ValidationError(_("A calendar has at most %(most)s holidays.") % {"most": MOST_HOLIDAYS})
    holiday.save()
    _save_changed(row, at=at)
    record("add_holiday", holiday, by=by, at=at, after=_holiday_facts(holiday))
    return holiday


@allowed("roles.manage_calendars")
@transaction.atomic
def remove_holiday(holiday: Holiday, *, by: Member | None, at: datetime) -> None:
    """Let a day be as its weekday again."""
    row = _hold(holiday.calendar)
    record("remove_holiday", holiday, by=by, at=at, before=_holiday_facts(holiday))
    holiday.delete()
    _save_changed(row, at=at)


@allowed("roles.manage_calendars")
@transaction.atomic
def import_holidays(calendar: Calendar, *, text: str, by: Member | None, at: datetime) -> Imported:
    """Take over the holidays of an iCalendar file; events that were imported before are changed, never doubled.

    Holidays that were written by hand, or came from other files, stay. Raises ValidationError where it is no such file.
    """
    row = _hold(calendar)
    try:
        found = holiday_files.read(text, today=at.date())
    except holiday_files.NotACalendar as problem:
        raise ValidationError({"text": str(problem)}) from problem
    done = Imported(left_out=found.left_out)
    known = {(one.uid, one.day): one for one in row.holidays.exclude(uid="") if one.uid in found.uids}
    wanted = {(day.uid, day.day): day for day in found.days}
    new = [
        Holiday(calendar=row, uid=day.uid, day=day.day, name=day.name, is_yearly=day.is_yearly)
        for key, day in wanted.items()
        if key not in known
    ]
    changed = []
    for key, one in known.items():
        day = wanted.get(key)
        if day is not None and (one.name, one.is_yearly) != (day.name, day.is_yearly):
            one.name, one.is_yearly = day.name, day.is_yearly
            changed.append(one)
    # Of a rule only the years to come are written out: what is past stays.
    gone = [one for key, one in known.items() if key not in wanted and (one.is_yearly or _in_reach(one.day, at.date()))]
    if row.holidays.count() + len(new) - len(gone) > MOST_HOLIDAYS:
        raise ValidationError({"text": _("A calendar has at most %(most)s holidays.") % {"most": MOST_HOLIDAYS}})
    Holiday.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Holiday.objects.bulk_create(new)
    Holiday.objects.bulk_update(changed, ["name", "is_yearly"])
    done.added, done.changed, done.removed = len(new), len(changed), len(gone)
    done.unchanged = len(wanted) - len(new) - len(changed)
    if new or changed or gone:
        _save_changed(row, at=at)
        counts = {"added": done.added, "changed": done.changed, "removed": done.removed}
        record("import_holidays", row, by=by, at=at, after=counts)
    return done


def week_of(calendar: Calendar) -> list[Spans]:
    """The hours of each weekday, Monday first."""
    week: list[list[tuple[int, int]]] = [[] for _day in range(7)]
    for row in calendar.open_hours.all():
        week[row.weekday].append((row.opens, row.closes))
    return [tuple(sorted(spans)) for spans in week]


def _in_reach(day: date, today: date) -> bool:
    return day >= today - timedelta(days=366 * holiday_files.YEARS_BACK)


def _hold(calendar: Calendar) -> Calendar:
    return Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)


def _save_changed(row: Calendar, *, at: datetime) -> None:
    """Save the calendar with a later stamp than it had, by which whoever counted with it knows."""
    row.changed_at = max(at, row.changed_at + timedelta(microseconds=1))
    row.save()
    calendar_changed.send(Calendar, calendar=row, at=at)


def _make_default(row: Calendar) -> None:
    Calendar.objects.filter(is_default=True).update(is_default=False)
    row.is_default = True
    row.save(update_fields=["is_default"])


def _check_week(week: Sequence[Spans]) -> None:
    if len(week) != 7:
        raise ValidationError({"week": _("A week has seven days, Monday first.")})
    if not any(week):
        raise ValidationError(
            {"week": _("This calendar would never be open, and nothing would ever be due. Give it an opening hour.")}
        )
    for spans in week:
        for opens, closes in spans:
            if not (0 <= opens < 1440 and opens < closes <= opens + 1440):
                raise ValidationError({"week": _("Hours begin on their day and last 24 hours at most.")})


def _write_week(calendar: Calendar, week: Sequence[Spans]) -> None:
    OpenHours.objects.bulk_create(
        OpenHours(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
        for weekday, spans in enumerate(week)
        for opens, closes in spans
    )


def _facts(calendar: Calendar, week: Sequence[Spans]) -> dict[str, Any]:
    return {
        "name": calendar.name,
        "time_zone": calendar.time_zone,
        "is_default": calendar.is_default,
        "hours": week_in_words(week),
    }


def _holiday_facts(holiday: Holiday) -> dict[str, Any]:
    spans = ((holiday.opens, holiday.closes),) if holiday.opens is not None and holiday.closes is not None else ()
    return {
        "calendar": str(holiday.calendar),
        "day": holiday.day.isoformat(),
        "is_yearly": holiday.is_yearly,
        "hours": spans_in_words(spans),
    }
