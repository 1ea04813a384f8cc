"""Evidence of publishing to a rhythm: what our channels promised, and what went out."""

from __future__ import annotations

from content.cadence import cadence_between
from content.calendar_days import WEEK, monday_of
from content.models import Publication
from maturity.evidence.asked import Asked, Figures
from roles import clock


def weeks_kept(asked: Asked) -> Figures:
    """Weeks in a row, of the last eight that are over, in which every channel published what it had promised."""
    monday = monday_of(asked.today)
    rows = cadence_between(monday - 8 * WEEK, monday - WEEK, asked.zone, at=asked.at)
    weeks: dict[object, list[bool]] = {}
    for row in rows:
        for week in row.weeks:
            if week.promised:
                weeks.setdefault(week.monday, []).append(week.is_kept)
    if not weeks:
        return {None: None}
    kept, at = 0, monday - WEEK
    while all(weeks.get(at, [False])):
        kept, at = kept + 1, at - WEEK
    return {None: kept}


def weeks_planned(asked: Asked) -> Figures:
    """Weeks in a row, from this one on and at most eight, for which something is planned or was published."""
    monday = monday_of(asked.today)
    begins_at = clock.moment(monday, 0, asked.zone)
    rows = Publication.objects.taking_place().between(begins_at, begins_at + 8 * WEEK)
    found = {week for _channel, week, _state, _count in rows.counted_by_week(asked.zone)}
    planned = 0
    while planned < 8 and monday + planned * WEEK in found:
        planned += 1
    return {None: planned}
