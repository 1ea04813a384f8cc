"""The cadence of our channels: what was promised, what was published and what is planned, by channel and week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from content.calendar_days import DAY, WEEK, day_in, monday_of
from content.models import CadenceCommitment, Publication
from content.models.publications import UNDER_WAY
from roles import clock
from roles.statements import Statement
from roles.wording import labelled, listed

WEEKS_BACK, WEEKS_AHEAD = 8, 2


@dataclass(frozen=True)
class Kept:
    """One week of one channel."""

    monday: date
    promised: int
    published: int = 0
    # What may still go out in it.
    planned: int = 0
    is_over: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether so much was published as was promised."""
        return self.published >= self.promised

    @property
    def lacks(self) -> int:
        """How much is neither published nor planned."""
        return max(self.promised - self.published - (0 if self.is_over else self.planned), 0)

    @property
    def state(self) -> str:
        """How it stands, as `heat--…` shows it: enough, tight (still to come) or short; nothing without a promise."""
        if not self.promised:
            return ""
        return "enough" if self.is_kept else "short" if self.lacks else "tight"

    @property
    def words(self) -> str:
        """What was published of what was promised, what is planned and what is missing, in the reader's language."""
        planned = 0 if self.is_over else self.planned
        return _in_words(self.published, self.promised, planned, self.lacks, get_language() or "")


# A month has six weeks of many channels, which say the same few things.
@lru_cache(maxsize=2048)
def _in_words(published: int, promised: int, planned: int, lacks: int, _language: str) -> str:
    said = _("%(published)s of %(promised)s") % {"published": published, "promised": promised}
    if planned:
        said = listed([said, _("%(n)s planned") % {"n": planned}])
    if lacks:
        said = labelled(said, ngettext("%(n)s is missing", "%(n)s are missing", lacks) % {"n": lacks})
    return said


class Promise(NamedTuple):
    """What a channel has promised, for how long, and by whom."""

    pk: int
    per_week: int
    since: date
    until: date | None
    # Their name; empty where they are gone.
    promised_by: str | None


class Promising(NamedTuple):
    """The channel that promises."""

    pk: int
    network: str
    name: str


@dataclass(frozen=True)
class ChannelCadence:
    """What one channel promised and kept."""

    channel: Promising
    # What holds now.
    promise: Promise | None
    weeks: Sequence[Kept]

    @property
    def due(self) -> int:
        """Weeks that are over and had a promise."""
        return sum(1 for week in self.weeks if week.is_over and week.promised)

    @property
    def kept(self) -> int:
        """How many of them were kept."""
        return sum(1 for week in self.weeks if week.is_over and week.promised and week.is_kept)


def cadence_between(first: date, last: date, zone: ZoneInfo, *, at: datetime) -> list[ChannelCadence]:
    """Of each channel with a promise the weeks from that of the first day until that of the last."""
    first, last = monday_of(first), monday_of(last)
    promises: defaultdict[Promising, list[Promise]] = defaultdict(list)
    for row in _PROMISES.rows(first=first, last=last + WEEK - DAY):
        promises[Promising(*row[:3])].append(Promise(*row[3:]))
    if not promises:
        return []
    counts = _counted([channel.pk for channel in promises], first, last, zone)
    today = day_in(at, zone)
    mondays = [first + number * WEEK for number in range((last - first) // WEEK + 1)]
    return [
        ChannelCadence(
            channel,
            next((one for one in said if one.until is None), None),
            [
                Kept(monday, _promised(said, monday), *counts.get((channel.pk, monday), (0, 0)), monday + WEEK <= today)
                for monday in mondays
            ],
        )
        for channel, said in promises.items()
    ]  # fmt: skip


def _promises(*, first: date, last: date) -> QuerySet[CadenceCommitment, Any]:
    """Those that held on one of some days, in order of channels."""
    rows = CadenceCommitment.objects.filter(since__lte=last, channel__is_active=True).exclude(until__lt=first)
    name = NullIf("promised_by__user__name", Value(""))
    by = Coalesce(name, F("promised_by__user__email"), output_field=CharField())
    about = ("channel", "channel__network", "channel__name", "pk", "per_week", "since", "until", "by")
    found: QuerySet[CadenceCommitment, Any] = rows.annotate(by=by).values_list(*about)
    return found.order_by("channel__name", "channel", "since")


_PROMISES = Statement(_promises)


def cadence_now(zone: ZoneInfo, *, at: datetime) -> list[ChannelCadence]:
    """The last weeks, this one, and the next."""
    monday = monday_of(day_in(at, zone))
    return cadence_between(monday - WEEKS_BACK * WEEK, monday + WEEKS_AHEAD * WEEK, zone, at=at)


def _promised(said: Iterable[Promise], monday: date) -> int:
    """What held in a week: what was promised before it ended, and had not been taken back by its beginning."""
    return sum(
        row.per_week for row in said if row.since <= monday and (row.until is None or row.until >= monday)
    )  # fmt: skip


def _counted(channels: list[int], first: date, last: date, zone: ZoneInfo) -> dict[tuple[int, date], tuple[int, int]]:
    begins_at, ends_at = clock.moment(first, 0, zone), clock.moment(last + WEEK, 0, zone)
    found: defaultdict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0])
    for channel, week, state, count in _BY_WEEK.rows(zone, channels=channels, begins=begins_at, ends=ends_at):
        found[channel, week][0 if state == "accepted" else 1] += count if state in ("accepted", *UNDER_WAY) else 0
    return {key: (published, planned) for key, (published, planned) in found.items()}


def _by_week(zone: ZoneInfo, *, channels: list[int], begins: datetime, ends: datetime) -> QuerySet[Publication, Any]:
    rows = Publication.objects.on_channels(channels).between(begins, ends)
    found: QuerySet[Publication, Any] = rows.counted_by_week(zone)
    return found


_BY_WEEK = Statement(_by_week)
