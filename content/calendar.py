"""What the calendar shows: publications as cards on their days, what is not planned yet beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse

from content.bands import Band, banded_between, lanes
from content.cadence import Kept, Promising, cadence_between
from content.calendar_cards import Card, CardWords, card_words, cards_among, cards_of, reviewed, unplanned
from content.calendar_days import WEEK, Span, day_in, span_of
from content.calendar_filter import Wanted
from content.meanwhile import Meanwhile, between
from content.models import Publication
from content.planning import due_of
from content.slots import Opening, free_between
from roles.statements import Statement

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
    kept: Sequence[tuple[Promising, Kept]]


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
    def words(self) -> CardWords:
        """What is the same on all of its cards."""
        cards = [*self.unplanned, *(card for day in self.days for card in day.cards)]
        others = {one.network for day in self.days for one in day.free}
        others |= {channel.network for week in self.weeks for channel, _kept in week.kept}
        return card_words(self.here, cards, others)

    @property
    def here(self) -> str:
        """Its address."""
        return reverse("content:calendar") + self.wanted.but(after=self.wanted.after)

    @property
    def zones(self) -> list[str]:
        """The time zones of the schedules that are shown."""
        return sorted({card.there_zone for day in self.days for card in day.cards if card.there_zone})


def shown(wanted: Wanted, *, at: datetime) -> Shown:
    """Read what an address asks for."""
    span = span_of(wanted.view, wanted.day or day_in(at, wanted.zone), wanted.zone)
    going_on = between(span.begins_at, span.ends_at)
    is_list = wanted.view == "list"
    on_days, last, counts = _listed(wanted, span, going_on) if is_list else _placed(wanted, span, going_on)
    cards, beside = reviewed(on_days, unplanned(wanted, span, most=UNPLANNED + 1))
    about = (beside[:UNPLANNED], len(beside) > UNPLANNED)
    by_day = _by_day(cards)
    shown_days = sorted(by_day) if is_list else span.days
    days = [_day(day, span, at, by_day.get(day, []), counts) for day in shown_days]
    if is_list:
        return Shown(wanted, span, days, *about, last=last)
    _add_free(days, wanted, span, at)
    _add_notes(days, span, going_on)
    return Shown(wanted, span, days, *about, weeks=_weeks(days, wanted, span, at))


def _day(day: date, span: Span, at: datetime, cards: list[Card], counts: Mapping[date, int]) -> Day:
    today = day_in(at, span.zone)
    return Day(day, span.is_outside(day), day == today, day < today, cards, counts.get(day, len(cards)))


# Cards in the order of time, the key after which a list goes on, and how many there are on days that show only some.
Found = tuple[list[Card], int | None, Mapping[date, int]]


def _placed(wanted: Wanted, span: Span, going_on: Sequence[Meanwhile]) -> Found:
    """The first cards of each day."""
    shape = (wanted.state, span.zone, MOST_OF_DAY[wanted.view])
    places = _FIRST.rows(*shape, begins=span.begins_at, ends=span.ends_at, **wanted.choice)
    cards = cards_among([pk for pk, _day, _count in places], span.zone, going_on)
    return cards, None, {day: count for _pk, day, count in places}


def _first_of_days(
    state: str, zone: ZoneInfo, most: int, *, begins: datetime, ends: datetime, **choice: Any
) -> QuerySet[Publication, Any]:
    rows = Wanted(state=state, **choice).publications().between(begins, ends)
    found: QuerySet[Publication, Any] = rows.first_of_each_day(zone, most=most)
    return found


_FIRST = Statement(_first_of_days)


def _listed(wanted: Wanted, span: Span, going_on: Sequence[Meanwhile]) -> Found:
    """One page of the list."""
    rows = wanted.publications().filter(due_at__gte=span.begins_at)
    if wanted.after:
        rows = rows.after(wanted.after)
    cards = cards_of(rows, span.zone, going_on, limit=PER_PAGE + 1)
    return cards[:PER_PAGE], cards[PER_PAGE - 1].pk if len(cards) > PER_PAGE else None, {}


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


def _add_notes(days: Sequence[Day], span: Span, going_on: Sequence[Meanwhile]) -> None:
    """Say on each day what goes on then."""
    for one in going_on:
        first = day_in(one.begins_at, span.zone)
        last = day_in(one.ends_at, span.zone) if one.ends_at else span.last
        for day in days:
            if first <= day.day <= last and one.words not in day.notes:
                day.notes.append(one.words)


def _weeks(days: Sequence[Day], wanted: Wanted, span: Span, at: datetime) -> list[Week]:
    bands = banded_between(span.first, span.last, only=wanted.campaign)
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
