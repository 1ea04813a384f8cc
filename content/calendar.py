"""What the calendar shows: publications as cards on their days, what is not planned yet beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from content.bands import Band, lanes
from content.cadence import Kept, cadence_between
from content.calendar_cards import Card, cards_of, unplanned
from content.calendar_days import WEEK, Span, day_in, span_of
from content.calendar_filter import Wanted
from content.meanwhile import between
from content.models import Campaign, Publication
from content.planning import due_of
from content.slots import Opening, free_between
from listening.models import Channel

# So many cards, and so many free slots, stand on a day of the month; the rest is one link away. A week has more room.
MOST_OF_DAY = {"month": 4, "week": 30}
MOST_FREE = {"month": 2, "week": 12}
PER_PAGE = 60
UNPLANNED = 20


@dataclass
class Day:
    """A day of the calendar; `notes` say what else goes on."""

    day: date
    is_outside: bool = False
    is_today: bool = False
    is_past: bool = False
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    free: list[Opening] = field(default_factory=list)
    free_count: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many stand behind the link."""
        return self.count - len(self.cards)

    @property
    def more_free(self) -> int:
        """How many more slots are free."""
        return self.free_count - len(self.free)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all stands there."""
        return not (self.count or self.free_count or self.notes)


@dataclass(frozen=True)
class Week:
    """Seven days with the bands that lie over them, and what channels promised for them."""

    days: Sequence[Day]
    lanes: Sequence[Sequence[Band]]
    kept: Sequence[tuple[Channel, Kept]]


@dataclass(frozen=True)
class Shown:
    """A stretch of the calendar: its days, by weeks where it has any, and what is beside them."""

    wanted: Wanted
    span: Span
    days: Sequence[Day]
    unplanned: Sequence[Card]
    has_more_unplanned: bool
    weeks: Sequence[Week] = ()
    # The last one of a list that goes on.
    last: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said on any of its days."""
        return not any(day.count for day in self.days)

    @property
    def zones(self) -> list[str]:
        """The time zones of the schedules that are shown."""
        return sorted({card.there_zone for day in self.days for card in day.cards if card.there_zone})


def shown(wanted: Wanted, *, at: datetime) -> Shown:
    """Read what an address asks for."""
    span = span_of(wanted.view, wanted.day or day_in(at, wanted.zone), wanted.zone)
    beside = unplanned(wanted, most=UNPLANNED + 1)
    about = (beside[:UNPLANNED], len(beside) > UNPLANNED)
    if wanted.view == "list":
        cards, last = _listed(wanted, span)
        by_day = _by_day(cards)
        days = [_day(day, span, at, (rows, len(rows))) for day, rows in sorted(by_day.items())]
        return Shown(wanted, span, days, *about, last=last)
    placed = _placed(wanted, span)
    days = [_day(day, span, at, placed.get(day, ([], 0))) for day in span.days]
    _add_free(days, wanted, span, at)
    _add_notes(days, span)
    return Shown(wanted, span, days, *about, weeks=_weeks(days, wanted, span, at))


def _day(day: date, span: Span, at: datetime, found: tuple[list[Card], int]) -> Day:
    today = day_in(at, span.zone)
    return Day(day, span.is_outside(day), day == today, day < today, *found)


def _placed(wanted: Wanted, span: Span) -> dict[date, tuple[list[Card], int]]:
    """The first cards of each day, and how many there are."""
    rows = wanted.publications().between(span.begins_at, span.ends_at)
    places = list(rows.first_of_each_day(span.zone, most=MOST_OF_DAY[wanted.view]))
    counts = {day: count for _pk, day, count in places}
    shown_here = Publication.objects.filter(pk__in=[pk for pk, _day, _count in places])
    cards = _by_day(cards_of(shown_here, span.zone, _going_on(span)))
    return {day: (cards.get(day, []), count) for day, count in counts.items()}


def _listed(wanted: Wanted, span: Span) -> tuple[list[Card], int | None]:
    """One page of the list, and the key after which it goes on."""
    rows = wanted.publications().filter(due_at__gte=span.begins_at)
    if wanted.after:
        rows = rows.after(wanted.after)
    cards = cards_of(rows, span.zone, _going_on(span), limit=PER_PAGE + 1)
    return cards[:PER_PAGE], cards[PER_PAGE - 1].pk if len(cards) > PER_PAGE else None


def _going_on(span: Span) -> list[Any]:
    return between(span.begins_at, span.ends_at)


def _add_free(days: Sequence[Day], wanted: Wanted, span: Span, at: datetime) -> None:
    """Put free slots on their days, as far as there is room; where one looks for something else there are none."""
    if wanted.campaign or wanted.state:
        return
    by_day: defaultdict[date, list[Opening]] = defaultdict(list)
    for one in free_between(span.begins_at, span.ends_at, at=at, channel=wanted.channel):
        by_day[day_in(one.due_at, span.zone)].append(one)
    for day in days:
        found = by_day.get(day.day, [])
        day.free, day.free_count = found[: MOST_FREE[wanted.view]], len(found)


def _add_notes(days: Sequence[Day], span: Span) -> None:
    """Say on each day what goes on then."""
    for one in _going_on(span):
        first = day_in(one.begins_at, span.zone)
        last = day_in(one.ends_at, span.zone) if one.ends_at else span.last
        for day in days:
            if first <= day.day <= last and one.words not in day.notes:
                day.notes.append(one.words)


def _weeks(days: Sequence[Day], wanted: Wanted, span: Span, at: datetime) -> list[Week]:
    campaigns = Campaign.objects.on_days(span.first, span.last).order_by("begins_on", "pk")
    if wanted.campaign:
        campaigns = campaigns.filter(pk=wanted.campaign)
    bands = list(campaigns)
    kept = cadence_between(span.first, span.last, span.zone, at=at)
    found = []
    for start in range(0, len(days), WEEK.days):
        monday = days[start].day
        promised = [
            (row.channel, week)
            for row in kept
            for week in row.weeks
            if week.monday == monday and week.promised and wanted.channel in (None, row.channel.pk)
        ]
        found.append(Week(days[start : start + WEEK.days], lanes(bands, monday), promised))
    return found


def _by_day(cards: Iterable[Card]) -> dict[date, list[Card]]:
    found: defaultdict[date, list[Card]] = defaultdict(list)
    for card in cards:
        assert card.day is not None
        found[card.day].append(card)
    return dict(found)


def moved_to(publication: Publication, day: date, zone: ZoneInfo) -> date:
    """The day of its own schedule on which a publication must be to stand on a day of a calendar in another zone.

    Its clock shows the same time as before; near midnight a change of the clock may make it the day beside.
    """
    on_day = publication.on_day + (day - day_in(publication.due_at, zone))
    for shift in (0, -1, 1):
        tried = date.fromordinal(on_day.toordinal() + shift)
        if day_in(due_of(tried, publication.at_time, publication.zone), zone) == day:
            return tried
    return on_day
