"""iCalendar files (RFC 5545) that calendar programs read from an address: how each begins and is written."""

from __future__ import annotations

import icalendar


def calendar_named(name: str, *, part: str) -> icalendar.Calendar:
    """Begin a calendar with the name under which a program lists it; `part` says what of the house made it."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//Touchline//{part}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    return calendar


def written(calendar: icalendar.Calendar) -> bytes:
    """Write it, with the rules of the time zones that its events name."""
    if calendar.subcomponents:
        calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text
