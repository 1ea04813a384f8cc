"""A cadence as an iCalendar file (RFC 5545): one repeating event for each block, in local time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import icalendar
from django.utils.translation import gettext as _

from maturity.keeping import days_off
from measurement.windows import zone_of
from roles.models import Absence, Member, TimeBlock
from roles.tenancy import active_organization

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# So far ahead holidays are left out by name; the file is read again long before that.
AHEAD = timedelta(days=400)
BEGUN = timedelta(days=28)


def cadence_file(member: Member, *, at: datetime) -> bytes:
    """Write the member's cadence, without holidays and the days on which they said that they are away."""
    organization = active_organization()
    zone = zone_of(organization.time_zone)
    today = at.astimezone(zone).date()
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Touchline//Cadence//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("%(organization)s: my cadence") % {"organization": organization})
    blocks = list(TimeBlock.objects.filter(member=member))
    off = days_off(member, today - BEGUN, today + AHEAD) | _away(member, today, at)
    for block in blocks:
        calendar.add_component(_event(block, off, today, at))
    if blocks:
        calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _event(block: TimeBlock, off: set[date], today: date, at: datetime) -> icalendar.Event:
    zone = zone_of(active_organization().time_zone)
    first = block.since or today - BEGUN
    first += timedelta(days=(block.weekday - first.weekday()) % 7)
    last = first if block.ends > block.begins else first + timedelta(days=1)
    event = icalendar.Event()
    event.add("uid", f"block-{block.pk}@touchline")
    event.add("dtstamp", at)
    event.add("summary", str(block.get_activity_display()))
    event.add("dtstart", datetime.combine(first, block.begins, zone))
    event.add("dtend", datetime.combine(last, block.ends, zone))
    event.add("rrule", {"freq": "weekly", "byday": [DAYS[block.weekday]]})
    left_out: Sequence[date] = sorted(day for day in off if day >= first and day.weekday() == block.weekday)
    if left_out:
        event.add("exdate", [datetime.combine(day, block.begins, zone) for day in left_out])
    return event


def _away(member: Member, today: date, at: datetime) -> set[date]:
    """The whole days for which the member is away from today on, also as planned, where they said until when."""
    zone, found = zone_of(active_organization().time_zone), set()
    rows = Absence.objects.filter(member=member, ends_at__gt=at).between(at, at + AHEAD)
    for row in rows:
        first = max(row.begins_at.astimezone(zone).date(), today)
        last = row.ends_at.astimezone(zone).date() if row.ends_at else first
        days = min((last - first).days, AHEAD.days)
        found |= {first + timedelta(days=number) for number in range(days)}
    return found
