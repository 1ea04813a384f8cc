"""A cadence as an iCalendar file (RFC 5545): one repeating event for each block, in local time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
from django.utils.translation import gettext as _

from maturity.keeping import days_off
from roles.calendar_files import calendar_named, written
from roles.models import Absence, Member, TimeBlock
from roles.tenancy import active_organization

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# So far ahead holidays are left out by name; the file is read again long before that.
AHEAD = timedelta(days=400)
BEGUN = timedelta(days=28)


def cadence_file(member: Member, *, at: datetime) -> bytes:
    """Write the member's cadence, without holidays and what falls into times at which they said that they are away."""
    organization = active_organization()
    zone = organization.zone
    today = at.astimezone(zone).date()
    name = _("%(organization)s: my cadence") % {"organization": organization}
    calendar = calendar_named(name, part="Cadence")
    blocks = list(TimeBlock.objects.filter(member=member))
    off, away = days_off(member, today - BEGUN, today + AHEAD), _away(member, at)
    for block in blocks:
        calendar.add_component(_event(block, off | _missed(block, away, today, zone), today, at))
    return written(calendar)


def _event(block: TimeBlock, off: set[date], today: date, at: datetime) -> icalendar.Event:
    zone = active_organization().zone
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


def _away(member: Member, at: datetime) -> list[tuple[datetime, datetime]]:
    """When the member is away from now on, also as planned, where they said until when."""
    rows = Absence.objects.filter(member=member, ends_at__gt=at).between(at, at + AHEAD)
    return [(row.begins_at, row.ends_at) for row in rows if row.ends_at]


def _missed(block: TimeBlock, away: Sequence[tuple[datetime, datetime]], today: date, zone: ZoneInfo) -> set[date]:
    """The days from today on for which a block falls away: those on which it begins while the member is away."""
    found = set()
    for begins_at, ends_at in away:
        first = max(begins_at.astimezone(zone).date(), today)
        last = min(ends_at.astimezone(zone).date(), today + AHEAD)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day.weekday() == block.weekday and begins_at <= datetime.combine(day, block.begins, zone) < ends_at:
                found.add(day)
    return found
