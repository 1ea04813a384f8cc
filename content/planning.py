"""When something is due: what a person reads off a clock, as a moment."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from roles import clock

# What zones are known for, and calendars show.
YEARS = range(1971, 2199)
YEARS_SAID = {"first": YEARS[0], "last": YEARS[-1]}


def due_of(on_day: date, at_time: time, zone: str) -> datetime:
    """Return the moment at which the clocks of a zone show a time on a day, to the minute.

    Where the clock jumps over that time it is the moment of the jump; where it comes twice, the first. Raises
    ValidationError for a zone that nobody knows and for a day that no calendar shows.
    """
    if on_day.year not in YEARS:
        raise ValidationError({"on_day": _("Choose a day between %(first)s and %(last)s.") % YEARS_SAID})
    return clock.moment(on_day, at_time.hour * 60 + at_time.minute, zone_of(zone))


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name of the IANA database; raises ValidationError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ValidationError({"zone": _("There is no time zone “%(zone)s”.") % {"zone": name[:64]}}) from problem
