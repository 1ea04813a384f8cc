"""Holidays from iCalendar files (RFC 5545): whole days, once, yearly, or by a rule; what cannot be used says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import icalendar
import recurring_ical_events
from django.utils.translation import gettext as _

LARGEST = 1_000_000  # bytes
MOST_EVENTS, MOST_RULES, MOST_DAYS = 2000, 100, 3000
LONGEST = 31  # days of one event
# A rule such as “the fourth Thursday of November” is written out so far; what is yearly on its date goes on for ever.
YEARS_BACK, YEARS_AHEAD = 1, 10
DAY = timedelta(days=1)


class NotACalendar(ValueError):
    """Raised where a file cannot be read as a calendar; the message says what to do."""


@dataclass(frozen=True, order=True)
class Day:
    """One day of a file; the same `uid` and day is the same holiday."""

    uid: str
    day: date
    name: str
    is_yearly: bool = False


@dataclass
class HolidayFile:
    """What a file says: days, the ids of all its events, and what was left out, with the reason."""

    days: list[Day] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def read(text: str, *, today: date) -> HolidayFile:
    """Read a file; raises NotACalendar where it is none, is too large, or holds no event."""
    if len(text) > LARGEST:
        raise NotACalendar(_("The file is too large: a megabyte at most. Export one calendar with holidays only."))
    try:
        calendars = icalendar.Calendar.from_ical(text.lstrip("\ufeff \r\n\t"), multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as problem:
        said = str(problem).splitlines()[0][:160] if str(problem) else type(problem).__name__
        message = _(
            "This is not an iCalendar file (%(problem)s). Choose a file that ends in .ics, or paste its whole text."
        )
        raise NotACalendar(message % {"problem": said}) from problem
    if not events:
        raise NotACalendar(_("There is no event in this file. Export the calendar again, with its events."))
    if len(events) > MOST_EVENTS:
        message = _(
            "There are %(count)s events in this file, more than a calendar of holidays has. Export fewer years."
        )
        raise NotACalendar(message % {"count": len(events)})
    by_uid: dict[str, list[Any]] = {}
    for event in events:
        by_uid.setdefault(_uid(event), []).append(event)
    return _gathered(by_uid, today)


def _gathered(by_uid: dict[str, list[Any]], today: date) -> HolidayFile:
    found = HolidayFile(uids=set(by_uid))
    rules = 0
    for uid, group in by_uid.items():
        name = _name(group[0])
        rules += _has_rule(group)
        if rules > MOST_RULES:
            message = _("More than %(most)s events of this file repeat. Export single days instead of rules.")
            raise NotACalendar(message % {"most": MOST_RULES})
        try:
            days = {day.day: day for day in _days(uid, group, today)}
        except _Unusable as reason:
            found.left_out.append((name, str(reason)))
            continue
        found.days += days.values()
        if len(found.days) > MOST_DAYS:
            message = _("This file makes more than %(most)s days holidays. Export one calendar, and fewer years of it.")
            raise NotACalendar(message % {"most": MOST_DAYS})
    return found


class _Unusable(ValueError):
    """Why one event is left out."""


def _days(uid: str, group: list[Any], today: date) -> Iterator[Day]:
    if any(event.errors for event in group):
        raise _Unusable(_("it cannot be read: %(problem)s") % {"problem": str(group[0].errors[:1])[:120]})
    group = [event for event in group if str(event.get("STATUS", "")).upper() != "CANCELLED"]
    if not group:
        return
    if not _has_rule(group):
        for event in group:
            yield from _written(uid, event, is_yearly=False)
        return
    rule = group[0].get("RRULE")
    alone = len(group) == 1 and not {"EXDATE", "RDATE"} & set(group[0])
    if alone and not isinstance(rule, list) and _is_yearly(rule):
        yield from _written(uid, group[0], is_yearly=True)
        return
    _check_rules(group)
    first, last = today - YEARS_BACK * 366 * DAY, today + YEARS_AHEAD * 366 * DAY
    holder = icalendar.Calendar()
    holder.subcomponents = group
    try:
        occurrences = recurring_ical_events.of(holder).between(first, last)
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError) as problem:
        raise _Unusable(_("its rule cannot be read: %(problem)s") % {"problem": str(problem)[:120]}) from problem
    for event in occurrences:
        yield from _written(uid, event, is_yearly=False)


def _has_rule(group: list[Any]) -> bool:
    return any({"RRULE", "RDATE"} & set(event) for event in group)


def _is_yearly(rule: Any) -> bool:
    """Whether it says no more than: every year on this date."""
    if not {key.upper() for key in rule} <= {"FREQ", "INTERVAL", "WKST"}:
        return False
    return _first(rule, "FREQ") == "YEARLY" and str(_first(rule, "INTERVAL") or 1) == "1"


def _first(rule: Any, key: str) -> Any:
    value = rule.get(key)
    return value[0] if isinstance(value, list) and value else value


def _check_rules(group: list[Any]) -> None:
    """Refuse rules that make no holidays, and those that take for ever to write out."""
    for event in group:
        rule = event.get("RRULE")
        for each in rule if isinstance(rule, list) else [rule] if rule is not None else []:
            if _first(each, "FREQ") not in {"YEARLY", "MONTHLY"} or {"BYHOUR", "BYMINUTE", "BYSECOND"} & set(each):
                message = _("it comes more often than once a month; what is so every week belongs to the week's hours")
                raise _Unusable(message)


def _written(uid: str, event: Any, *, is_yearly: bool) -> Iterator[Day]:
    try:
        start, end = event.start, event.end
    except (ValueError, AttributeError, KeyError, TypeError, OverflowError) as problem:
        raise _Unusable(_("it cannot be read: %(problem)s") % {"problem": str(problem)[:120]}) from problem
    first, last = _whole_day(start), _whole_day(end)
    if first is None or last is None:
        raise _Unusable(_("it has a time of day; a holiday is a whole day, and shorter hours are written by hand"))
    if not all(date.min.year < day.year < date.max.year for day in (first, last)):
        raise _Unusable(_("The date “%(text)s” is a placeholder, not a date.") % {"text": first.isoformat()})
    count = max(1, (last - first).days)
    if count > LONGEST:
        raise _Unusable(_("it lasts longer than a month"))
    for number in range(count):
        yield Day(uid, first + number * DAY, _name(event), is_yearly)


def _whole_day(moment: date | datetime) -> date | None:
    if not isinstance(moment, datetime):
        return moment
    return moment.date() if moment.time() == time.min else None


def _name(event: Any) -> str:
    said = " ".join(str(event.get("SUMMARY", "")).replace("\x00", "").split())
    return said[:200] or _("Holiday")


def _uid(event: Any) -> str:
    said = " ".join(str(event.get("UID", "")).replace("\x00", "").split())
    return said[:255] or f"{_name(event)[:200]} {event.get('DTSTART') and event['DTSTART'].to_ical().decode()[:20]}"
