"""What is usual: the same metric of as many days, again and again through the year before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from measurement.measuring import ALL_AT_ONCE, values_each
from measurement.metric import About
from measurement.metrics import METRICS
from measurement.models import DailyMentions, DailyResponses, DailyTopics
from measurement.saying import said
from measurement.selecting import Selection
from measurement.sums import published
from measurement.windows import Window
from roles.models import Member

# Of fewer spans nobody can say what is usual.
FEWEST = 3
# Twelve months, of which one may have a day more.
YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Usual:
    """What a metric was in as many spans of the year before as were measured: in the middle, at least and at most."""

    key: str
    median: float
    lowest: float
    highest: float
    spans: int

    def said(self, currency: str = "") -> str:
        """In words: “120 (80 to 160)”."""
        kind = METRICS[self.key].kind
        words = [said(kind, _counted(kind, one), currency=currency) for one in (self.median, self.lowest, self.highest)]
        return _("%(median)s (%(lowest)s to %(highest)s)") % dict(
            zip(("median", "lowest", "highest"), words, strict=True)
        )


@dataclass(frozen=True)
class Past:
    """What is usual of some metrics, and of how many spans it is told."""

    found: Mapping[str, Usual]
    # How many spans of these days there are in a year, and in how many of them was measured at all.
    there: int
    measured: int

    @property
    def said(self) -> str:
        """Of what it is told, or why it is not."""
        if self.measured >= FEWEST:
            return _("Usual is the middle of %(n)s such spans in the year before, with the least and the most.") % {
                "n": self.measured
            }
        if self.there < FEWEST:
            return _("In a year there are too few such spans to say what is usual.")
        if not self.measured:
            return _("No such span of the year before was measured, so nothing is said to be usual.")
        told = ngettext(
            "Only %(n)s such span of the year before was measured: too few to say what is usual.",
            "Only %(n)s such spans of the year before were measured: too few to say what is usual.",
            self.measured,
        )
        return told % {"n": self.measured}


def usual(
    selection: Selection, keys: Collection[str], *, at: datetime, viewer: Member | None = None
) -> Past:  # fmt: skip
    """What is usual of some metrics, as far as the year before was measured; read for all spans at once."""
    spans = spans_before(selection.window)
    there = len(spans)
    if there < FEWEST:
        return Past({}, there, 0)
    wanted = [key for key in keys if key in ALL_AT_ONCE and selection.tells(METRICS[key].about)]
    since = {about: _measured_since(selection, about) for about in {METRICS[key].about for key in wanted}}
    begun = min((day for day in since.values() if day), default=None)
    spans = [span for span in spans if begun and span.first >= begun]
    if len(spans) < FEWEST:
        return Past({}, there, len(spans))
    each = values_each(selection, spans, at=at, viewer=viewer, only=wanted)
    found = {}
    for key in wanted:
        first = since[METRICS[key].about]
        known = [
            value
            for span, values in zip(spans, each, strict=True)
            if first and span.first >= first and (value := values.get(key)) is not None
        ]
        if len(known) >= FEWEST:
            found[key] = Usual(key, median(known), min(known), max(known), len(known))
    return Past(found, there, len(spans))


def spans_before(window: Window) -> list[Window]:
    """As many days, or the same kind of period, again and again through the year before; the oldest first."""
    found, one = [], window.before()
    while one.first >= window.first - YEAR:
        found.append(one)
        one = one.before()
    return found[::-1]


def _measured_since(selection: Selection, about: About) -> date | None:
    """The first day of which anything is known of the part: what lies before it was not measured, which is not 0."""
    if about == "published":
        everywhere = selection.on(Window(date(2000, 1, 1), selection.window.last, selection.window.zone))
        first = published(everywhere).order_by("accepted_at").values_list("accepted_at", flat=True).first()
        return first.astimezone(selection.window.zone).date() if first else None
    rows: Any
    if about == "worked":
        rows = DailyResponses.objects.filter(department_id__in=selection.departments or [0])
    elif selection.topic:
        rows = DailyTopics.objects.filter(topic_id=selection.topic)
    else:
        rows = DailyMentions.objects.filter(query_id=selection.query or 0)
    first_day: date | None = rows.filter(selection.on_side()).order_by("day").values_list("day", flat=True).first()
    return first_day


def _counted(kind: str, value: float) -> float:
    """Between two numbers of something lies no number of it: the middle of 3 and 4 is said as 4."""
    return round(value) if kind == "count" else value


def sentences(past: Past, now: Mapping[str, float | None], currency: str = "") -> Sequence[str]:
    """How what is told lies in what is usual; nothing where nobody can say."""
    told = []
    for key, one in past.found.items():
        value = now.get(key)
        if value is None:
            continue
        words = {
            "what": str(METRICS[key].label), "now": said(METRICS[key].kind, value, currency=currency), "n": one.spans,
            "usual": one.said(currency),
        }  # fmt: skip
        if value > one.highest:
            told.append(_("%(what)s: %(now)s, more than in any of the %(n)s spans before; usual is %(usual)s.") % words)
        elif value < one.lowest:
            told.append(_("%(what)s: %(now)s, less than in any of the %(n)s spans before; usual is %(usual)s.") % words)
        else:
            told.append(_("%(what)s: %(now)s, within what is usual, %(usual)s.") % words)
    return told
