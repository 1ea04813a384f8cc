"""The staffing calculator's answer: what was measured, what was assumed, and the week in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maturity import staffing_facts as facts
from maturity.evidence.asked import Asked
from maturity.staffing import SHORT, Assumptions, Gap, Hour, Week, plan
from measurement.handling import Handling
from measurement.selecting import Side
from roles.models import Department, Weekday
from roles.wording import number, spoken

UNMEASURED_MINUTES = 10.0
SHARE, SHRINKAGE = 0.8, 0.2
SAID_GAPS = 5


@dataclass(frozen=True)
class Answer:
    """One week, planned, and what it rests on."""

    department: Department | None
    side: Side
    arrivals: facts.Arrivals
    handling: Handling
    hands_on: facts.HandsOn | None
    committed: facts.Committed
    week: Week

    @property
    def rows(self) -> list[tuple[str, list[Hour]]]:
        """The hours of the day in which anything happens, each with its seven days."""
        hours = self.week.hours
        busy = [hour.number % 24 for hour in hours if hour.needed or hour.there or hour.arriving]
        if not busy:
            return []
        return [
            (f"{clock:02}:00", [hours[24 * day + clock] for day in range(7)])
            for clock in range(min(busy), max(busy) + 1)
        ]

    @property
    def in_words(self) -> list[str]:
        """The gap in sentences, the worst first."""
        week = self.week
        if not self.arrivals.total:
            return []
        said = [
            _("%(n)s pieces of work a week, each %(time)s; with all who are needed there, %(hours)s hours.")
            % {
                "n": number(week.arriving),
                "time": spoken(week.assumptions.handling_minutes),
                "hours": number(week.needed),
            }
        ]
        if week.there:
            said.append(
                _("%(there)s hours are committed; %(placed)s of them lie where somebody is needed.")
                % {"there": number(week.there), "placed": number(week.well_placed)}
            )
        short = [hour for hour in week.hours if hour.state == SHORT]
        if not short:
            said.append(_("In every hour in which somebody is needed, enough are there."))
            return said
        said.append(
            ngettext(
                "In %(n)s hour of the week somebody is missing.", "In %(n)s hours of the week somebody is missing.",
                len(short),
            )
            % {"n": len(short)}
        )  # fmt: skip
        return said

    @property
    def gaps(self) -> list[tuple[str, str]]:
        """When somebody is missing, and how many at most; the worst few."""
        return [
            (
                span_in_words(gap),
                ngettext("%(n)s more", "%(n)s more", round(gap.most)) % {"n": number(gap.most)},
            )
            for gap in self.week.gaps[:SAID_GAPS]
        ]


def answer(at: datetime, department: Department | None, **wanted: Any) -> Answer:
    """Read what is measured and plan the week; what is wanted otherwise replaces what was measured."""
    asked = Asked(at)
    measured = facts.handling(asked, department)
    # What people were really busy with says more than how long something lay claimed.
    hands_on = facts.hands_on(asked, department)
    minutes = hands_on.minutes if hands_on else measured.minutes
    arriving = facts.arrivals(asked, department)
    committed = facts.committed(asked, department)
    said = Assumptions(
        handling_minutes=float(wanted.get("handling_minutes") or minutes or UNMEASURED_MINUTES),
        target_minutes=float(wanted.get("target_minutes") or facts.promised_minutes(department)),
        share=_share(wanted.get("share"), SHARE),
        shrinkage=_share(wanted.get("shrinkage"), SHRINKAGE),
        factor=_share(wanted.get("factor"), 1.0),
    )
    week = plan(arriving.by_hour, facts.opened(asked, department), committed.by_hour, said)
    return Answer(department, asked.sides["answering"], arriving, measured, hands_on, committed, week)


def span_in_words(gap: Gap) -> str:
    """When hours begin and end: `Tuesday 09:00–12:00`."""
    days: Sequence[Any] = Weekday.labels
    first, last = days[gap.start // 24 % 7], days[(gap.end - 1) // 24 % 7]
    begins, ends = f"{gap.start % 24:02}:00", f"{(gap.end - 1) % 24 + 1:02}:00"
    if first == last:
        return f"{first} {begins}–{ends}"
    return f"{first} {begins} – {last} {ends}"


def _share(percent: float | None, usual: float) -> float:
    return usual if percent is None else percent / 100
