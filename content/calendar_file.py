"""The calendar as an iCalendar file: what is planned and was published, and the bands of campaigns and events."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import icalendar
from django.utils.translation import gettext as _

from content.calendar_days import DAY, day_in
from content.models import CalendarFeed, Campaign, Publication
from content.planning import zone_of
from roles.calendar_files import calendar_named, written
from roles.links import inside_address
from roles.tenancy import active_organization

BACK, AHEAD = timedelta(days=28), timedelta(days=400)
# What is nearest; the file is read again long before more of it comes.
MOST = 2_000
LASTS = timedelta(minutes=15)


def calendar_file(feed: CalendarFeed, *, at: datetime) -> bytes:
    """Write what the one whose address it is has planned or written, or, for everybody's, all of it."""
    organization = active_organization()
    said = _("%(organization)s: what I publish") if feed.member_id else _("%(organization)s: what we publish")
    calendar = calendar_named(said % {"organization": organization}, part="Content")
    rows = Publication.objects.on_calendar().between(at - BACK, at + AHEAD)
    if feed.member_id:
        rows = rows.concerning(feed.member_id)
    for row in rows.with_everything().in_time()[:MOST]:
        calendar.add_component(_event(row, at))
    today = day_in(at, organization.zone)
    for campaign in Campaign.objects.on_days(today - BACK, today + AHEAD).newest_first()[:MOST]:
        calendar.add_component(_band(campaign, at))
    return written(calendar)


def _event(row: Publication, at: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"publication-{row.pk}@touchline")
    event.add("dtstamp", at)
    event.add("summary", f"{row.variant.piece} · {row.channel.name}")
    begins = row.due_at.astimezone(zone_of(row.zone))
    event.add("dtstart", begins)
    event.add("dtend", (row.due_at + LASTS).astimezone(zone_of(row.zone)))
    event.add("description", row.get_state_display())
    event.add("url", row.remote_url or inside_address("content:piece", row.variant.piece_id))
    event.add("status", "CONFIRMED" if row.state == Publication.State.ACCEPTED else "TENTATIVE")
    # It takes nobody's time when it goes out.
    event.add("transp", "TRANSPARENT")
    return event


def _band(row: Campaign, at: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"campaign-{row.pk}@touchline")
    event.add("dtstamp", at)
    event.add("summary", row.name)
    event.add("dtstart", row.begins_on)
    event.add("dtend", min(row.ends_on, date.max - DAY) + DAY)
    event.add("transp", "TRANSPARENT")
    if row.goal:
        event.add("description", row.goal)
    return event
