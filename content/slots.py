"""Slots laid on the days of the calendar, and which of them are still free."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from content.calendar_days import DAY, day_in
from content.models import Publication, Slot
from content.planning import due_of, zone_of
from listening.models import Channel
from roles.keys import key_in
from roles.statements import Statement

# Two of one channel that are nearer to each other are in each other's way, and who is so near to a slot has taken it.
CLOSE = timedelta(minutes=30)
# So far ahead one looks for a slot that is free.
AHEAD = timedelta(days=60)


class Laid(NamedTuple):
    """A slot as it is laid on days, with its channel."""

    pk: int
    weekday: int
    at_time: time
    zone: str
    channel: int
    network: str
    channel_name: str


class Opening(NamedTuple):
    """A slot on one day: the wall time there, and the moment that this is."""

    slot: int
    channel: int
    network: str
    channel_name: str
    on_day: date
    at_time: time
    zone: str
    due_at: datetime

    @property
    def key(self) -> str:
        """What a form names it by."""
        return f"{self.slot}-{self.on_day.isoformat()}"


def openings(slots: Iterable[Laid], begins_at: datetime, ends_at: datetime) -> list[Opening]:
    """Lay slots on the days between two moments, in the order in which they come."""
    found = []
    for slot in slots:
        zone = zone_of(slot.zone)
        day = day_in(begins_at, zone) - DAY
        day += (slot.weekday - day.weekday()) % 7 * DAY
        while (due_at := due_of(day, slot.at_time, slot.zone)) < ends_at:
            if due_at >= begins_at:
                about = (slot.pk, slot.channel, slot.network, slot.channel_name)
                found.append(Opening(*about, day, slot.at_time, slot.zone, due_at))
            day += 7 * DAY
    return sorted(found, key=lambda one: (one.due_at, one.channel, one.slot))


def free_between(begins_at: datetime, ends_at: datetime, *, at: datetime, channel: int | None = None) -> list[Opening]:
    """The slots between two moments, not before `at`, at which their channels say nothing yet."""
    slots = [Laid(*row) for row in _OF_ACTIVE.rows(channel=channel)]
    laid = openings(slots, max(begins_at, at), ends_at)
    if not laid:
        return []
    taken: defaultdict[int, list[datetime]] = defaultdict(list)
    channels = sorted({one.channel for one in laid})
    begins, ends = laid[0].due_at - CLOSE, laid[-1].due_at + CLOSE
    for key, due_at in _TAKEN.rows(channels=channels, begins=begins, ends=ends):
        taken[key].append(due_at)
    return [one for one in laid if not _is_taken(one, taken[one.channel])]


def _of_active(*, channel: int | None) -> QuerySet[Slot, Any]:
    rows = Slot.objects.filter(channel__is_active=True)
    return _laid(rows if channel is None else rows.filter(channel=channel))


def _laid(rows: QuerySet[Slot]) -> QuerySet[Slot, Any]:
    return rows.values_list("pk", "weekday", "at_time", "zone", "channel", "channel__network", "channel__name")


_OF_ACTIVE = Statement(_of_active)


def _taken(*, channels: list[int], begins: datetime, ends: datetime) -> QuerySet[Publication, Any]:
    rows = Publication.objects.taking_place().between(begins, ends).on_channels(channels)
    found: QuerySet[Publication, Any] = rows.in_time().values_list("channel", "due_at")
    return found


_TAKEN = Statement(_taken)


def next_free(channel: Channel, *, at: datetime, most: int = 1) -> list[Opening]:
    """The next slots of a channel that are free, at most so many."""
    return free_between(at, at + AHEAD, at=at, channel=channel.pk)[:most]


def opening_named(text: str) -> Opening | None:
    """The slot on a day that a form names; None where there is none, or it is on no such day."""
    key, _dash, day = text.partition("-")
    try:
        on_day = date.fromisoformat(day)
    except ValueError:
        return None
    row = _laid(Slot.objects.filter(pk=key_in(key) or 0)).first()
    slot = Laid(*row) if row else None
    if slot is None or slot.weekday != on_day.weekday():
        return None
    begins_at = due_of(on_day, slot.at_time, slot.zone)
    return next(iter(openings([slot], begins_at, begins_at + timedelta(minutes=1))), None)


def _is_taken(one: Opening, taken: list[datetime]) -> bool:
    place = bisect_left(taken, one.due_at - CLOSE)
    # One that is just as far away as it may be leaves it free.
    while place < len(taken) and taken[place] <= one.due_at - CLOSE:
        place += 1
    return place < len(taken) and taken[place] < one.due_at + CLOSE
