"""Which steps of the value ladder our pieces serve, and how much of them is about ourselves, where one plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, QuerySet
from django.db.models.functions import Cast, TruncWeek
from django.utils.translation import gettext as _

from content.calendar_days import WEEK, day_in, monday_of
from content.models import Piece, Publication
from engagement.joining import most_about_ourselves, policy
from engagement.models.joinings import ASKED_FOR, GIVEN, Step
from roles.statements import Statement

# What went wrong or was taken off the plan says nothing to anybody.
SAYS_NOTHING = ("cancelled", "missed", "refused")


@dataclass(frozen=True)
class Part:
    """One step with the pieces that serve it, and its share of all in per cent."""

    step: Step
    count: int
    percent: float
    # Where its part of a bar of one hundred begins.
    begins: float

    @property
    def asks(self) -> bool:
        """Whether it asks for something instead of giving."""
        return self.step in ASKED_FOR


@dataclass(frozen=True)
class Mix:
    """Pieces by step between two moments, published and planned; and how many may be about ourselves."""

    counts: dict[Step, int]
    most_percent: int

    @property
    def total(self) -> int:
        """How many pieces there are."""
        return sum(self.counts.values())

    @property
    def given(self) -> int:
        """How many give something."""
        return sum(self.counts[step] for step in GIVEN)

    @property
    def asked_for(self) -> int:
        """How many are about ourselves."""
        return sum(self.counts[step] for step in ASKED_FOR)

    @property
    def percent(self) -> int:
        """What is about ourselves, of all that gives or asks."""
        both = self.given + self.asked_for
        return round(100 * self.asked_for / both) if both else 0

    @property
    def is_too_much(self) -> bool:
        """Whether more is about ourselves than may be."""
        return 100 * self.asked_for > self.most_percent * (self.given + self.asked_for)

    @property
    def parts(self) -> list[Part]:
        """The steps that are served, in the order of the ladder."""
        found, begins = [], 0.0
        for step in Step:
            if count := self.counts[step]:
                percent = 100 * count / self.total
                found.append(Part(step, count, round(percent, 2), round(begins, 2)))
                begins += percent
        return found

    def why_not(self, step: str) -> str:
        """Why one more piece of this step would be too much; empty where it may be."""
        then, of = self.asked_for + 1, self.given + self.asked_for + 1
        if step not in ASKED_FOR or 100 * then <= self.most_percent * of:
            return ""
        said = _(
            "With this, %(then)s of %(of)s pieces would be about ourselves (%(percent)s %%);"
            " at most %(most)s %% may be. Give something first: answer what keeps being asked, show what others do."
        )
        return said % {"then": then, "of": of, "percent": round(100 * then / of), "most": self.most_percent}


def mix(begins: datetime, ends: datetime, *, but: Piece | None = None) -> Mix:
    """What is published and planned from one moment until before another, each piece once; two statements."""
    found = dict(_STEPS.rows(begins=begins, ends=ends, but=but.pk if but is not None else None))
    return Mix({step: found.get(step, 0) for step in Step}, most_about_ourselves())


def _steps(*, begins: datetime, ends: datetime, but: int | None) -> QuerySet[Publication, Any]:
    rows = Publication.objects.between(begins, ends).exclude(state__in=SAYS_NOTHING)
    if but is not None:
        rows = rows.exclude(variant__piece=but)
    found: QuerySet[Publication, Any] = rows.order_by().values_list("variant__piece__step")
    return found.annotate(Count("variant__piece", distinct=True))


_STEPS = Statement(_steps)


def by_week(begins: datetime, ends: datetime, zone: ZoneInfo, *, most: int) -> list[tuple[date, Mix]]:
    """What is published and planned in each of the weeks that these moments touch, whole, by its Monday."""
    first, last = (monday_of(day_in(at, zone)) for at in (begins, ends - timedelta(microseconds=1)))
    whole = [datetime.combine(day, time(), zone) for day in (first, last + WEEK)]
    rows = Publication.objects.between(*whole).exclude(state__in=SAYS_NOTHING)
    found = _by_week(rows, "due_at", zone)
    mondays = [first + WEEK * number for number in range((last - first) // WEEK + 1)]
    return [(monday, Mix(found.get(monday) or dict.fromkeys(Step, 0), most)) for monday in mondays]


def published_by_week(first: date, end: date, zone: ZoneInfo) -> tuple[dict[date, Mix], int]:
    """What went out from one day until before another, by the Monday of its week, and the limit of the policy.

    Each piece counts once in each week in which something of it went out; weeks without any are left out.
    """
    most = most_about_ourselves()
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, end))
    rows = Publication.objects.filter(state="accepted", accepted_at__gte=begins, accepted_at__lt=ends)
    return {week: Mix(counts, most) for week, counts in _by_week(rows, "accepted_at", zone).items()}, most


def _by_week(rows: QuerySet[Publication], moment: str, zone: ZoneInfo) -> dict[date, dict[Step, int]]:
    """How many pieces serve each step, by the Monday of the week of a moment; one statement."""
    weeks = rows.annotate(week=Cast(TruncWeek(moment, tzinfo=zone), DateField())).order_by()
    counted: dict[date, dict[Step, int]] = {}
    for week, step, count in weeks.values_list("week", "variant__piece__step").annotate(
        Count("variant__piece", distinct=True)
    ):
        if step in Step.values:
            counted.setdefault(week, dict.fromkeys(Step, 0))[Step(step)] = count
    return counted


def why_not_planned(piece: Piece, due_at: datetime) -> str:
    """Why a piece would be too much about ourselves at a moment, over the window of the policy; empty where not.

    What was planned for the days before counts like what was published: whoever plans ahead plans the mix.
    """
    if piece.step not in ASKED_FOR:
        return ""
    rule = policy()
    begins = due_at - timedelta(days=rule.window_days)
    return mix(begins, due_at, but=piece).why_not(piece.step)
